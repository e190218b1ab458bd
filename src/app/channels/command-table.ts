import { compose, type Run, type Step } from '../../chain/compose.ts'
import { GoWebError, isGoWebError } from '../../errors/goweb-error.ts'
import { isCanonicalName } from '../../protocol/channel-name.ts'
import type { ChannelPolicy } from '../../realtime/realtime-handlers.ts'
import { Router } from '../../router/router.ts'
import { stepsFor, type StepEntry } from '../step-entry.ts'
import type { CallEntry } from './call-entry.ts'
import type { ChannelEntry } from './channel-entry.ts'
import type { CallCommand, NamedChannel, PublishCommand, SubscribeCommand } from './command-kinds.ts'
import { toCallResult, toGranted } from './command-result.ts'
import { compileCall } from './compile-call.ts'
import { compileKey, type KeyFor } from './compile-key.ts'
import { compilePublish } from './compile-publish.ts'
import { compileLook, compileSubscribe } from './compile-subscribe.ts'
import { eventsOf } from './events-of.ts'
import type { ErrorScope } from './run-command.ts'
import type { RunningCommand } from './running-command.ts'

/** A channel pattern with its chains compiled. */
export interface CompiledChannel {
  readonly policy: ChannelPolicy
  readonly events: ReadonlySet<string>
  /** For what the server publishes. */
  readonly keyOf: KeyFor
  readonly subscribe: Run<SubscribeCommand>
  readonly publish: Run<PublishCommand>
  readonly presence: Run<SubscribeCommand>
  readonly history: Run<SubscribeCommand>
  readonly scopes: readonly ErrorScope[]
}

/** A channel that a name belongs to. */
export interface FoundChannel extends NamedChannel {
  readonly compiled: CompiledChannel
}

/** A call with its chain compiled. */
export interface CompiledCall {
  readonly name: string
  readonly isIdempotent: boolean
  readonly run: Run<CallCommand>
  readonly scopes: readonly ErrorScope[]
}

const NO_FACTS = { host: '', scheme: '', header: () => undefined, query: () => undefined }

/** The channels and calls of an app, by pattern and by name. */
export class CommandTable {
  /** A channel name is found as the path of a request is, so that one syntax of patterns holds for both. */
  readonly #router: Router<CompiledChannel> = new Router()
  readonly #calls = new Map<string, CompiledCall>()
  #channels = 0

  /** Whether there is anything to connect for. */
  get isEmpty(): boolean {
    return this.#channels + this.#calls.size === 0
  }

  /** @throws `CHANNEL_CONFLICT`, `PATTERN_INVALID`; the table is then as before. */
  addChannel(entry: ChannelEntry, steps: readonly StepEntry[], scopes: readonly ErrorScope[]): void {
    const { pattern, policy, definition } = entry
    const subscribeSteps = commandSteps(steps, 'subscribe')
    const value: CompiledChannel = {
      policy: { ...policy, pattern },
      events: new Set(eventsOf(definition).keys()),
      keyOf: compileKey(entry),
      subscribe: compose(subscribeSteps, compileSubscribe(entry), toGranted),
      publish: compose(commandSteps(steps, 'publish'), compilePublish(entry), toGranted),
      presence: compose(subscribeSteps, compileLook(entry, 'presence'), toGranted),
      history: compose(subscribeSteps, compileLook(entry, 'history'), toGranted),
      scopes,
    }
    try {
      this.#router.add({ method: 'GET', pattern: `/${pattern}`, value })
    } catch (error) {
      throw isGoWebError(error) && error.code === 'ROUTE_CONFLICT' ? conflict(pattern, error) : error
    }
    this.#channels++
  }

  /** @throws `CALL_CONFLICT`; the table is then as before. */
  addCall(entry: CallEntry, steps: readonly StepEntry[], scopes: readonly ErrorScope[]): void {
    const { name, options } = entry
    if (this.#calls.has(name)) {
      throw new GoWebError('CALL_CONFLICT', `There is a call ${name} already: change or remove one`)
    }
    const run = compose(commandSteps(steps, 'call'), compileCall(entry), toCallResult)
    this.#calls.set(name, { name, isIdempotent: options.idempotent === true, run, scopes })
  }

  /** The channel of a name; undefined when no pattern matches, or the name is not written in the canonical way. */
  findChannel(name: string): FoundChannel | undefined {
    if (!isCanonicalName(name)) return undefined
    const result = this.#router.find('GET', `/${name}`, NO_FACTS)
    if (result.kind !== 'match') return undefined
    const { value: compiled, pattern } = result.route
    // In a rest, a slash and an encoded slash would be one value of two names.
    if (pattern.endsWith('...}') && name.includes('%2F')) return undefined
    return { name, pattern: compiled.policy.pattern, params: result.params, compiled }
  }

  findCall(name: string): CompiledCall | undefined {
    return this.#calls.get(name)
  }
}

function commandSteps<Command extends RunningCommand>(
  steps: readonly StepEntry[],
  kind: 'subscribe' | 'publish' | 'call',
): readonly Step<Command>[] {
  // Middleware that runs for commands asks for no more than the base of all contexts.
  return stepsFor(steps, kind) as unknown as readonly Step<Command>[]
}

function conflict(pattern: string, cause: GoWebError): GoWebError {
  return new GoWebError(
    'CHANNEL_CONFLICT',
    `The channel ${pattern} matches the same names as one that was added before: change or remove one`,
    { cause },
  )
}

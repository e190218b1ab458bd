import { compose, type Run, type Step } from '../../chain/compose.ts'
import type { ChannelAccess } from '../../chain/channel-access.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { ConnectRequest, RpcRequest } from '../../protocol/command.ts'
import type { Json } from '../../protocol/json.ts'
import type {
  ChannelBinding,
  ConnectGrant,
  ConnectionView,
  RealtimeHandlers,
  RefreshGrant,
} from '../../realtime/realtime-handlers.ts'
import type { MaybePromise } from '../route-types.ts'
import { stepsFor, type StepEntry } from '../step-entry.ts'
import { andThen } from './and-then.ts'
import type { Authenticate } from './authenticate.ts'
import { BoundChannel } from './bound-channel.ts'
import { CallCommand, ConnectCommand } from './command-kinds.ts'
import { toGranted, type Granted } from './command-result.ts'
import type { CommandTable } from './command-table.ts'
import { compileConnect } from './compile-connect.ts'
import type { OpeningRequest } from './opening-request.ts'
import { isHandled, runCommand, type ErrorScope } from './run-command.ts'
import type { CommandHost } from './running-command.ts'

type Connection = ConnectionView<OpeningRequest>

/** What an app decides about its connections, as it stands at the moment. */
export interface CommandSource extends ErrorScope {
  /** Replaced by another one after an addition that was refused. */
  readonly commands: CommandTable
  readonly connectSteps: readonly StepEntry[] | undefined
  readonly authenticate: Authenticate<{}> | undefined
}

/** An app as its node sees it: chains, rules, schemas and handlers. */
export class AppHandlers implements RealtimeHandlers<OpeningRequest>, CommandHost {
  readonly channels: ChannelAccess
  readonly #report: CommandHost['report']
  readonly #source: CommandSource
  readonly #aborts = new WeakMap<Connection, AbortController>()
  #connect: { readonly run: Run<ConnectCommand>; readonly steps: unknown; readonly hook: unknown } | undefined

  constructor(source: CommandSource, channels: ChannelAccess, report: CommandHost['report']) {
    this.#source = source
    this.channels = channels
    this.#report = report
  }

  report(error: unknown, where: string): void {
    if (!isHandled(error)) this.#report(error, where)
  }

  connect(connection: Connection, { token = '', data }: ConnectRequest): MaybePromise<ConnectGrant> {
    return this.#authenticate(new ConnectCommand(this, connection, { sent: data, token, isRefresh: false }))
  }

  refresh(connection: Connection, token: string): MaybePromise<RefreshGrant> {
    const c = new ConnectCommand(this, connection, { sent: undefined, token, isRefresh: true })
    return andThen(this.#authenticate(c), (grant) => {
      if (grant.user === connection.user) return grant
      throw new GoWebError('USER_CHANGED')
    })
  }

  channel(name: string): ChannelBinding<OpeningRequest> | undefined {
    const found = this.#source.commands.findChannel(name)
    return found === undefined ? undefined : new BoundChannel(this, found)
  }

  call(
    connection: Connection,
    { method = '', data, id }: RpcRequest,
    signal: AbortSignal,
  ): MaybePromise<Json | undefined> {
    const call = this.#source.commands.findCall(method)
    if (call === undefined) {
      throw new GoWebError('CALL_UNKNOWN', `There is no call ${JSON.stringify(method.slice(0, 100))}`)
    }
    const callId = call.isIdempotent ? id : undefined
    const c = new CallCommand(this, connection, { name: call.name, id: callId, input: data, signal })
    // What JSON makes of the result is the encoder's matter.
    return runCommand(call.run, c, call.scopes) as MaybePromise<Json | undefined>
  }

  /** Nothing listens to messages that expect no answer: a call does the same and tells what became of it. */
  message(): void {}

  disconnected(connection: Connection): void {
    this.#aborts.get(connection)?.abort()
  }

  signalOf(connection: Connection): AbortSignal {
    let abort = this.#aborts.get(connection)
    if (abort === undefined) {
      abort = new AbortController()
      this.#aborts.set(connection, abort)
    }
    return abort.signal
  }

  #authenticate(c: ConnectCommand): MaybePromise<ConnectGrant> {
    const result = runCommand(this.#connectRun(), c, [this.#source]) as MaybePromise<Granted<ConnectGrant>>
    return andThen(result, ({ grant }) => grant)
  }

  /** Compiled once; anew when middleware or hook are others. */
  #connectRun(): Run<ConnectCommand> {
    const { connectSteps: steps = [], authenticate: hook } = this.#source
    if (this.#connect?.steps !== steps || this.#connect.hook !== hook) {
      // Middleware that runs for commands asks for no more than the base of all contexts.
      const own = stepsFor(steps, 'connect') as unknown as readonly Step<ConnectCommand>[]
      this.#connect = { run: compose(own, compileConnect(hook), toGranted), steps, hook }
    }
    return this.#connect.run
  }
}

import type { SubscribeRequest } from '../../protocol/command.ts'
import type {
  AcceptedPublication,
  ChannelBinding,
  ChannelPolicy,
  ConnectionView,
  PublishMessage,
  SubscribeGrant,
} from '../../realtime/realtime-handlers.ts'
import type { MaybePromise } from '../route-types.ts'
import { andThen } from './and-then.ts'
import { PublishCommand, SubscribeCommand } from './command-kinds.ts'
import type { Granted } from './command-result.ts'
import type { FoundChannel } from './command-table.ts'
import type { OpeningRequest } from './opening-request.ts'
import { runCommand } from './run-command.ts'
import type { CommandHost } from './running-command.ts'

type Connection = ConnectionView<OpeningRequest>

/** One channel by its name, with the chains of its pattern. */
export class BoundChannel implements ChannelBinding<OpeningRequest> {
  readonly policy: ChannelPolicy
  readonly #host: CommandHost
  readonly #found: FoundChannel

  constructor(host: CommandHost, found: FoundChannel) {
    this.policy = found.compiled.policy
    this.#host = host
    this.#found = found
  }

  /** The server's own decision to subscribe somebody is no command, and asks no rule. */
  subscribe(
    connection: Connection,
    { data }: SubscribeRequest,
    isServerSide: boolean,
  ): MaybePromise<SubscribeGrant> {
    if (isServerSide) return {}
    return this.#look('subscribe', connection, data)
  }

  publish(connection: Connection, sent: PublishMessage): MaybePromise<AcceptedPublication> {
    const { compiled } = this.#found
    const { event, data, id } = compiled.events.size > 0 ? unwrapped(sent) : sent
    const c = new PublishCommand(this.#host, connection, { channel: this.#found, event, data, id })
    return andThen(
      runCommand(compiled.publish, c, compiled.scopes) as MaybePromise<Granted<AcceptedPublication>>,
      ({ grant }) => grant,
    )
  }

  allow(connection: Connection, what: 'presence' | 'history'): MaybePromise<void> {
    return andThen(this.#look(what, connection, undefined), () => undefined)
  }

  #look(
    what: 'subscribe' | 'presence' | 'history',
    connection: Connection,
    sent: unknown,
  ): MaybePromise<SubscribeGrant> {
    const c = new SubscribeCommand(this.#host, connection, { channel: this.#found, sent })
    const { compiled } = this.#found
    const result = runCommand(compiled[what], c, compiled.scopes) as MaybePromise<Granted<SubscribeGrant>>
    return andThen(result, ({ grant }) => grant)
  }
}

/** Clients that know no events put the event's name beside the data: `{ event, data, id? }`. */
function unwrapped(message: PublishMessage): PublishMessage {
  const { event, data, id } = message
  if (event !== undefined || typeof data !== 'object' || data === null || Array.isArray(data)) return message
  const inner = data as Readonly<Record<string, unknown>>
  if (typeof inner['event'] !== 'string') return message
  return {
    event: inner['event'],
    data: (inner['data'] ?? null) as PublishMessage['data'], // A part of JSON is JSON.
    id: typeof inner['id'] === 'string' ? inner['id'] : id,
  }
}

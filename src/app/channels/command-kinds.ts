import type { ConnectionView } from '../../realtime/realtime-handlers.ts'
import type { OpeningRequest } from './opening-request.ts'
import { RunningCommand, type CommandFacts, type CommandHost } from './running-command.ts'

type Connection = ConnectionView<OpeningRequest>

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null))

/** A connection opens or brings a new token: the implementation of `ConnectContext`. */
export class ConnectCommand extends RunningCommand {
  readonly sent: unknown
  readonly isRefresh: boolean
  readonly #token: string

  constructor(
    host: CommandHost,
    connection: Connection,
    request: { sent: unknown; token: string; isRefresh: boolean },
  ) {
    super({ kind: 'connect', route: '', params: NO_PARAMS }, host, connection)
    this.sent = request.sent
    this.isRefresh = request.isRefresh
    this.#token = request.token
  }

  /** Only for the hook: what is no property is in no log. */
  static tokenOf(c: ConnectCommand): string {
    return c.#token
  }
}

/** A channel with its name taken apart. */
export interface NamedChannel {
  readonly name: string
  readonly pattern: string
  readonly params: Readonly<Record<string, string>>
}

function factsOf(kind: CommandFacts['kind'], { pattern, params }: NamedChannel): CommandFacts {
  return { kind, route: pattern, params }
}

/** The implementation of `SubscribeContext`. */
export class SubscribeCommand extends RunningCommand {
  readonly channel: string
  readonly sent: unknown

  constructor(
    host: CommandHost,
    connection: Connection,
    { channel, sent }: { channel: NamedChannel; sent: unknown },
  ) {
    super(factsOf('subscribe', channel), host, connection)
    this.channel = channel.name
    this.sent = sent
  }
}

/** The implementation of `PublishContext`. */
export class PublishCommand extends RunningCommand {
  readonly channel: string
  readonly event: string | undefined
  readonly publishId: string | undefined
  readonly #data: unknown

  constructor(
    host: CommandHost,
    connection: Connection,
    message: { channel: NamedChannel; event: string | undefined; id: string | undefined; data: unknown },
  ) {
    super(factsOf('publish', message.channel), host, connection)
    this.channel = message.channel.name
    this.event = message.event
    this.publishId = message.id
    this.#data = message.data
  }

  /** What the client sent, unchecked; not a property, whose name a middleware may want. */
  static dataOf(c: PublishCommand): unknown {
    return c.#data
  }
}

/** The implementation of `CallContext`. */
export class CallCommand extends RunningCommand {
  readonly callId: string | undefined
  readonly #input: unknown
  readonly #signal: AbortSignal

  constructor(
    host: CommandHost,
    connection: Connection,
    call: { name: string; id: string | undefined; input: unknown; signal: AbortSignal },
  ) {
    super({ kind: 'call', route: call.name, params: NO_PARAMS }, host, connection)
    this.callId = call.id
    this.#input = call.input
    this.#signal = call.signal
  }

  override get signal(): AbortSignal {
    return this.#signal
  }

  /** What the client sent, unchecked. */
  static inputOf(c: CallCommand): unknown {
    return c.#input
  }
}

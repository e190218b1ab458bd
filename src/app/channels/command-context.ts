import type { BaseContext } from '../../chain/base-context.ts'
import type { CommandConnection } from '../../chain/channel-access.ts'
import type { ErrorCode } from '../../errors/codes.ts'

type Command = 'connect' | 'subscribe' | 'publish' | 'call'

/** What the contexts of all commands have. */
interface AnyCommandContext<K extends Command, Params> extends Omit<
  BaseContext,
  'kind' | 'params' | 'connection'
> {
  readonly kind: K
  /** Variables of the channel's name, percent-decoded. */
  readonly params: Params
  readonly connection: CommandConnection
  /**
   * Refuses the command: throws a `GoWebError`, whose code and message the client gets.
   *
   * @param code default: `FORBIDDEN`.
   */
  refuse(code?: ErrorCode, message?: string): never
}

/** A connection that opens, or brings a new token, as `authenticate` and the chain see it. */
export interface ConnectContext extends AnyCommandContext<'connect', {}> {
  /** What the client sent along. */
  readonly sent: unknown
  /** Whether the connection is there already and only its token is new. */
  readonly isRefresh: boolean
}

/** A subscription to a channel, as its rules and the chain see it. */
export interface SubscribeContext<Params = Readonly<Record<string, string>>> extends AnyCommandContext<
  'subscribe',
  Params
> {
  /** Name of the channel. */
  readonly channel: string
  /** What the client sent along. */
  readonly sent: unknown
}

/** A publish of a client, as the channel's rules, its handlers and the chain see it. */
export interface PublishContext<Params = Readonly<Record<string, string>>> extends AnyCommandContext<
  'publish',
  Params
> {
  /** Name of the channel. */
  readonly channel: string
  /** Name of the event; undefined on a channel without events. */
  readonly event: string | undefined
  /** The publisher's idempotency key: the same in a repeat. */
  readonly publishId: string | undefined
}

/** A call, as its handler and the chain see it. `signal` is aborted when the connection has gone. */
export interface CallContext extends AnyCommandContext<'call', {}> {
  /** The caller's idempotency key, the same in a repeat; only of calls that are declared `idempotent`. */
  readonly callId: string | undefined
}

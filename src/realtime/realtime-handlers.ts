import type { ConnectRequest, RpcRequest, SubscribeRequest } from '../protocol/command.ts'
import type { Json } from '../protocol/json.ts'
import type { HistoryLimits, MaybePromise } from './broker.ts'

/**
 * What an app decides: everything that passes its chain, its rules and its schemas.
 *
 * `realtime` calls it and does the rest: state, order, recovery, limits, delivery. Every method may throw or reject with a
 * `GoWebError`, which becomes the error reply or the disconnect of its code; any other error is reported and told as internal.
 *
 * @typeParam Request what the app keeps of the request that opened the connection.
 */
export interface RealtimeHandlers<Request = unknown> {
  /** The chain of kind `connect` and the `authenticate` hook. Throws to refuse the connection. */
  connect(connection: ConnectionView<Request>, request: ConnectRequest): MaybePromise<ConnectGrant>
  /** Checks a new token of a live connection. */
  refresh(connection: ConnectionView<Request>, token: string): MaybePromise<RefreshGrant>
  /** The definition of a channel; undefined when no pattern matches, or the name is not written in the canonical way. */
  channel(name: string): ChannelBinding<Request> | undefined
  /** The chain of kind `call`. @throws `CALL_UNKNOWN` */
  call(
    connection: ConnectionView<Request>,
    request: RpcRequest,
    signal: AbortSignal,
  ): MaybePromise<Json | undefined>
  /** A message that expects no answer. */
  message(connection: ConnectionView<Request>, data: Json | undefined): MaybePromise<void>
  /** A connection that was connected is gone; not told of those whose `connect` was never answered. */
  disconnected(connection: ConnectionView<Request>, code: number, reason: string): void
  /** Where errors go that nobody else takes. */
  report(error: unknown, where: string): void
}

/** A connection as an app sees it. */
export interface ConnectionView<Request = unknown> {
  /** Id of the connection, random. */
  readonly id: string
  /** Of the user; `''` until it is connected and for anonymous ones. */
  readonly user: string
  /** What the connect grant gave to keep. */
  readonly state: unknown
  readonly request: Request
  /** Ends it. */
  disconnect(code: number, reason: string): void
}

export interface ConnectGrant {
  /** `''` for anonymous. */
  readonly user: string
  /** Milliseconds since 1970 when the connection's authentication ends; undefined: never. */
  readonly expiresAtMs?: number | undefined
  /** For all to see, in presence and in publications. */
  readonly info?: Json | undefined
  /** Only for the client, in its connect reply. */
  readonly data?: Json | undefined
  /** Channels to subscribe to at once, without being asked. */
  readonly channels?: readonly string[] | undefined
  /** Comes back as `ConnectionView.state`. */
  readonly state?: unknown
}

export interface RefreshGrant {
  readonly expiresAtMs?: number | undefined
  readonly info?: Json | undefined
}

/** A channel's definition as far as delivery needs it. */
export interface ChannelPolicy {
  /** The pattern, for reports and statistics. */
  readonly pattern: string
  readonly delivery: 'live' | 'latest' | 'replay'
  /** Most keys of a `latest` channel; 0 for others. */
  readonly maxKeys: number
  /** What is kept; undefined for `live` and `latest`. */
  readonly history: HistoryLimits | undefined
  readonly hasPresence: boolean
  /** Whether subscribers may be told who joins and leaves. */
  readonly hasJoinLeave: boolean
  /** How long a repeated idempotency key is recognised. */
  readonly idempotencyWindowMs: number
}

/** One channel with the rules that hold for it. Refusing is throwing. */
export interface ChannelBinding<Request = unknown> {
  readonly policy: ChannelPolicy
  /** The chain of kind `subscribe` and the rule. */
  subscribe(
    connection: ConnectionView<Request>,
    request: SubscribeRequest,
    isServerSide: boolean,
  ): MaybePromise<SubscribeGrant>
  /** The chain of kind `publish`, the schema and the handler of the event; the connection is subscribed. */
  publish(connection: ConnectionView<Request>, message: PublishMessage): MaybePromise<AcceptedPublication>
  /** Whether it may see who is there, or read the history: the rules, `subscribe`'s by default. */
  allow(connection: ConnectionView<Request>, what: 'presence' | 'history'): MaybePromise<void>
}

export interface SubscribeGrant {
  /** For all to see, in presence and in publications. */
  readonly info?: Json | undefined
  /** Only for the subscriber, in its reply. */
  readonly data?: Json | undefined
  readonly expiresAtMs?: number | undefined
}

/** What a client wants to publish. */
export interface PublishMessage {
  /** Undefined on channels without events. */
  readonly event: string | undefined
  readonly data: Json
  /** Idempotency key. */
  readonly id: string | undefined
}

/** What goes to the subscribers. */
export interface AcceptedPublication {
  readonly data: Json
  readonly event?: string | undefined
  /** Idempotency key, where it was part of the data (clients that know no events). Default: that of the message. */
  readonly id?: string | undefined
  /** Of a `latest` channel. */
  readonly key?: string | undefined
  readonly removed?: boolean
}

import type { Json } from './json.ts'
import type { StreamPosition } from './publication.ts'

// Client protocol of Centrifuge, version 2 (github.com/centrifugal/protocol, definitions/client.proto), JSON form.
// A frame of a client holds one command a line; an empty object is the answer to a ping of the server.

/** Subscribing to a channel, also as part of `connect`. */
export interface SubscribeRequest {
  readonly channel: string
  readonly token?: string
  /** Go on after `offset` of the stream `epoch`. */
  readonly recover?: boolean
  readonly epoch?: string
  readonly offset?: number
  readonly data?: Json
  readonly positioned?: boolean
  readonly recoverable?: boolean
  readonly join_leave?: boolean
  /** GoWeb, `latest` channels: all values are wanted, not only what has changed since the position. */
  readonly snapshot?: boolean
}

export interface ConnectRequest {
  readonly token?: string
  readonly data?: Json
  readonly subs?: Readonly<Record<string, SubscribeRequest>>
  /** Name and version of the client's software. */
  readonly name?: string
  readonly version?: string
}

export interface PublishRequest {
  readonly channel: string
  readonly data: Json
  /** GoWeb: name of the event. */
  readonly event?: string
  /** GoWeb: idempotency key, a random UUID. */
  readonly id?: string
  /** GoWeb: id of the command of the publish before it, which is not answered yet: only if that one is stored, or refused for good. */
  readonly after?: number
}

export interface HistoryRequest {
  readonly channel: string
  /** At most so many; 0 or absent: none, only the position. */
  readonly limit?: number
  readonly since?: StreamPosition
  readonly reverse?: boolean
}

export interface RpcRequest {
  readonly method?: string
  readonly data?: Json
  /** GoWeb: idempotency key of calls that are declared idempotent. */
  readonly id?: string
}

/** One command; exactly one of the parts behind `id` is there. */
export interface Command {
  /** From 1, rising; absent or 0 only for `send` and pongs, which get no reply. */
  readonly id?: number
  readonly connect?: ConnectRequest
  readonly subscribe?: SubscribeRequest
  readonly unsubscribe?: { readonly channel: string }
  readonly publish?: PublishRequest
  readonly presence?: { readonly channel: string }
  readonly presence_stats?: { readonly channel: string }
  readonly history?: HistoryRequest
  readonly ping?: Readonly<Record<string, never>>
  readonly send?: { readonly data?: Json }
  readonly rpc?: RpcRequest
  readonly refresh?: { readonly token?: string }
  readonly sub_refresh?: { readonly channel: string; readonly token?: string }
}

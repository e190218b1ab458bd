import type { Json } from './json.ts'

/** Who published or is present: a connection of a user (`ClientInfo` of the Centrifuge protocol). */
export interface ClientInfo {
  /** Id of the user; `''` for anonymous ones. */
  readonly user: string
  /** Id of the connection. */
  readonly client: string
  /** What `authenticate` said of the connection, for all to see. */
  readonly conn_info?: Json
  /** What the channel's `subscribe` rule said, for all to see. */
  readonly chan_info?: Json
}

/** A message of a channel. */
export interface Publication<Data = Json> {
  readonly data: Data
  /** Of whom; absent when the server published. */
  readonly info?: ClientInfo
  /** Place in the channel's stream; absent in channels without history. */
  readonly offset?: number
  /** `event`: its name; `id`: the publisher's idempotency key. */
  readonly tags?: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly time?: number
  /** Key of a `latest` channel. */
  readonly key?: string
  /** The key has no value any more. */
  readonly removed?: boolean
}

/** A place in a channel's stream: everything up to `offset` of the stream `epoch` is known. */
export interface StreamPosition {
  readonly offset: number
  /** Changes when the stream starts anew: offsets of different epochs cannot be compared. */
  readonly epoch: string
}

import type { Json } from '../protocol/json.ts'
import type { Publication } from '../protocol/publication.ts'
import type { ConnectionState } from './connection.ts'

/** A state and why it was reached. */
export interface StateChange<State> {
  readonly state: State
  /** From 2000 on the server's, below 100 the client's own; `docs/client.md` lists them. */
  readonly code: number
  readonly reason: string
}

/** What `client.on` hands to its handlers. */
export interface ClientEvents {
  readonly state: StateChange<ConnectionState>
  /** The server sent something to this connection or its user. */
  readonly message: Json | undefined
  /** A publication of a channel that the server subscribed the connection to; at most once. */
  readonly publication: { readonly channel: string; readonly publication: Publication }
}

import type { MaybePromise } from '../route-types.ts'
import type { ConnectContext } from './command-context.ts'

/** Who a connection belongs to, as the `authenticate` hook says. */
export interface Authentication {
  /** Id of the user; `''` for anonymous. */
  readonly user: string
  /** When the authentication ends unless the client brings a new token. Default: never. */
  readonly expiresAt?: Date | undefined
  /** For all to see, in presence and in publications. JSON. */
  readonly info?: unknown
  /** Only for the client, with the answer. JSON. */
  readonly data?: unknown
  /** Channels to subscribe to at once, without being asked; without asking their rules. */
  readonly channels?: readonly string[]
  /** For you to keep: `c.connection.state` in every command. */
  readonly state?: unknown
}

/**
 * Decides who opens a channel connection: by the client's token, a cookie or a header.
 *
 * Called again when the client brings a new token for the same user. Returning nothing, throwing or `c.refuse()` refuses.
 *
 * @param token `''` where the client gave none.
 */
export type Authenticate<State> = (
  c: ConnectContext & State,
  token: string,
) => MaybePromise<Authentication | undefined | null | false>

import type { Clock } from '../internal/clock.ts'
import type { Json } from '../protocol/json.ts'
import type { OutboxStore } from './outbox-store.ts'
import type { WebSocketConstructor } from './web-socket-like.ts'

/** Options of `connect`. */
export interface ConnectOptions {
  /**
   * Gives the token that the server's `authenticate` gets; `null` means that there is none any more and ends the connection.
   *
   * Called when the client connects, before the token expires, to refresh it on the live connection, and when the server says that
   * it has expired. When it fails, it is called again later.
   */
  readonly getToken?: () => string | null | Promise<string | null>
  /** What the server's `authenticate` gets besides. */
  readonly data?: Json
  /** How long to wait for the connection, for an answer, and for the connection's end to be noticed after a missed ping. Default: 10,000. */
  readonly timeoutMs?: number
  /** Shortest wait before connecting again. Default: 200. */
  readonly minReconnectDelayMs?: number
  /** Longest wait before connecting again. Default: 20,000. */
  readonly maxReconnectDelayMs?: number
  /** Publishes that may wait to be sent or acknowledged; more are refused with `OUTBOX_FULL`. Default: 1,000. */
  readonly maxOutboxItems?: number
  /**
   * How long after its first sending an unacknowledged publish may be sent again; afterwards it rejects with
   * `PUBLISH_OUTCOME_UNKNOWN`. Has to be less than the channel's `idempotencyWindow`, 2 minutes by default, by as much as
   * a message can be late. Default: 60,000.
   */
  readonly resendWindowMs?: number
  /** Keeps publishes beyond the page: `persistentOutbox({ user })` of `goweb/client/outbox`. Default: they are in memory only. */
  readonly outbox?: OutboxStore
  /** Publications that a subscription keeps for handlers that do not exist yet. Default: 1,000. */
  readonly maxWaitingPublications?: number
  /** Gets errors that handlers throw and those of `getToken`. Default: they are reported as uncaught, as those of event listeners are. */
  readonly onError?: (error: unknown) => void
  /** Opens connections. Default: the global `WebSocket`. */
  readonly WebSocket?: WebSocketConstructor
  /** Time and chance. Default: the real ones. */
  readonly clock?: Clock
}

import type { Clock } from '../internal/clock.ts'
import type { ClientError } from './client-error.ts'

/** When a publish may have reached the server for the first time. */
export interface Sending {
  readonly atMs: number
  /** Until then it may be sent again. */
  readonly untilMs: number
  /** Of the channel's stream; undefined where nothing is kept, and nothing may be sent again. */
  readonly epoch: string | undefined
}

/** A publish, until it is known what became of it. */
export interface OutboxItem {
  /** The publish command, encoded. */
  readonly body: string
  /** Undefined while it is only queued. */
  sent: Sending | undefined
  readonly resolve: () => void
  readonly reject: (error: ClientError) => void
  isInFlight: boolean
  /** Of the command that it is on its way with; undefined while it is not, or is only being noted. */
  commandId?: number | undefined
  cancelTimer: (() => void) | undefined
}

/** What a store sees of the client that it works for. */
export interface OutboxHost {
  /** Address of the server. */
  readonly url: string
  readonly clock: Clock
  readonly onError: (error: unknown) => void
  /** Takes in what earlier pages have left, before what waits already. */
  restore(channel: string, items: readonly OutboxItem[]): void
  /** Ends all that waits. */
  drop(error: ClientError): void
}

/**
 * Keeps the publishes of a client beyond its page, such as `persistentOutbox` does.
 *
 * It is used by one client at a time.
 */
export interface OutboxStore {
  /** Whose publishes it keeps. A connection that the server takes for another user's is closed. */
  readonly user: string
  /** What earlier pages have left is handed over; it never rejects. The client connects after that. */
  readonly ready: Promise<void>
  start(host: OutboxHost): void
  /** The client is closed: what is kept stays where it is. */
  stop(): void
  /** Whether a publish of this length is too much. */
  isFull(body: string): boolean
  /**
   * Notes an item as it is now.
   *
   * @param onSaved called once that is certain, in the order of the calls; with an error when the item must not be sent.
   */
  save(item: OutboxItem, onSaved?: (error?: ClientError) => void): void
  /** Forgets an item. @param error why it is not stored; undefined when it is. */
  remove(item: OutboxItem, error?: ClientError): void
}

import { browserDevice } from './browser-device.ts'
import type { OutboxDurability } from './indexed-db-rows.ts'
import { PersistentOutbox } from './persistent-outbox.ts'

export type { OutboxDurability } from './indexed-db-rows.ts'
export type { KeptPublish } from './outbox-entry.ts'
export type { PersistentOutbox, PersistentOutboxEvents } from './persistent-outbox.ts'

const DAY_MS = 86_400_000

/** Options of `persistentOutbox`. */
export interface PersistentOutboxOptions {
  /**
   * Whose publishes it keeps: the `user` that the server's `authenticate` returns, `''` for anonymous users.
   *
   * A connection that the server takes for another user's is closed (code 7), and nothing is sent.
   */
  readonly user: string
  /** Publishes that have waited longer are not sent any more (`OUTBOX_EXPIRED`). Default: 86,400,000, a day. */
  readonly maxAgeMs?: number
  /** Characters of all publishes that a page has waiting; more are refused (`OUTBOX_FULL`). Default: 5,000,000. */
  readonly maxCharacters?: number
  /** `strict` waits until the disk has it, so that it survives a crash of the machine too. Default: `relaxed`. */
  readonly durability?: OutboxDurability
}

/**
 * Makes an outbox that survives a reload and a crash of its page, to be given to `connect`.
 *
 * Every publish is written to IndexedDB before it is sent, and is taken care of by one page at a time: the one that published it, and when that is
 * gone, one that is open or opened next. What the device cannot keep is sent from memory, and `onError` of the client is told so (`OUTBOX_STORAGE_FAILED`).
 *
 * @throws `OPTION_INVALID` where there is no browser.
 *
 * @example
 * import { connect } from 'goweb/client'
 * import { persistentOutbox } from 'goweb/client/outbox'
 * const outbox = persistentOutbox({ user: 'u42' })
 * const client = connect('/', { outbox })
 * outbox.on('failed', ({ publish, error }) => console.warn(publish.data, error.code))
 */
export function persistentOutbox(options: PersistentOutboxOptions): PersistentOutbox {
  const { user, maxAgeMs = DAY_MS, maxCharacters = 5_000_000, durability = 'relaxed' } = options
  return new PersistentOutbox({ user, maxAgeMs, maxCharacters }, browserDevice(durability))
}

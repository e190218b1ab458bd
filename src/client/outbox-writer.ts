import type { Clock } from '../internal/clock.ts'
import { ClientError } from './client-error.ts'
import type { OutboxRows } from './outbox-device.ts'
import { cleared, expired, rowOf, storageFailed, type OutboxEntry } from './outbox-entry.ts'

/** What a {@link OutboxWriter} needs of its session. */
export interface WriterHost {
  readonly clock: Clock
  readonly onError: (error: unknown) => void
  /** Nothing can be written any more. */
  onBroken(error: unknown): void
}

interface Waiting {
  readonly entry: OutboxEntry
  readonly onSaved: (error?: ClientError) => void
}

/** Brings entries to the device: one transaction at a time, with all that has changed until it begins. */
export class OutboxWriter {
  readonly #host: WriterHost
  readonly #dirty = new Set<OutboxEntry>()
  /** Whom to call back, in the order in which they asked, which is that of sending. */
  #waiting: Waiting[] = []
  readonly #opened: Promise<void>
  #open: () => void = () => {}
  #rows: OutboxRows | undefined
  #work: Promise<void> | undefined

  constructor(host: WriterHost) {
    this.#host = host
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  /** Lets it begin. @param rows undefined: nothing is kept, and nothing waits for it. */
  open(rows: OutboxRows | undefined): void {
    this.#rows = rows
    this.#open()
  }

  /** The entry has changed. */
  mark(entry: OutboxEntry, onSaved?: (error?: ClientError) => void): void {
    this.#dirty.add(entry)
    if (onSaved) this.#waiting.push({ entry, onSaved })
    this.#work ??= this.#run()
  }

  /** Resolves when everything is written. */
  async finish(): Promise<void> {
    await this.#work
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    await this.#opened
    while (this.#dirty.size > 0) {
      const entries = [...this.#dirty]
      this.#dirty.clear()
      const waiting = this.#waiting
      this.#waiting = []
      const errors = await this.#commit(entries)
      for (const { entry, onSaved } of waiting) onSaved(errors.get(entry))
    }
    this.#work = undefined
  }

  /** Resolves with those that must not be sent. */
  async #commit(
    entries: readonly OutboxEntry[],
    isProbe = false,
  ): Promise<ReadonlyMap<OutboxEntry, ClientError>> {
    const errors = new Map<OutboxEntry, ClientError>()
    const now = this.#host.clock.now()
    const added: OutboxEntry[] = []
    const changed: OutboxEntry[] = []
    const removed: string[] = []
    for (const entry of entries) {
      const isOnDevice = entry.place === 'device'
      if (entry.isOver) {
        if (isOnDevice) removed.push(entry.row.id)
      } else if (now >= entry.row.expiresAtMs) errors.set(entry, expired())
      else if (isOnDevice) changed.push(entry)
      else if (entry.place === 'nowhere') added.push(entry)
    }
    if (this.#rows === undefined) {
      // Its row says that it was not sent, and who takes it over will send it.
      for (const entry of changed) errors.set(entry, leftBehind())
      return errors
    }
    if (added.length + changed.length + removed.length === 0 && !isProbe) return errors
    try {
      const rows = { added: added.map(rowOf), changed: changed.map(rowOf), removed }
      const missing = await this.#rows.write(rows)
      for (const entry of added) entry.place = 'device'
      for (const entry of changed) {
        if (!missing.has(entry.row.id)) continue
        entry.place = 'lost'
        errors.set(entry, cleared())
      }
      return errors
    } catch (error) {
      if (added.length > 0) {
        // Perhaps there is only no room for more, which what is left of the transaction will show: these are sent from memory.
        for (const entry of added) entry.place = 'lost'
        this.#host.onError(
          storageFailed(
            `${added.length} publishes are kept in memory only and do not survive the page`,
            error,
          ),
        )
      } else {
        this.#rows = undefined
        this.#host.onBroken(error)
      }
      return await this.#commit(entries, true)
    }
  }
}

function leftBehind(): ClientError {
  return new ClientError(
    'PUBLISH_OUTCOME_UNKNOWN',
    'The device failed: the publication stays in its outbox, and another page may send it',
  )
}

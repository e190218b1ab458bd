import type { Clock } from '../../internal/clock.ts'
import type { SqliteChannels } from './sqlite-channels.ts'
import { numberOf } from './open-database.ts'
import type { SqliteStore, SweptRow } from './sqlite-store.ts'
import type { SqliteStream } from './sqlite-stream.ts'
import type { Placer } from './placer.ts'
import { trim } from './trimmer.ts'

const IDLE_MS = 1_000
const BUSY_MS = 50
/** How long one step may take, between its parts. */
const STEP_MS = 2
const STREAMS = 64
const DELETIONS = 256
const PLACES = 256
/** Steps between two looks at how much of the file is free. */
const STEPS_PER_VACUUM = 8
const VACUUM_PAGES = 64
/** Free pages are given back when they are at least so many, and a quarter of the file. */
const MIN_FREE_PAGES = 1_024

interface SweepParts {
  readonly store: SqliteStore
  readonly channels: SqliteChannels
  readonly placer: Placer
  readonly clock: Clock
}

/**
 * Deletes in small steps what channels keep no longer and nobody publishes in, streams that were removed, and keys after their window; gives
 * free pages back.
 *
 * It goes round all streams, however many there are; nothing that a reader sees waits for it.
 */
export class Sweep {
  readonly #store: SqliteStore
  readonly #channels: SqliteChannels
  readonly #placer: Placer
  readonly #clock: Clock
  #cancel: (() => void) | undefined
  #after = 0
  #steps = 0
  #isVacuuming = false
  #nextSweepMs = 0

  constructor({ store, channels, placer, clock }: SweepParts) {
    this.#store = store
    this.#channels = channels
    this.#placer = placer
    this.#clock = clock
  }

  start(): void {
    this.#arm(IDLE_MS)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  #arm(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => {
      let isBusy = false
      try {
        isBusy = this.step()
      } catch {
        // A full disk, say: nothing depends on it now, and it is tried again.
      }
      this.#arm(isBusy ? BUSY_MS : IDLE_MS)
    })
  }

  /** Does a little. Returns whether there is more to do. */
  step(): boolean {
    const nowMs = this.#clock.now()
    const isVacuuming = this.#vacuum()
    const areKeysLeft = this.#store.deleteOrphanedKeys(nowMs, DELETIONS) === DELETIONS
    if (this.#placer.count > 0) this.#place(PLACES)
    // Whether a stream keeps too much changes by the second; only what is found is done at once.
    if (nowMs >= this.#nextSweepMs || nowMs < this.#nextSweepMs - IDLE_MS) {
      this.#nextSweepMs = this.#sweepStreams(nowMs) ? nowMs : nowMs + IDLE_MS
    }
    return this.#nextSweepMs <= nowMs || this.#placer.count > 0 || areKeysLeft || isVacuuming
  }

  /** Enters all that waits into the index, before the file is closed. */
  placeAll(): void {
    this.#place(Infinity, 1)
  }

  #place(limit: number, lag?: number): void {
    let placed: readonly SqliteStream[] = []
    try {
      this.#transact(() => {
        placed = this.#placer.placeSome(limit, 0)
        this.#placer.write(lag)
      })
    } catch (error) {
      this.#placer.abandon()
      throw error
    }
    for (const stream of placed) this.#placer.commit(stream)
  }

  #sweepStreams(nowMs: number): boolean {
    const endMs = performance.now() + STEP_MS
    do {
      const rows = this.#store.streamsAfter(this.#after, STREAMS)
      for (const row of rows) {
        if (this.#sweep(row, nowMs)) return true
        this.#after = row.id
      }
      if (rows.length < STREAMS) {
        this.#after = 0
        return false
      }
    } while (performance.now() < endMs)
    return false
  }

  /** Returns whether something is left to do in it. */
  #sweep(row: SweptRow, nowMs: number): boolean {
    const { oldest, newest } = this.#store.placesOf(row.id)
    if (row.removed !== 0) return this.#dropRemoved(row, { oldest, newest, nowMs })
    const known = this.#channels.get(row.name)?.stream
    const inMemory = known?.id === row.id ? known : undefined
    const top = Math.max(row.top, newest, inMemory?.top ?? 0)
    if (oldest === 0) {
      const isEmpty = (inMemory?.recent.length ?? 0) === 0
      if (isEmpty && row.emptied_ms === null && !this.#store.hasNewest(row.id)) {
        this.#store.markEmptied(row.id, nowMs)
        if (inMemory !== undefined) inMemory.isEmptied = true
      }
      return false
    }
    // What lies below the row's `first` belongs to the stream no longer.
    const size = Math.min(row.size, top - row.first + 1)
    const stream = {
      id: row.id,
      name: row.name,
      serial: row.serial,
      top,
      first: oldest,
      size,
      ttlMs: row.ttl_ms,
      recent: [],
      recentFrom: 0,
    }
    const isFresh = (this.#store.timeAt(stream, oldest) ?? 0) > nowMs - row.ttl_ms
    if (isFresh && oldest > top - size) return false
    const { first, isDone } = this.#transact(() => {
      const trimmed = trim(this.#store, stream, { nowMs, end: Math.min(oldest + DELETIONS, newest + 1) })
      // Its publications tell no more where it is.
      if (trimmed.first > top) this.#store.keepTop(row.id, top)
      return trimmed
    })
    if (inMemory !== undefined) inMemory.first = Math.max(inMemory.first, first)
    return !isDone
  }

  #dropRemoved(
    row: SweptRow,
    { oldest, newest, nowMs }: { readonly oldest: number; readonly newest: number; readonly nowMs: number },
  ): boolean {
    const isLast = this.#transact(() => {
      const to = Math.min(newest, oldest + DELETIONS - 1)
      if (oldest > 0) this.#store.deletePublications(row, { from: oldest, to, nowMs })
      if (this.#store.deleteSomeNewest(row.id, DELETIONS) === DELETIONS || to < newest) return false
      this.#store.deleteRemoved(row.id)
      return true
    })
    return !isLast
  }

  #transact<T>(action: () => T): T {
    this.#store.begin()
    try {
      const result = action()
      this.#store.commit()
      return result
    } catch (error) {
      this.#store.rollBack()
      throw error
    }
  }

  /** Returns whether there are more pages to give back. */
  #vacuum(): boolean {
    if (!this.#isVacuuming && ++this.#steps % STEPS_PER_VACUUM !== 0) return false
    const { db } = this.#store
    const free = numberOf(db, 'PRAGMA freelist_count')
    // Once begun, it goes on until few are left.
    const least = this.#isVacuuming
      ? MIN_FREE_PAGES
      : Math.max(MIN_FREE_PAGES, numberOf(db, 'PRAGMA page_count') / 4)
    this.#isVacuuming = free > least
    if (this.#isVacuuming) db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`)
    return this.#isVacuuming
  }
}

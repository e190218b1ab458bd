import type { SqliteStore } from './sqlite-store.ts'
import type { SqliteStream } from './sqlite-stream.ts'

/**
 * Enters publications into the index, later and many of one stream at once.
 *
 * An index has a page for each busy channel. Were each publication entered with its transaction, one of a hundred channels would change a hundred pages
 * instead of ten. Until then memory knows where the newest are; after a crash the end of the log is read.
 */
export class Placer {
  readonly #store: SqliteStore
  readonly #maxUnplaced: number
  /** In the order of their first publication that waits; only the first may be out of order. */
  readonly #waiting = new Set<SqliteStream>()
  #count = 0
  #written: number

  constructor(store: SqliteStore, maxUnplaced: number) {
    this.#store = store
    this.#maxUnplaced = maxUnplaced
    this.#written = store.unplacedFrom
  }

  get count(): number {
    return this.#count
  }

  /** A publication of a stream was added. */
  note(stream: SqliteStream): void {
    this.#count++
    if (stream.recent.length === 1) this.#waiting.add(stream)
  }

  /** Within a transaction: enters all that waits of a stream, but for what it has entered already. */
  place(stream: SqliteStream, limit: number = Infinity): number {
    const from = stream.placing
    const to = Math.min(stream.recent.length, from + limit)
    for (let index = from; index < to; index++) {
      this.#store.addPlace(stream.id, stream.recentFrom + index, stream.recent[index]!) // Below length all are there.
    }
    stream.placing = to
    return to - from
  }

  /** Within a transaction: enters those that have waited longest, until few wait. Returns the streams. */
  placeSome(limit: number, keep: number = this.#maxUnplaced): SqliteStream[] {
    const placed: SqliteStream[] = []
    let left = Math.min(limit, this.#count - keep)
    for (const stream of this.#waiting) {
      if (left <= 0) break
      left -= this.place(stream, left)
      placed.push(stream)
    }
    return placed
  }

  /** Within a transaction: notes in the file up to where all are entered, if that is so much farther than it says. */
  write(lag: number = this.#maxUnplaced / 2): void {
    const least = this.#least()
    if (least - this.#written < lag) return
    this.#store.unplacedFrom = least
    this.#written = least
  }

  /** The transaction is committed: memory need not know what it has entered. */
  commit(stream: SqliteStream): void {
    if (stream.placing === 0) return
    this.#count -= stream.placing
    stream.recent = stream.recent.slice(stream.placing)
    stream.recentFrom += stream.placing
    stream.placing = 0
    if (stream.recent.length === 0) this.#waiting.delete(stream)
  }

  /** The transaction has failed: a stream has as many again as it had before. */
  takeBack(stream: SqliteStream, length: number): void {
    this.#count -= stream.recent.length - length
    stream.recent.length = length
    if (length === 0) this.#waiting.delete(stream)
  }

  /** The transaction has failed: nothing was entered. Comes before {@link takeBack}. */
  abandon(): void {
    for (const stream of this.#waiting) stream.placing = 0
    this.#written = this.#store.unplacedFrom
  }

  #least(): number {
    let least = this.#store.nextId
    let seen = 0
    for (const { recent } of this.#waiting) {
      least = Math.min(least, recent[0] ?? least)
      if (++seen === 2) break
    }
    return least
  }
}

import type { StoredPublication } from '../../realtime/broker.ts'

const FIRST_CAPACITY = 4

/**
 * The publications of one stream, oldest first, with the times they came at.
 *
 * Appending and dropping the oldest cost the same however many there are; the arrays grow with what is kept and never beyond twice of it.
 */
export class PublicationRing {
  length = 0
  #head = 0
  /** Length is a power of two, or 0 as long as nothing is kept. */
  #publications: (StoredPublication | undefined)[] = []
  #times: number[] = []

  push(publication: StoredPublication, timeMs: number): void {
    if (this.length === this.#publications.length) this.#grow()
    const place = (this.#head + this.length) & (this.#publications.length - 1)
    this.#publications[place] = publication
    this.#times[place] = timeMs
    this.length++
  }

  /** Takes the oldest away; undefined when there is none. */
  shift(): StoredPublication | undefined {
    if (this.length === 0) return undefined
    const publication = this.#publications[this.#head]
    this.#publications[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#publications.length - 1)
    if (--this.length === 0) this.#free()
    return publication
  }

  /** @param index 0 for the oldest, below `length`. */
  at(index: number): StoredPublication {
    return this.#publications[(this.#head + index) & (this.#publications.length - 1)] as StoredPublication // Below length all are there.
  }

  /** When it came, in milliseconds; 0 beyond the end. */
  timeAt(index: number): number {
    return this.#times[(this.#head + index) & (this.#publications.length - 1)] ?? 0
  }

  /** Index of the first whose offset is greater; `length` when there is none. Offsets need not be contiguous. */
  indexAfter(offset: number): number {
    return this.#search((index) => this.at(index).offset > offset)
  }

  /** Index of the first that came later; `length` when there is none. */
  indexLaterThan(timeMs: number): number {
    return this.#search((index) => this.timeAt(index) > timeMs)
  }

  /** First index for which it holds, given that it holds for all after one for which it does. */
  #search(holds: (index: number) => boolean): number {
    let low = 0
    let high = this.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (holds(middle)) high = middle
      else low = middle + 1
    }
    return low
  }

  #grow(): void {
    const publications: (StoredPublication | undefined)[] = []
    const times: number[] = []
    for (let index = 0; index < this.length; index++) {
      publications.push(this.at(index))
      times.push(this.timeAt(index))
    }
    const capacity = Math.max(FIRST_CAPACITY, this.length * 2)
    while (publications.length < capacity) {
      publications.push(undefined)
      times.push(0)
    }
    this.#publications = publications
    this.#times = times
    this.#head = 0
  }

  #free(): void {
    this.#publications = []
    this.#times = []
    this.#head = 0
  }
}

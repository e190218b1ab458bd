import type { KeyedSnapshot } from './broker.ts'
import type { KeyedPublication } from './keyed-publication.ts'

/**
 * The newest value of each key of a channel, as of one place in its stream, and the keys that were removed lately.
 *
 * Payloads are those of the broker: in one process they exist once.
 */
export class LatestValues {
  readonly epoch: string
  /** Of the newest publication. */
  offset: number
  // Both in the order of offsets.
  readonly #values = new Map<string, KeyedPublication>()
  readonly #removed = new Map<string, KeyedPublication>()
  /** All removals after this offset are known. */
  #removedFrom: number
  readonly #maxRemoved: number

  /** @param maxRemoved as many removals are remembered; who was away for longer gets all values. */
  constructor({ entries, position }: KeyedSnapshot, maxRemoved: number) {
    this.epoch = position.epoch
    this.offset = position.offset
    this.#removedFrom = position.offset
    this.#maxRemoved = maxRemoved
    for (const { key, offset, payload } of entries.toSorted((a, b) => a.offset - b.offset)) {
      this.#values.set(key, { key, removed: false, offset, payload })
    }
  }

  /** How many keys have a value. */
  get size(): number {
    return this.#values.size
  }

  /** Takes the next publication of the stream. */
  set(publication: KeyedPublication): void {
    const { key, removed, offset } = publication
    this.offset = offset
    this.#values.delete(key)
    this.#removed.delete(key)
    if (!removed) {
      this.#values.set(key, publication)
      return
    }
    this.#removed.set(key, publication)
    if (this.#removed.size <= this.#maxRemoved) return
    for (const [oldest, { offset: forgotten }] of this.#removed) {
      this.#removed.delete(oldest)
      this.#removedFrom = forgotten
      return
    }
  }

  /** All values, oldest first. */
  all(): KeyedPublication[] {
    return [...this.#values.values()]
  }

  /** The newest of each key that has changed since, oldest first, removals included; undefined when not all removals are known, or the offset is from the future. */
  changesSince(offset: number): KeyedPublication[] | undefined {
    if (offset < this.#removedFrom || offset > this.offset) return undefined
    if (offset === this.offset) return []
    const changes: KeyedPublication[] = []
    for (const kept of [this.#values, this.#removed]) {
      for (const publication of kept.values()) if (publication.offset > offset) changes.push(publication)
    }
    return changes.toSorted((a, b) => a.offset - b.offset)
  }

  /** What leads from these values to later ones of the same epoch: removals first, whose places are not known, then values, oldest first. */
  differencesTo(later: LatestValues): KeyedPublication[] {
    const differences: KeyedPublication[] = []
    for (const key of this.#values.keys()) {
      if (!later.#values.has(key)) differences.push(removalOf(key))
    }
    for (const publication of later.#values.values()) {
      if (publication.offset > this.offset) differences.push(publication)
    }
    return differences
  }
}

function removalOf(key: string): KeyedPublication {
  const payload = `{"data":null,"key":${JSON.stringify(key)},"removed":true}`
  return { key, removed: true, offset: 0, payload }
}

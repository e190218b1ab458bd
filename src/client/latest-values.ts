import type { Publication } from '../protocol/publication.ts'

/** The newest publication of each key of a `latest` channel, as far as they have come. */
export class LatestValues {
  readonly all: Map<string, Publication> = new Map()
  /** Whether nothing is missing and nothing is too many. */
  isComplete = false
  #epoch: string | undefined
  /** Keys that have come since a snapshot began. */
  #seen = new Set<string>()

  /** All values follow. Those of another epoch cannot be compared: each is news. */
  begin(epoch: string): void {
    if (epoch !== this.#epoch) for (const [key, value] of this.all) this.all.set(key, { ...value, offset: 0 })
    this.#epoch = epoch
    this.isComplete = false
    this.#seen.clear()
  }

  /** @returns whether it is news. */
  take(publication: Publication): boolean {
    const { key = '', removed, offset } = publication
    this.#seen.add(key)
    if (removed) return this.all.delete(key)
    const known = this.all.get(key)
    if (known && Number(offset) <= Number(known.offset)) return false
    this.all.set(key, publication)
    return true
  }

  /** All values have come: what had been there and has not come is gone. @returns their removals. */
  complete(): Publication[] {
    this.isComplete = true
    const gone = [...this.all.keys()].filter((key) => !this.#seen.has(key))
    this.#seen.clear()
    for (const key of gone) this.all.delete(key)
    return gone.map((key) => ({ data: null, key, removed: true }))
  }
}

import type { Publication } from '../protocol/publication.ts'

/** The newest publication of each key of a `latest` channel, as far as they have come. */
export class LatestValues {
  readonly all: Map<string, Publication> = new Map()
  /** Whether nothing is missing and nothing is too many. */
  isComplete = false
  #epoch: string | undefined
  /** Of another epoch: they cannot be compared with what comes. */
  #old = new Set<Publication>()
  /** Keys that have come since a snapshot began. */
  #seen = new Set<string>()

  /** All values follow. */
  begin(epoch: string): void {
    if (epoch !== this.#epoch) this.#old = new Set(this.all.values())
    this.#epoch = epoch
    this.isComplete = false
    this.#seen.clear()
  }

  /** @returns whether it is news. */
  take(publication: Publication): boolean {
    const { key = '', removed, offset = 0 } = publication
    this.#seen.add(key)
    if (removed) return this.all.delete(key)
    const known = this.all.get(key)
    if (known && !this.#old.has(known) && offset <= (known.offset ?? 0)) return false
    this.all.set(key, publication)
    return true
  }

  /** All values have come: what had been there and has not come is gone. @returns their removals. */
  complete(): Publication[] {
    this.isComplete = true
    const gone = [...this.all.keys()].filter((key) => !this.#seen.has(key))
    this.#seen.clear()
    this.#old.clear()
    for (const key of gone) this.all.delete(key)
    return gone.map((key) => ({ data: null, key, removed: true }))
  }
}

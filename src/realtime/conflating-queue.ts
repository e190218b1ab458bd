import type { KeyedPublication } from './keyed-publication.ts'

/**
 * What waits for one subscriber: of each key only the newest.
 *
 * It is in the order of the stream, so that whatever was taken of it, everything up to the last one's offset is known or outdated.
 */
export class ConflatingQueue {
  readonly #waiting = new Map<string, KeyedPublication>()

  get size(): number {
    return this.#waiting.size
  }

  /** Takes the place of what waits of the same key. */
  put(publication: KeyedPublication): void {
    this.#waiting.delete(publication.key)
    this.#waiting.set(publication.key, publication)
  }

  /** Nothing of the key is to be sent. */
  drop(key: string): void {
    this.#waiting.delete(key)
  }

  /** Takes out the oldest: as many as have so many bytes together, and at least one. */
  take(maxBytes: number): KeyedPublication[] {
    const taken: KeyedPublication[] = []
    let left = maxBytes
    for (const [key, publication] of this.#waiting) {
      left -= publication.payload.length
      if (left < 0 && taken.length > 0) break
      taken.push(publication)
      this.#waiting.delete(key)
    }
    return taken
  }
}

import type { StreamPosition } from '../realtime/broker.ts'

interface Kept extends StreamPosition {
  readonly expiresAtMs: number
}

/** Idempotency keys of one channel, each with the position of its publication. */
export class RepeatWindow {
  /** In the order in which they were seen. */
  readonly #byKey = new Map<string, Kept>()

  get size(): number {
    return this.#byKey.size
  }

  /** When the first is forgotten; Infinity when there is none. */
  get expiresAtMs(): number {
    for (const { expiresAtMs } of this.#byKey.values()) return expiresAtMs
    return Infinity
  }

  /** The position of the publication with this key; undefined when it is new. */
  find(key: string, nowMs: number): StreamPosition | undefined {
    const kept = this.#byKey.get(key)
    return kept !== undefined && kept.expiresAtMs > nowMs ? kept : undefined
  }

  add(key: string, position: StreamPosition, expiresAtMs: number): void {
    const kept = { offset: position.offset, epoch: position.epoch, expiresAtMs }
    const { size } = this.#byKey
    this.#byKey.set(key, kept)
    if (this.#byKey.size > size) return
    // It was there, in its old place.
    this.#byKey.delete(key)
    this.#byKey.set(key, kept)
  }

  /** Takes a key back whose publication did not come about. */
  delete(key: string): void {
    this.#byKey.delete(key)
  }

  /** Forgets the oldest as far as they have expired; where windows of a channel differ, some are kept for longer than asked. */
  expire(nowMs: number): void {
    for (const [key, { expiresAtMs }] of this.#byKey) {
      if (expiresAtMs > nowMs) break
      this.#byKey.delete(key)
    }
  }
}

import type { StreamPosition } from '../realtime/broker.ts'
import { KeyRings, type KeyRingsOptions } from './key-rings.ts'

/** So many keys are looked through one by one: most channels have no more. */
const FEW = 8

interface Seen extends StreamPosition {
  readonly key: string
  readonly expiresAtMs: number
}

/** Idempotency keys of one channel, each with the position of its publication. */
export class RepeatWindow {
  readonly #options: KeyRingsOptions | undefined
  /** The oldest first; empty while there are many. */
  #few: Seen[] = []
  #many: KeyRings | undefined = undefined

  /** @param options for the rings of many keys. */
  constructor(options?: KeyRingsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#many?.size ?? this.#few.length
  }

  /** When the first is forgotten; Infinity when there is none. */
  get expiresAtMs(): number {
    return this.#many?.expiresAtMs ?? this.#few[0]?.expiresAtMs ?? Infinity
  }

  /** The position of the publication with this key; undefined when it is new. */
  find(key: string, nowMs: number): StreamPosition | undefined {
    if (this.#many !== undefined) return this.#many.find(key, nowMs)
    const seen = this.#few[this.#indexOf(key)]
    return seen !== undefined && seen.expiresAtMs > nowMs ? seen : undefined
  }

  add(key: string, position: StreamPosition, expiresAtMs: number): void {
    if (this.#many === undefined) {
      this.delete(key)
      if (this.#few.length < FEW) {
        this.#few.push({ key, offset: position.offset, epoch: position.epoch, expiresAtMs })
        return
      }
      this.#many = new KeyRings(this.#options)
      for (const seen of this.#few) this.#many.add(seen.key, seen, seen.expiresAtMs)
      this.#few = []
    }
    this.#many.add(key, position, expiresAtMs)
  }

  /** Takes a key back whose publication did not come about. */
  delete(key: string): void {
    if (this.#many !== undefined) return this.#many.delete(key)
    const index = this.#indexOf(key)
    if (index !== -1) this.#few.splice(index, 1)
  }

  /** Forgets the oldest as far as they have expired; where windows of a channel differ, some are kept for longer than asked. */
  expire(nowMs: number): void {
    if (this.#many === undefined) {
      while (this.#few.length > 0 && this.#few[0]!.expiresAtMs <= nowMs) this.#few.shift()
      return
    }
    this.#many.expire(nowMs)
    if (this.#many.size === 0) this.#many = undefined
  }

  #indexOf(key: string): number {
    return this.#few.findIndex((seen) => seen.key === key)
  }
}

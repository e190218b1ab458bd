import type { StreamPosition } from '../realtime/broker.ts'
import { KeyRing, type KeyRingOptions } from './key-ring.ts'

/** The largest ring. It is never copied as a whole; its two arrays of strings grow while it is filled, which takes a millisecond at most. */
const MAX_CAPACITY = 131_072

/** How {@link KeyRings} are made. */
export interface KeyRingsOptions extends Omit<KeyRingOptions, 'capacity'> {
  /** Default: 131,072. */
  readonly maxCapacity?: number
}

/**
 * Any number of idempotency keys: rings one after another, of which the last takes what is new, and the first goes when all of it has expired.
 *
 * One ring that grew to a million keys would have to be copied for it, which takes 400 ms. As long as they fit into one, there is one.
 */
export class KeyRings {
  readonly #options: KeyRingsOptions
  readonly #maxCapacity: number
  /** The oldest first; only the last may be empty. */
  #rings: KeyRing[]
  /** Was looked for and not found. A publish asks for its key, and then adds it. */
  #absent: string | undefined = undefined

  constructor(options: KeyRingsOptions = {}) {
    this.#options = options
    this.#maxCapacity = options.maxCapacity ?? MAX_CAPACITY
    this.#rings = [new KeyRing(options)]
  }

  get size(): number {
    let size = 0
    for (const ring of this.#rings) size += ring.size
    return size
  }

  /** Places for keys in each ring. */
  get capacities(): number[] {
    return this.#rings.map((ring) => ring.capacity)
  }

  /** When the oldest is forgotten; Infinity when there is none. */
  get expiresAtMs(): number {
    return this.#rings[0]!.expiresAtMs
  }

  find(key: string, nowMs: number): StreamPosition | undefined {
    // A client that repeats a publish does so soon.
    for (let index = this.#rings.length - 1; index >= 0; index--) {
      const seen = this.#rings[index]!.find(key)
      if (seen !== undefined) return seen.expiresAtMs > nowMs ? seen : undefined
    }
    this.#absent = key
    return undefined
  }

  /** Adds a key; one that is there already becomes the newest. */
  add(key: string, position: StreamPosition, expiresAtMs: number): void {
    // A ring that is alone and stays so sees to it itself.
    if ((this.#rings.length > 1 || this.#needsAnother()) && key !== this.#absent) this.delete(key)
    this.#absent = undefined
    if (this.#needsAnother()) {
      const another = this.#another()
      if (this.#last().size === 0) this.#rings.pop()
      this.#rings.push(another)
    }
    this.#last().add(key, position, expiresAtMs)
  }

  delete(key: string): void {
    const index = this.#rings.findLastIndex((ring) => ring.delete(key))
    // The last one stays: what is added next would need it again.
    if (index < this.#rings.length - 1 && this.#rings[index]?.size === 0) this.#drop(index)
  }

  /** Forgets the oldest as far as they have expired. */
  expire(nowMs: number): void {
    for (;;) {
      const oldest = this.#rings[0]!
      // At once: taking a hundred thousand out one by one takes ten milliseconds.
      if (!oldest.hasExpired(nowMs)) oldest.expire(nowMs)
      else if (this.#rings.length === 1) this.#rings = [new KeyRing(this.#options)]
      if (this.#rings.length === 1 || (oldest.size > 0 && !oldest.hasExpired(nowMs))) return
      this.#drop(0)
    }
  }

  /** The ring that takes what is new. */
  #last(): KeyRing {
    return this.#rings.at(-1)!
  }

  #needsAnother(): boolean {
    const last = this.#last()
    return last.isFull || this.#isTooLarge(last)
  }

  #isTooLarge(ring: KeyRing): boolean {
    return ring.isLarge && this.size < ring.capacity / 8
  }

  #another(): KeyRing {
    if (this.#isTooLarge(this.#last())) return new KeyRing(this.#options)
    // With as many places as there are keys, the second one may have room for all that come in a window.
    const capacity = Math.min(2 ** Math.ceil(Math.log2(this.size)), this.#maxCapacity)
    return new KeyRing({ ...this.#options, capacity })
  }

  #drop(index: number): void {
    if (this.#rings.length > 1) this.#rings.splice(index, 1)
  }
}

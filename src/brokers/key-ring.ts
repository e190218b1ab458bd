import type { StreamPosition } from '../realtime/broker.ts'

const LEAST_CAPACITY = 16
const TABLE_FACTOR = 2
/** Up to this capacity a ring grows, which copies it: 2 ms at most. */
const MAX_GROWN_CAPACITY = 16_384

// Chosen anew by each process, so that clients, who make up the keys, cannot make up many with the same hash.
const SEED = Math.trunc(Math.random() * 2 ** 32)
const FACTOR = Math.trunc(Math.random() * 2 ** 31) * 2 + 1

/** The position of a publication, and how long its key is remembered. */
export interface Seen extends StreamPosition {
  readonly expiresAtMs: number
}

/** How a {@link KeyRing} is made. */
export interface KeyRingOptions {
  /** Gives a small whole number. */
  readonly hashOf?: ((key: string) => number) | undefined
  /** Places at first; a power of two. Default: few. */
  readonly capacity?: number
  /** Default: 16,384. */
  readonly maxGrownCapacity?: number
}

/**
 * Many idempotency keys in a ring by age, in arrays side by side, with a table of places in it.
 *
 * With a quarter of a million keys in memory, an object, two links and an entry of a `Map` for each took 1.5 microseconds of a publish, most of it
 * for memory that was in no cache and for the garbage collector; this takes 0.5. All capacities are powers of two.
 *
 * A ring that is full takes no more: see `KeyRings`.
 */
export class KeyRing {
  readonly #hashOf: (key: string) => number
  /** Undefined where a key was taken out of the middle. */
  #keys: (string | undefined)[] = []
  #hashes: Int32Array = new Int32Array(0)
  #offsets: Float64Array = new Float64Array(0)
  #epochs: string[] = []
  #expiries: Float64Array = new Float64Array(0)
  /** Place of the oldest. */
  #first = 0
  /** Places from there on, those without a key included. */
  #used = 0
  #size = 0
  #capacity = 0
  /** Nothing in it expires later. */
  #lastExpiresAtMs = -Infinity
  readonly #maxGrownCapacity: number
  /** Open addressing with linear probing: one more than a place, 0 where nothing is. */
  #table: Int32Array = new Int32Array(0)

  constructor({ hashOf, capacity, maxGrownCapacity }: KeyRingOptions = {}) {
    this.#hashOf = hashOf ?? seededHash
    this.#maxGrownCapacity = maxGrownCapacity ?? MAX_GROWN_CAPACITY
    this.#rebuild(capacity ?? LEAST_CAPACITY)
  }

  get size(): number {
    return this.#size
  }

  get capacity(): number {
    return this.#capacity
  }

  /** Whether it takes no more before something expires. */
  get isFull(): boolean {
    return this.#used === this.#capacity && !this.#mayRebuild()
  }

  /** Whether it has outgrown what is copied. */
  get isLarge(): boolean {
    return this.#capacity > this.#maxGrownCapacity
  }

  /** Whether all that it has has expired. */
  hasExpired(nowMs: number): boolean {
    return this.#lastExpiresAtMs <= nowMs
  }

  /** When the oldest is forgotten; Infinity when there is none. */
  get expiresAtMs(): number {
    return this.#size === 0 ? Infinity : this.#expiries[this.#first]!
  }

  /** Where its publication is, also when it has expired. */
  find(key: string): Seen | undefined {
    const place = this.#placeOf(key, this.#hashOf(key))
    if (place === -1) return undefined
    return { offset: this.#offsets[place]!, epoch: this.#epochs[place]!, expiresAtMs: this.#expiries[place]! }
  }

  /** Adds a key; one that is there already becomes the newest. It must not be full. */
  add(key: string, { offset, epoch }: StreamPosition, expiresAtMs: number): void {
    const hash = this.#hashOf(key)
    const known = this.#placeOf(key, hash)
    if (known !== -1) this.#remove(known)
    if (this.#used === this.#capacity && this.#mayRebuild()) {
      this.#rebuild(this.#size > this.#capacity / 2 ? this.#capacity * 2 : this.#capacity)
    }
    const place = (this.#first + this.#used) & (this.#capacity - 1)
    // On the first way round both arrays grow by one: filled in advance, a large ring would take milliseconds for its memory.
    this.#keys[place] = key
    this.#epochs[place] = epoch
    this.#hashes[place] = hash
    this.#offsets[place] = offset
    this.#expiries[place] = expiresAtMs
    this.#lastExpiresAtMs = Math.max(this.#lastExpiresAtMs, expiresAtMs)
    enter(this.#table, place, hash)
    this.#used++
    this.#size++
  }

  /** Returns whether it was there. */
  delete(key: string): boolean {
    const place = this.#placeOf(key, this.#hashOf(key))
    if (place !== -1) this.#remove(place)
    return place !== -1
  }

  /** Forgets the oldest as far as they have expired. */
  expire(nowMs: number): void {
    while (this.#size > 0 && this.#expiries[this.#first]! <= nowMs) this.#remove(this.#first)
    if (this.#mayRebuild() && this.#capacity > LEAST_CAPACITY && this.#size < this.#capacity / 8) {
      this.#rebuild(Math.max(LEAST_CAPACITY, this.#capacity / 4))
    }
  }

  #placeOf(key: string, hash: number): number {
    const table = this.#table
    const mask = table.length - 1
    for (let at = hash & mask; table[at] !== 0; at = (at + 1) & mask) {
      const place = table[at]! - 1
      if (this.#hashes[place] === hash && this.#keys[place] === key) return place
    }
    return -1
  }

  #remove(place: number): void {
    this.#withdraw(place)
    this.#keys[place] = undefined
    this.#size--
    while (this.#used > 0 && this.#keys[this.#first] === undefined) {
      this.#first = (this.#first + 1) & (this.#capacity - 1)
      this.#used--
    }
    // A publish that fails takes back the newest, and its place is free again.
    while (
      this.#used > 0 &&
      this.#keys[(this.#first + this.#used - 1) & (this.#capacity - 1)] === undefined
    ) {
      this.#used--
    }
  }

  /** Takes a place out of the table and moves up what was put behind it for want of room. */
  #withdraw(place: number): void {
    const table = this.#table
    const mask = table.length - 1
    let hole = this.#hashes[place]! & mask
    while (table[hole] !== place + 1) hole = (hole + 1) & mask
    for (let at = (hole + 1) & mask; table[at] !== 0; at = (at + 1) & mask) {
      const home = this.#hashes[table[at]! - 1]! & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue
      table[hole] = table[at]!
      hole = at
    }
    table[hole] = 0
  }

  /** Whether it may grow, or be copied to lose its gaps. */
  #mayRebuild(): boolean {
    const grown = this.#size > this.#capacity / 2 ? this.#capacity * 2 : this.#capacity
    return grown <= this.#maxGrownCapacity
  }

  /** Moves all keys into a ring of another capacity, without gaps. */
  #rebuild(capacity: number): void {
    const [keysBefore, hashesBefore, mask] = [this.#keys, this.#hashes, this.#capacity - 1]
    const [offsetsBefore, epochsBefore, expiriesBefore] = [this.#offsets, this.#epochs, this.#expiries]
    const keys: (string | undefined)[] = []
    const epochs: string[] = []
    const hashes = new Int32Array(capacity)
    const offsets = new Float64Array(capacity)
    const expiries = new Float64Array(capacity)
    const table = new Int32Array(capacity * TABLE_FACTOR)
    const end = this.#first + this.#used
    let place = 0
    for (let nth = this.#first; nth < end; nth++) {
      const from = nth & mask
      const key = keysBefore[from]
      if (key === undefined) continue
      const hash = hashesBefore[from]!
      keys.push(key)
      epochs.push(epochsBefore[from]!)
      hashes[place] = hash
      offsets[place] = offsetsBefore[from]!
      expiries[place] = expiriesBefore[from]!
      enter(table, place++, hash)
    }
    this.#keys = keys
    this.#hashes = hashes
    this.#offsets = offsets
    this.#epochs = epochs
    this.#expiries = expiries
    this.#table = table
    this.#capacity = capacity
    this.#first = 0
    this.#used = this.#size
  }
}

function enter(table: Int32Array, place: number, hash: number): void {
  const mask = table.length - 1
  let at = hash & mask
  while (table[at] !== 0) at = (at + 1) & mask
  table[at] = place + 1
}

// A publish asks for its key, and then adds it.
let lastKey = ''
let lastHash = 0

/** 30 bits, which V8 keeps without memory of their own. */
function seededHash(key: string): number {
  if (key === lastKey && key !== '') return lastHash
  let hash = SEED
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), FACTOR)
    hash ^= hash >>> 15
  }
  lastKey = key
  lastHash = hash & 0x3fffffff
  return lastHash
}

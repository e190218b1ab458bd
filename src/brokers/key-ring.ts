import type { StreamPosition } from '../realtime/broker.ts'

const LEAST_CAPACITY = 16
const TABLE_FACTOR = 2

// Chosen anew by each process, so that clients, who make up the keys, cannot make up many with the same hash.
const SEED = Math.trunc(Math.random() * 2 ** 32)
const FACTOR = Math.trunc(Math.random() * 2 ** 31) * 2 + 1

/**
 * Many idempotency keys in a ring by age, in arrays side by side, with a table of places in it.
 *
 * With a quarter of a million keys in memory, an object, two links and an entry of a `Map` for each took 1.5 microseconds of a publish, most of it
 * for memory that was in no cache and for the garbage collector; this takes 0.5. All capacities are powers of two.
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
  /** Open addressing with linear probing: one more than a place, 0 where nothing is. */
  #table: Int32Array = new Int32Array(0)

  /** @param hashOf gives a small whole number. */
  constructor(hashOf: (key: string) => number = seededHash) {
    this.#hashOf = hashOf
    this.#rebuild(LEAST_CAPACITY)
  }

  get size(): number {
    return this.#size
  }

  /** When the oldest is forgotten; Infinity when there is none. */
  get expiresAtMs(): number {
    return this.#size === 0 ? Infinity : this.#expiries[this.#first]!
  }

  find(key: string, nowMs: number): StreamPosition | undefined {
    const place = this.#placeOf(key, this.#hashOf(key))
    if (place === -1 || this.#expiries[place]! <= nowMs) return undefined
    return { offset: this.#offsets[place]!, epoch: this.#epochs[place]! }
  }

  /** Adds a key; one that is there already becomes the newest. */
  add(key: string, { offset, epoch }: StreamPosition, expiresAtMs: number): void {
    const hash = this.#hashOf(key)
    const known = this.#placeOf(key, hash)
    if (known !== -1) this.#remove(known)
    if (this.#used === this.#capacity) {
      this.#rebuild(this.#size > this.#capacity / 2 ? this.#capacity * 2 : this.#capacity)
    }
    const place = (this.#first + this.#used) & (this.#capacity - 1)
    this.#keys[place] = key
    this.#hashes[place] = hash
    this.#offsets[place] = offset
    this.#epochs[place] = epoch
    this.#expiries[place] = expiresAtMs
    enter(this.#table, place, hash)
    this.#used++
    this.#size++
  }

  delete(key: string): void {
    const place = this.#placeOf(key, this.#hashOf(key))
    if (place !== -1) this.#remove(place)
  }

  /** Forgets the oldest as far as they have expired. */
  expire(nowMs: number): void {
    while (this.#size > 0 && this.#expiries[this.#first]! <= nowMs) this.#remove(this.#first)
    if (this.#capacity > LEAST_CAPACITY && this.#size < this.#capacity / 8) {
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

  /** Moves all keys into a ring of another capacity, without gaps. All of its memory is taken at once: growing bit by bit, it would be copied again and again. */
  #rebuild(capacity: number): void {
    const [keysBefore, hashesBefore, mask] = [this.#keys, this.#hashes, this.#capacity - 1]
    const [offsetsBefore, epochsBefore, expiriesBefore] = [this.#offsets, this.#epochs, this.#expiries]
    const keys = createArray<string | undefined>(capacity, undefined)
    const hashes = new Int32Array(capacity)
    const offsets = new Float64Array(capacity)
    const epochs = createArray(capacity, '')
    const expiries = new Float64Array(capacity)
    const table = new Int32Array(capacity * TABLE_FACTOR)
    const end = this.#first + this.#used
    let place = 0
    for (let nth = this.#first; nth < end; nth++) {
      const from = nth & mask
      const key = keysBefore[from]
      if (key === undefined) continue
      const hash = hashesBefore[from]!
      keys[place] = key
      hashes[place] = hash
      offsets[place] = offsetsBefore[from]!
      epochs[place] = epochsBefore[from]!
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

/** `Array.from` takes thirty times as long. */
function createArray<T>(length: number, value: T): T[] {
  // oxlint-disable-next-line unicorn/no-new-array -- a length is meant
  return new Array<T>(length).fill(value)
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

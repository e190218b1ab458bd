import type { StreamPosition } from '../realtime/broker.ts'

/** So many keys are looked through one by one; more are found by their hashes. Both are powers of two. */
const FEW = 8
const TABLE_FACTOR = 2

// Chosen anew by each process, so that clients, who make up the keys, cannot make up many with the same hash.
const SEED = Math.trunc(Math.random() * 2 ** 32)
const FACTOR = Math.trunc(Math.random() * 2 ** 31) * 2 + 1

/**
 * Idempotency keys of one channel, each with the position of its publication.
 *
 * A ring by age, in arrays side by side, and a table of places in it: with half a million keys in memory an object, two links and an entry of a `Map`
 * for each took 1.5 microseconds of a publish, most of it for memory that was in no cache and for the garbage collector; this takes 0.5.
 */
export class RepeatWindow {
  readonly #hashOf: (key: string) => number
  /** Undefined where a key was taken out of the middle. */
  #keys: (string | undefined)[] = []
  #hashes: number[] = []
  #offsets: number[] = []
  #epochs: string[] = []
  #expiries: number[] = []
  /** Place of the oldest. */
  #first = 0
  /** Places from there on, those without a key included. */
  #used = 0
  #size = 0
  #capacity = FEW
  /** Open addressing with linear probing: one more than a place, 0 where nothing is. Undefined while there are few. */
  #table: Int32Array | undefined = undefined

  /** @param hashOf gives a small whole number. */
  constructor(hashOf: (key: string) => number = seededHash) {
    this.#hashOf = hashOf
  }

  get size(): number {
    return this.#size
  }

  /** When the first is forgotten; Infinity when there is none. */
  get expiresAtMs(): number {
    return this.#size === 0 ? Infinity : this.#expiries[this.#first]!
  }

  /** The position of the publication with this key; undefined when it is new. */
  find(key: string, nowMs: number): StreamPosition | undefined {
    if (this.#size === 0) return undefined
    const place = this.#placeOf(key)
    if (place === -1 || this.#expiries[place]! <= nowMs) return undefined
    return { offset: this.#offsets[place]!, epoch: this.#epochs[place]! }
  }

  add(key: string, { offset, epoch }: StreamPosition, expiresAtMs: number): void {
    const known = this.#placeOf(key)
    if (known !== -1) this.#remove(known)
    if (this.#used === this.#capacity) {
      this.#rebuild(this.#size > this.#capacity / 2 ? this.#capacity * 2 : this.#capacity)
    }
    const place = (this.#first + this.#used) & (this.#capacity - 1)
    this.#keys[place] = key
    this.#offsets[place] = offset
    this.#epochs[place] = epoch
    this.#expiries[place] = expiresAtMs
    this.#used++
    this.#size++
    if (this.#table !== undefined) this.#enter(this.#table, place, this.#hashOf(key))
  }

  /** Takes a key back whose publication did not come about. */
  delete(key: string): void {
    const place = this.#placeOf(key)
    if (place !== -1) this.#remove(place)
  }

  /** Forgets the oldest as far as they have expired; where windows of a channel differ, some are kept for longer than asked. */
  expire(nowMs: number): void {
    while (this.#size > 0 && this.#expiries[this.#first]! <= nowMs) this.#remove(this.#first)
    if (this.#capacity > FEW && this.#size < this.#capacity / 8) {
      this.#rebuild(Math.max(FEW, this.#capacity / 4))
    }
  }

  #placeOf(key: string): number {
    const table = this.#table
    if (table === undefined) {
      for (let nth = 0; nth < this.#used; nth++) {
        const place = (this.#first + nth) & (FEW - 1)
        if (this.#keys[place] === key) return place
      }
      return -1
    }
    const hash = this.#hashOf(key)
    const mask = table.length - 1
    for (let at = hash & mask; table[at] !== 0; at = (at + 1) & mask) {
      const place = table[at]! - 1
      if (this.#hashes[place] === hash && this.#keys[place] === key) return place
    }
    return -1
  }

  #enter(table: Int32Array, place: number, hash: number): void {
    const mask = table.length - 1
    let at = hash & mask
    while (table[at] !== 0) at = (at + 1) & mask
    table[at] = place + 1
    this.#hashes[place] = hash
  }

  #remove(place: number): void {
    if (this.#table !== undefined) this.#withdraw(this.#table, place)
    this.#keys[place] = undefined
    this.#size--
    while (this.#used > 0 && this.#keys[this.#first] === undefined) {
      this.#first = (this.#first + 1) & (this.#capacity - 1)
      this.#used--
    }
  }

  /** Takes a place out of the table and moves up what was put behind it for want of room. */
  #withdraw(table: Int32Array, place: number): void {
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

  /** Moves all keys into a ring of another capacity, without holes. */
  #rebuild(capacity: number): void {
    const [keys, hashes, offsets, epochs, expiries] = [
      this.#keys,
      this.#hashes,
      this.#offsets,
      this.#epochs,
      this.#expiries,
    ]
    const table = capacity > FEW ? new Int32Array(capacity * TABLE_FACTOR) : undefined
    const hadTable = this.#table !== undefined
    this.#keys = []
    this.#hashes = []
    this.#offsets = []
    this.#epochs = []
    this.#expiries = []
    for (let nth = 0; nth < this.#used; nth++) {
      const from = (this.#first + nth) & (this.#capacity - 1)
      const key = keys[from]
      if (key === undefined) continue
      const place = this.#keys.push(key) - 1
      this.#offsets.push(offsets[from]!)
      this.#epochs.push(epochs[from]!)
      this.#expiries.push(expiries[from]!)
      if (table !== undefined) this.#enter(table, place, hadTable ? hashes[from]! : this.#hashOf(key))
    }
    this.#table = table
    this.#capacity = capacity
    this.#first = 0
    this.#used = this.#size
  }
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

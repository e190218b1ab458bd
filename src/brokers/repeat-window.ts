import type { StreamPosition } from '../realtime/broker.ts'

/** A key that was seen. Entries are in two lists: of those with the same hash, and of all by age. */
interface Seen extends StreamPosition {
  readonly key: string
  readonly hash: number
  offset: number
  epoch: string
  expiresAtMs: number
  sameHash: Seen | undefined
  older: Seen | undefined
  newer: Seen | undefined
}

// Chosen anew by each process, so that clients, who make up the keys, cannot make up many with the same hash.
const SEED = Math.trunc(Math.random() * 2 ** 32)
const FACTOR = Math.trunc(Math.random() * 2 ** 31) * 2 + 1

/**
 * Idempotency keys of one channel, each with the position of its publication.
 *
 * Found by a hash of their own: a `Map` by the keys themselves enters each of them into V8's table of strings (`find` took 4.5 % of a publish on
 * SQLite, and takes 2 % so).
 */
export class RepeatWindow {
  readonly #byHash = new Map<number, Seen>()
  readonly #hashOf: (key: string) => number
  #oldest: Seen | undefined
  #newest: Seen | undefined
  #size = 0

  /** @param hashOf gives a small whole number. */
  constructor(hashOf: (key: string) => number = seededHash) {
    this.#hashOf = hashOf
  }

  get size(): number {
    return this.#size
  }

  /** When the first is forgotten; Infinity when there is none. */
  get expiresAtMs(): number {
    return this.#oldest?.expiresAtMs ?? Infinity
  }

  /** The position of the publication with this key; undefined when it is new. */
  find(key: string, nowMs: number): StreamPosition | undefined {
    const seen = this.#get(key, this.#hashOf(key))
    return seen !== undefined && seen.expiresAtMs > nowMs ? seen : undefined
  }

  add(key: string, { offset, epoch }: StreamPosition, expiresAtMs: number): void {
    const hash = this.#hashOf(key)
    let seen = this.#get(key, hash)
    if (seen === undefined) {
      const sameHash = this.#byHash.get(hash)
      seen = { key, hash, offset, epoch, expiresAtMs, sameHash, older: undefined, newer: undefined }
      this.#byHash.set(hash, seen)
      this.#size++
    } else {
      this.#unlink(seen)
      seen.offset = offset
      seen.epoch = epoch
      seen.expiresAtMs = expiresAtMs
    }
    this.#append(seen)
  }

  /** Takes a key back whose publication did not come about. */
  delete(key: string): void {
    const seen = this.#get(key, this.#hashOf(key))
    if (seen !== undefined) this.#remove(seen)
  }

  /** Forgets the oldest as far as they have expired; where windows of a channel differ, some are kept for longer than asked. */
  expire(nowMs: number): void {
    for (let seen = this.#oldest; seen !== undefined && seen.expiresAtMs <= nowMs; seen = this.#oldest) {
      this.#remove(seen)
    }
  }

  #get(key: string, hash: number): Seen | undefined {
    let seen = this.#byHash.get(hash)
    while (seen !== undefined && seen.key !== key) seen = seen.sameHash
    return seen
  }

  #remove(seen: Seen): void {
    this.#size--
    this.#unlink(seen)
    const first = this.#byHash.get(seen.hash)
    if (first === seen) {
      if (seen.sameHash === undefined) this.#byHash.delete(seen.hash)
      else this.#byHash.set(seen.hash, seen.sameHash)
      return
    }
    let before = first
    while (before !== undefined && before.sameHash !== seen) before = before.sameHash
    if (before !== undefined) before.sameHash = seen.sameHash
  }

  #append(seen: Seen): void {
    seen.older = this.#newest
    if (this.#newest === undefined) this.#oldest = seen
    else this.#newest.newer = seen
    this.#newest = seen
  }

  #unlink(seen: Seen): void {
    const { older, newer } = seen
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    seen.older = undefined
    seen.newer = undefined
  }
}

/** 30 bits, which V8 keeps without memory of their own. */
function seededHash(key: string): number {
  let hash = SEED
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), FACTOR)
    hash ^= hash >>> 15
  }
  return hash & 0x3fffffff
}

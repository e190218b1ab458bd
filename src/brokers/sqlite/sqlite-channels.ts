import type { StreamPosition } from '../../realtime/broker.ts'
import type { Recipient } from '../delivery-queue.ts'
import type { ExpiryQueue } from '../expiry-queue.ts'
import type { PresenceList } from '../presence-list.ts'
import { SqliteChannel, type SqliteChannelOwner } from './sqlite-channel.ts'
import type { SqliteStore } from './sqlite-store.ts'
import { SqliteStream } from './sqlite-stream.ts'

/** Channels without subscribers whose place in the file is remembered, and what their newest values may take. */
const MAX_IDLE = 10_000
const MAX_NEWEST_BYTES = 64 * 1024 * 1024

/** The channels that memory has something of. */
export class SqliteChannels implements SqliteChannelOwner {
  /** Idempotency keys of all channels. */
  keys = 0
  readonly #store: SqliteStore
  readonly #expiry: ExpiryQueue
  readonly #channels = new Map<string, SqliteChannel>()
  /** Those that only have what the file has, the longest unused first. */
  readonly #idle = new Set<SqliteChannel>()
  /** Streams whose newest values are in memory, the longest unused first, with what they take. */
  readonly #withNewest = new Map<SqliteStream, number>()
  #newestBytes = 0

  constructor(store: SqliteStore, expiry: ExpiryQueue) {
    this.#store = store
    this.#expiry = expiry
  }

  /** How much is held, for tests and statistics. */
  get size(): { channels: number; idle: number; keys: number } {
    return { channels: this.#channels.size, idle: this.#idle.size, keys: this.keys }
  }

  get(name: string): SqliteChannel | undefined {
    return this.#channels.get(name)
  }

  open(name: string): SqliteChannel {
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      channel = new SqliteChannel(name, this)
      this.#channels.set(name, channel)
      this.#placeIdle(channel)
    }
    return channel
  }

  /** The channel with its stream, read from the file if need be. */
  openStream(name: string): SqliteChannel & { stream: SqliteStream } {
    const channel = this.open(name)
    if (channel.stream === undefined || channel.stream.isStale) {
      const row = this.#store.findStream(name) ?? {
        id: 0,
        serial: this.#store.generation,
        top: 0,
        first: 1,
        size: 0,
        ttl_ms: 0,
        emptied_ms: null,
      }
      channel.stream = new SqliteStream(name, row, this.#store.era)
    }
    if (this.#idle.has(channel)) this.#placeIdle(channel)
    return channel as SqliteChannel & { stream: SqliteStream } // Made above.
  }

  /** What memory says of a stream does not hold any more. */
  retire(stream: SqliteStream): void {
    stream.isStale = true
    this.#dropNewest(stream)
  }

  addInterest(name: string, recipient: Recipient, alone: readonly Recipient[]): void {
    const channel = this.open(name)
    channel.addInterest(recipient, alone)
    this.#idle.delete(channel)
  }

  removeInterest(name: string, recipient: Recipient): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    channel.removeInterest(recipient)
    this.#placeIdle(channel)
  }

  /** Ends all interest of a node. */
  forgetRecipient(recipient: Recipient): void {
    for (const [name, channel] of this.#channels) {
      if (channel.interested.includes(recipient)) this.removeInterest(name, recipient)
    }
  }

  /** The channel's presence, which is looked at when an entry expires. */
  openPresence(name: string, expiresAtMs: number): PresenceList {
    const channel = this.open(name)
    const presence = channel.openPresence()
    this.#idle.delete(channel)
    this.#expiry.add(channel, expiresAtMs)
    return presence
  }

  removePresence(name: string, client: string): void {
    const channel = this.#channels.get(name)
    if (channel?.presence === undefined) return
    channel.presence.remove(client)
    channel.dropPresenceIfEmpty()
    this.#placeIdle(channel)
  }

  /** Remembers an idempotency key. */
  addKey(channel: SqliteChannel, key: string, place: StreamPosition & { readonly untilMs: number }): void {
    const repeats = channel.openRepeats()
    this.#idle.delete(channel)
    const before = repeats.size
    repeats.add(key, place, place.untilMs)
    this.keys += repeats.size - before
    this.#expiry.add(channel, place.untilMs)
  }

  /** Takes one back. */
  deleteKey(channel: SqliteChannel, key: string): void {
    const { repeats } = channel
    if (repeats === undefined) return
    const before = repeats.size
    repeats.delete(key)
    this.keys += repeats.size - before
    if (repeats.size === 0) channel.repeats = undefined
    this.#placeIdle(channel)
  }

  expired(channel: SqliteChannel, lostKeys: number): void {
    this.keys -= lostKeys
    this.#placeIdle(channel)
  }

  /** Puts a channel that is not in use at the end of the list; the first of the list goes when it is too long. */
  #placeIdle(channel: SqliteChannel): void {
    this.#idle.delete(channel)
    if (!channel.isUnused) return
    this.#idle.add(channel)
    if (this.#idle.size <= MAX_IDLE) return
    for (const oldest of this.#idle) {
      this.#idle.delete(oldest)
      // The file does not know all of it yet; when it does, its turn comes again.
      if ((oldest.stream?.recent.length ?? 0) > 0) this.#idle.add(oldest)
      else {
        if (oldest.stream !== undefined) this.retire(oldest.stream)
        this.#channels.delete(oldest.name)
        this.#expiry.remove(oldest)
      }
      break
    }
  }

  /** Notes that the newest values of a stream were used or have changed; those of others go when all take too much. */
  keepNewest(stream: SqliteStream): void {
    this.#dropNewest(stream)
    const bytes = stream.newest?.bytes ?? 0
    this.#withNewest.set(stream, bytes)
    this.#newestBytes += bytes
    for (const oldest of this.#withNewest.keys()) {
      if (this.#newestBytes <= MAX_NEWEST_BYTES || oldest === stream) break
      oldest.newest = undefined
      this.#dropNewest(oldest)
    }
  }

  #dropNewest(stream: SqliteStream): void {
    this.#newestBytes -= this.#withNewest.get(stream) ?? 0
    this.#withNewest.delete(stream)
  }
}

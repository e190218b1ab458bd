import { GoWebError } from '../../errors/goweb-error.ts'
import type { BrokerPublishOptions, StoredPublication } from '../../realtime/broker.ts'
import type { MemoryJournal } from './memory-journal.ts'
import type { Placer } from './placer.ts'
import type { SqliteChannel } from './sqlite-channel.ts'
import type { SqliteChannels } from './sqlite-channels.ts'
import type { SqliteLimits } from './sqlite-limits.ts'
import type { SqliteStore } from './sqlite-store.ts'
import type { SqliteStream } from './sqlite-stream.ts'
import { isStored, type Work } from './work.ts'

/** Of those that were emptied longest ago, so many are looked at to find one that can be forgotten. */
const CANDIDATES = 100

type OpenChannel = SqliteChannel & { stream: SqliteStream }

/** Carries out publishes and removals within a transaction. */
export class Appender {
  readonly #store: SqliteStore
  readonly #channels: SqliteChannels
  readonly #placer: Placer
  readonly #limits: SqliteLimits

  constructor({ store, channels, placer, limits }: AppenderParts) {
    this.#store = store
    this.#channels = channels
    this.#placer = placer
    this.#limits = limits
  }

  /** A refusal is noted in the work; what SQLite throws is thrown on. */
  publish(work: Work, channelName: string, { payload, options, nowMs, journal }: Publish): void {
    const { idempotency, origin } = options
    const channel = this.#channels.open(channelName)
    if (idempotency !== undefined) {
      const first = channel.repeats?.find(idempotency.key, nowMs)
      if (first !== undefined) {
        work.outcome = { offset: first.offset, epoch: first.epoch, isRepeat: true }
        return
      }
      work.refusal = this.refusalOfKey()
      if (work.refusal !== undefined) return
    }
    if (isStored(options)) {
      const open = this.#channels.openStream(channelName)
      journal.touch(open.stream)
      work.refusal = this.#ensureStored(open, options, journal) ?? this.#refusalOfNewest(open.stream, options)
      if (work.refusal !== undefined) return
      work.stream = open.stream
      work.publication = this.#append(work, open, { payload, options, nowMs, journal })
    } else work.publication = { payload, offset: 0, previousOffset: 0, epoch: '', origin }
    const { offset, epoch } = work.publication
    work.outcome = { offset, epoch, isRepeat: false }
    if (idempotency === undefined) return
    const untilMs = nowMs + idempotency.windowMs
    this.#channels.addKey(channel, idempotency.key, { offset, epoch, untilMs })
    work.hasAddedKey = true
  }

  /** Forgets a channel's history: another stream has its name from now on. */
  remove(name: string, journal: MemoryJournal): void {
    const channel = this.#channels.openStream(name)
    journal.touch(channel.stream)
    this.#placer.place(channel.stream)
    this.#store.replaceStream(channel.stream.id, name)
    journal.replace(channel)
  }

  /** Undefined when there is room for another idempotency key. */
  refusalOfKey(): GoWebError | undefined {
    if (this.#channels.keys < this.#limits.maxKeys) return undefined
    return new GoWebError(
      'BROKER_UNAVAILABLE',
      `The SQLite broker remembers ${this.#limits.maxKeys} idempotency keys (maxKeys) and cannot take another until some have passed their window`,
    )
  }

  #append(
    work: Work,
    { name, stream }: OpenChannel,
    { payload, options, nowMs }: Publish,
  ): StoredPublication {
    const { history, keyed, idempotency, origin } = options
    const offset = stream.top + 1
    const publication = { payload, offset, previousOffset: stream.top, epoch: stream.epoch, origin }
    const size = history?.size ?? 0
    const ttlMs = history?.ttlMs ?? 0
    const untilMs = nowMs + (idempotency?.windowMs ?? 0)
    if (idempotency !== undefined) this.#store.noteWindow(idempotency.windowMs)
    stream.top = offset
    if (size > 0) {
      const key = idempotency?.key
      const atMs = this.#store.timeOf(nowMs)
      this.#store.insert(stream, publication, { atMs, key, untilMs: key === undefined ? undefined : untilMs })
      this.#placer.note(stream)
    } else {
      // Only the newest of its key is kept, and what was there before it is not.
      this.#placer.place(stream)
      stream.first = offset + 1
      if (idempotency !== undefined) {
        const { key } = idempotency
        this.#store.addOrphanedKey({ name, serial: stream.serial, offset, until_ms: untilMs, key })
      }
    }
    if (size === 0 || size !== stream.size || ttlMs !== stream.ttlMs || stream.isEmptied) {
      stream.size = size
      stream.ttlMs = ttlMs
      stream.isEmptied = false
      this.#store.updateStream(stream)
    }
    if (keyed !== undefined) this.#setNewest(work, stream, { publication, keyed })
    return publication
  }

  #setNewest(work: Work, stream: SqliteStream, { publication, keyed }: NewestSetting): void {
    const { key, removed: isRemoved } = keyed
    if (isRemoved) {
      if (this.#store.deleteNewest(stream.id, key)) stream.keys--
    } else if (!this.#store.setNewest(stream.id, key, publication)) stream.keys++
    work.newest = { key, isRemoved }
  }

  /** Undefined when a publication brings no key, or one that there is room for. */
  #refusalOfNewest(stream: SqliteStream, { keyed }: BrokerPublishOptions): GoWebError | undefined {
    if (keyed === undefined) return undefined
    if (stream.keys < 0) stream.keys = this.#store.countNewest(stream.id)
    const { key, removed, maxKeys } = keyed
    if (removed || stream.keys < maxKeys || this.#store.hasKey(stream.id, key)) return undefined
    return new GoWebError(
      'CHANNEL_KEYS_EXCEEDED',
      `The channel has ${stream.keys} keys (maxKeys); remove some`,
    )
  }

  /** Has the stream in the file; the refusal where there is no room for it. */
  #ensureStored(
    { name, stream }: OpenChannel,
    { history }: BrokerPublishOptions,
    journal: MemoryJournal,
  ): GoWebError | undefined {
    if (stream.id !== 0) return undefined
    if (this.#store.streams >= this.#limits.maxChannels && !this.#forgetOne(journal)) {
      return new GoWebError(
        'BROKER_UNAVAILABLE',
        `The file of the SQLite broker has ${this.#store.streams} channels (maxChannels), and none of them is unused and without publications`,
      )
    }
    stream.size = history?.size ?? 0
    stream.ttlMs = history?.ttlMs ?? 0
    stream.id = this.#store.createStream(name, stream.serial, stream)
    return undefined
  }

  /** Forgets the channel that has been empty for longest and that nobody is subscribed to. */
  #forgetOne(journal: MemoryJournal): boolean {
    for (const { id, name } of this.#store.emptiedStreams(CANDIDATES)) {
      const channel = this.#channels.get(name)
      if (channel !== undefined && channel.interested.length > 0) continue
      this.#store.forgetStream(id)
      if (channel !== undefined) journal.replace(channel)
      return true
    }
    return false
  }
}

interface AppenderParts {
  readonly store: SqliteStore
  readonly channels: SqliteChannels
  readonly placer: Placer
  readonly limits: SqliteLimits
}

interface Publish {
  readonly payload: string
  readonly options: BrokerPublishOptions
  readonly nowMs: number
  readonly journal: MemoryJournal
}

interface NewestSetting {
  readonly publication: StoredPublication
  readonly keyed: NonNullable<BrokerPublishOptions['keyed']>
}

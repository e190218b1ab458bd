import { GoWebError } from '../../errors/goweb-error.ts'
import type {
  BrokerPublishOptions,
  HistoryLimits,
  HistoryOptions,
  HistoryPage,
  KeyedSnapshot,
  StoredPublication,
  StreamPosition,
} from '../../realtime/broker.ts'
import { PublicationRing } from './publication-ring.ts'

/** What a publication is counted for besides its text: its object and its places in the arrays. */
const OVERHEAD_BYTES = 150

/** The history of one channel in one epoch, and the newest of each key. */
export class Stream {
  readonly epoch: string
  /** Offset of the newest publication ever, 0 before the first; outlives the publication. */
  top = 0
  /** What is kept counts for so many bytes. */
  bytes = 0
  /** The part of `bytes` that is not history, and is never dropped to save memory. */
  keyedBytes = 0
  /** Offset of the newest publication that is gone. */
  #gone = 0
  #ttlMs = 0
  #newestMs = 0
  #ring = new PublicationRing()
  /** In the order of their offsets. */
  #keyed: Map<string, StoredPublication> | undefined

  constructor(epoch: string) {
    this.epoch = epoch
  }

  get position(): StreamPosition {
    return { offset: this.top, epoch: this.epoch }
  }

  /** When the oldest publication expires; Infinity when there is none, or it never does. */
  get expiresAtMs(): number {
    return this.#ring.length === 0 ? Infinity : this.#ring.timeAt(0) + this.#ttlMs
  }

  /** @throws `CHANNEL_KEYS_EXCEEDED` when a publication brings a key for which there is no room. */
  assertRoomForKey({ keyed }: BrokerPublishOptions): void {
    if (keyed === undefined || keyed.removed) return
    const { size = 0 } = this.#keyed ?? {}
    if (size < keyed.maxKeys || this.#keyed?.has(keyed.key) === true) return
    throw new GoWebError('CHANNEL_KEYS_EXCEEDED', `The channel has ${size} keys (maxKeys); remove some`)
  }

  /** By how much `bytes` will have grown once it is appended, not counting what falls out of the history. */
  growthOf(publication: StoredPublication, { history, keyed }: BrokerPublishOptions): number {
    const cost = costOf(publication)
    const kept = (history?.size ?? 0) > 0 ? cost : 0
    if (keyed === undefined) return kept
    const before = this.#keyed?.get(keyed.key)
    return kept + (keyed.removed ? 0 : cost) - (before === undefined ? 0 : costOf(before))
  }

  append(publication: StoredPublication, options: BrokerPublishOptions, nowMs: number): void {
    this.top = publication.offset
    const size = options.history?.size ?? 0
    this.#ttlMs = options.history?.ttlMs ?? 0
    // Times never fall, so that they can be searched, even if the clock is put back.
    this.#newestMs = Math.max(this.#newestMs, nowMs)
    this.#ring.push(publication, this.#newestMs)
    this.bytes += costOf(publication)
    while (this.#ring.length > size) this.#dropOldest()
    this.expire(nowMs)
    if (options.keyed !== undefined) this.#setKey(publication, options.keyed)
  }

  /** Drops what is too old. */
  expire(nowMs: number): void {
    while (this.expiresAtMs <= nowMs) this.#dropOldest()
  }

  /** Drops the oldest until no more than so many bytes are left, or so many publications; keyed ones stay. */
  shrink(maxBytes: number, minLength: number): void {
    while (this.bytes > maxBytes && this.#ring.length > minLength) this.#dropOldest()
  }

  read(options: HistoryOptions, limits: HistoryLimits, nowMs: number): HistoryPage {
    const ring = this.#ring
    const ttlMs = Math.min(this.#ttlMs, limits.ttlMs)
    const first = Math.max(0, ring.length - limits.size, ring.indexLaterThan(nowMs - ttlMs))
    const gone = first === 0 ? this.#gone : ring.at(first - 1).offset
    const { since, limit, reverse = false } = options
    if (since !== undefined && (since.epoch !== this.epoch || since.offset > this.top)) {
      return { publications: [], position: this.position, complete: false, hasMore: false }
    }

    let from = first
    let to = ring.length
    if (since !== undefined && reverse) to = Math.max(first, ring.indexAfter(since.offset - 1))
    else if (since !== undefined) from = Math.max(first, ring.indexAfter(since.offset))
    const count = Math.max(0, Math.min(limit, to - from))
    const publications: StoredPublication[] = []
    for (let index = 0; index < count; index++) {
      publications.push(ring.at(reverse ? to - 1 - index : from + index))
    }
    const complete = since === undefined || since.offset >= gone
    return { publications, position: this.position, complete, hasMore: count < to - from }
  }

  snapshot(): KeyedSnapshot {
    const entries = Array.from(this.#keyed ?? [], ([key, publication]) => Object.assign({ key }, publication))
    return { entries, position: this.position }
  }

  #setKey(publication: StoredPublication, keyed: NonNullable<BrokerPublishOptions['keyed']>): void {
    const all = (this.#keyed ??= new Map())
    this.#deleteKey(keyed.key)
    if (keyed.removed) return
    all.set(keyed.key, publication)
    this.#countKeyed(costOf(publication))
  }

  #deleteKey(key: string): void {
    const publication = this.#keyed?.get(key)
    if (publication === undefined) return
    this.#countKeyed(-costOf(publication))
    this.#keyed?.delete(key)
  }

  #countKeyed(bytes: number): void {
    this.keyedBytes += bytes
    this.bytes += bytes
  }

  #dropOldest(): void {
    const publication = this.#ring.shift()
    if (publication === undefined) return
    this.#gone = publication.offset
    this.bytes -= costOf(publication)
  }
}

/** Bytes that a publication counts for. */
export function costOf(publication: StoredPublication): number {
  return publication.payload.length + OVERHEAD_BYTES
}

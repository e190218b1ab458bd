import { GoWebError } from '../../errors/goweb-error.ts'
import type { Clock } from '../../internal/clock.ts'
import type { PublishOutcome } from '../../realtime/broker.ts'
import { Appender } from './appender.ts'
import { MemoryJournal } from './memory-journal.ts'
import type { Placer } from './placer.ts'
import type { SqliteChannels } from './sqlite-channels.ts'
import { toBrokerError } from './sqlite-failure.ts'
import type { SqliteLimits } from './sqlite-limits.ts'
import type { SqliteStore } from './sqlite-store.ts'
import type { SqliteStream } from './sqlite-stream.ts'
import { trim } from './trimmer.ts'
import { isStored, Work, type Order } from './work.ts'

/** What one transaction takes at most: more would hold up the event loop. */
const MAX_TURN_WORKS = 1_024
const MAX_TURN_BYTES = 4 * 1024 * 1024
/** A full history is trimmed when it exceeds its size by a quarter, at most by so many: deleting several at once costs little more than one. */
const MAX_SLACK = 4_096
const AGE_CHECK_MS = 1_000
/** Rows that a transaction deletes, and that it places, besides twice as many as it has publications. */
const MIN_ROWS = 256

const DONE: PublishOutcome = { offset: 0, epoch: '', isRepeat: false }

/** What a writer is made of. */
export interface TurnWriterParts {
  readonly file: string
  readonly store: SqliteStore
  readonly channels: SqliteChannels
  readonly placer: Placer
  readonly limits: SqliteLimits
  readonly clock: Clock
  /** Calls back when the event loop has read what there was to read. */
  readonly defer: (callback: () => void) => void
  /** Told how many bytes a transaction has stored. */
  stored(bytes: number): void
  /** Hands out what was stored. */
  deliver(work: Work): void
}

/**
 * Stores all that was asked for in one turn of the event loop in one transaction, then delivers and acknowledges it, in its order.
 *
 * When the transaction fails, all of it is refused, nothing is delivered, and memory is as it was before. Publishes that were asked for behind one
 * that failed fail with it (`keepsPublishOrder`), those to the same channel where only one publish was refused for now.
 */
export class TurnWriter {
  readonly #parts: TurnWriterParts
  readonly #appender: Appender
  #waiting: Work[] = []
  #waitingBytes = 0
  #isScheduled = false
  #isFlushing = false
  /** By channel, undefined for all: what failed, until those who asked know. */
  readonly #failed = new Map<string | undefined, GoWebError>()

  constructor(parts: TurnWriterParts) {
    this.#parts = parts
    this.#appender = new Appender(parts)
  }

  /** Whether something waits: what is only to be delivered then waits behind it. */
  get hasWork(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether a transaction or its deliveries are under way: what is asked for now belongs to the next. */
  get isFlushing(): boolean {
    return this.#isFlushing
  }

  /** @throws `BROKER_UNAVAILABLE` when too much waits. */
  add(order: Order): Promise<PublishOutcome> {
    const work = new Work(order)
    const { maxQueueBytes } = this.#parts.limits
    if (this.#waitingBytes + work.bytes > maxQueueBytes) {
      throw new GoWebError(
        'BROKER_UNAVAILABLE',
        `${this.#waitingBytes} bytes wait to be stored in ${this.#parts.file} (maxQueueBytes: ${maxQueueBytes})`,
      )
    }
    if (this.#failed.size > 0) {
      const error = this.#failureBefore(order)
      if (error !== undefined) throw error
    }
    this.#waiting.push(work)
    this.#waitingBytes += work.bytes
    this.#schedule()
    return work.done.promise
  }

  /** Undefined when there is room for another idempotency key. */
  refusalOfKey(): GoWebError | undefined {
    return this.#appender.refusalOfKey()
  }

  /** Stores all that waits, and what that brings about. */
  drain(): void {
    while (this.#waiting.length > 0 && !this.#isFlushing) this.#flush()
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#parts.defer(() => {
      this.#isScheduled = false
      if (this.#waiting.length > 0) this.#flush()
    })
  }

  #flush(): void {
    const works = this.#take()
    this.#isFlushing = true
    try {
      const error = this.#store(works)
      if (error !== undefined) this.#failed.set(undefined, error)
      for (const work of works) this.#finish(work, error)
      if (this.#failed.size > 0) this.#failWaiting()
    } finally {
      this.#isFlushing = false
      if (this.#waiting.length > 0) this.#schedule()
    }
  }

  #noteRefusal(channel: string, refusal: GoWebError): void {
    if (refusal.code === 'BROKER_UNAVAILABLE') this.#failed.set(channel, refusal)
  }

  /** Why an order may not be carried out, though others may. */
  #failureBefore(order: Order): GoWebError | undefined {
    if (order.kind !== 'publish' || !isStored(order.options)) return undefined
    return this.#failed.get(undefined) ?? this.#failed.get(order.channel)
  }

  /** What waits behind something that failed, fails. */
  #failWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    for (const work of waiting) {
      const error = this.#failureBefore(work.order)
      if (error !== undefined) work.done.reject(error)
      else {
        this.#waiting.push(work)
        this.#waitingBytes += work.bytes
      }
    }
    // Behind the callbacks of the promises that were rejected.
    queueMicrotask(() => this.#failed.clear())
  }

  #take(): Work[] {
    let count = 0
    let bytes = 0
    for (const work of this.#waiting) {
      if (count >= MAX_TURN_WORKS || (count > 0 && bytes + work.bytes > MAX_TURN_BYTES)) break
      count++
      bytes += work.bytes
    }
    const works = count === this.#waiting.length ? this.#waiting : this.#waiting.slice(0, count)
    this.#waiting = count === this.#waiting.length ? [] : this.#waiting.slice(count)
    this.#waitingBytes -= bytes
    return works
  }

  /** The transaction. Returns why it failed. */
  #store(works: readonly Work[]): GoWebError | undefined {
    const { store, clock, file, placer, channels } = this.#parts
    const nowMs = clock.now()
    const journal = new MemoryJournal()
    try {
      store.begin()
      const grown = new Set<SqliteStream>()
      for (const work of works) this.#carryOut(work, { nowMs, journal, grown })
      const limit = MIN_ROWS + 2 * works.length
      this.#trim(grown, nowMs, limit)
      for (const stream of placer.placeSome(limit)) journal.touch(stream)
      placer.write()
      store.commit()
    } catch (error) {
      store.rollBack()
      journal.undo(placer)
      for (const work of works) this.#takeBack(work, nowMs)
      return toBrokerError(error, file)
    }
    journal.commit(placer, channels)
    this.#parts.stored(works.reduce((sum, { bytes }) => sum + bytes, 0))
    return undefined
  }

  #carryOut(
    work: Work,
    { nowMs, journal, grown }: { nowMs: number; journal: MemoryJournal; grown: Set<SqliteStream> },
  ): void {
    const { order } = work
    if (order.kind === 'publish') {
      const { payload, options, channel } = order
      work.refusal = this.#failed.size === 0 ? undefined : this.#failureBefore(order)
      if (work.refusal !== undefined) return
      this.#appender.publish(work, channel, { payload, options, nowMs, journal })
      if (work.refusal !== undefined) this.#noteRefusal(channel, work.refusal)
      if (work.stream !== undefined) grown.add(work.stream)
    } else if (order.kind === 'remove') this.#appender.remove(order.channel, journal)
  }

  #trim(grown: ReadonlySet<SqliteStream>, nowMs: number, maxRows: number): void {
    const { store, placer } = this.#parts
    let left = maxRows
    for (const stream of grown) {
      const excess = stream.top - stream.size + 1 - stream.first
      const slack = Math.min(stream.size >> 2, MAX_SLACK)
      if (!stream.isTrimming && excess <= slack && nowMs < stream.nextAgeCheckMs) continue
      // The newest stays, since it tells where the stream is.
      const end = Math.min(stream.first + left, stream.top)
      const missing = end - stream.recentFrom - stream.placing
      if (stream.recent.length > 0 && missing > 0) placer.place(stream, missing)
      const { first, orphans, isDone } = trim(store, stream, { nowMs, end })
      left -= first - stream.first
      stream.first = first
      stream.isTrimming = !isDone
      stream.nextAgeCheckMs = nowMs + AGE_CHECK_MS
      if (orphans > 0) store.deleteOrphanedKeys(nowMs, 2 * orphans)
      if (left <= 0) break
    }
  }

  /** What was to be stored is refused; what is only delivered needs no file. */
  #takeBack(work: Work, nowMs: number): void {
    const { channels } = this.#parts
    const { order } = work
    if (order.kind !== 'publish') return
    const { options, payload } = order
    if (!isStored(options)) {
      const journal = new MemoryJournal() // It changes no stream.
      if (work.outcome === undefined)
        this.#appender.publish(work, order.channel, { payload, options, nowMs, journal })
      return
    }
    work.outcome = undefined
    const channel = channels.get(order.channel)
    if (work.hasAddedKey && channel !== undefined && options.idempotency !== undefined) {
      channels.deleteKey(channel, options.idempotency.key)
    }
  }

  #finish(work: Work, error: GoWebError | undefined): void {
    const { order, publication, stream, newest, refusal, done } = work
    const isLost = order.kind === 'remove' || (order.kind === 'publish' && work.outcome === undefined)
    if (refusal !== undefined || (error !== undefined && isLost)) {
      done.reject(refusal ?? error)
      return
    }
    if (newest !== undefined && publication !== undefined && stream?.newest !== undefined) {
      stream.newest.apply(publication, newest)
      this.#parts.channels.keepNewest(stream)
    }
    this.#parts.deliver(work)
    done.resolve(work.outcome ?? DONE)
  }
}

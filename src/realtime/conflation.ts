import { ConflatingQueue } from './conflating-queue.ts'
import type { KeyedPublication } from './keyed-publication.ts'
import type { PongListener } from './pong-listener.ts'
import type { Subscription } from './subscription.ts'

/** What a {@link Conflation} needs of its channel. */
export interface ConflationHost {
  /** JSON text of the channel's name. */
  readonly nameText: string
  /** Of what the channel has handed out last. */
  readonly offset: number
  /** That may be on the way to a subscriber. */
  readonly maxInFlightBytes: number
  now(): number
  /** The push of a publication. */
  encode(publication: KeyedPublication): string
  /** It has caught up. */
  rejoin(subscription: Subscription): void
}

export interface ConflationSetup {
  /** What it has not got yet, in the order of the stream. */
  readonly waiting: readonly KeyedPublication[]
  /** Whether it is to be told when it has all values. */
  readonly isSnapshotDue: boolean
}

const FIRST_BATCH_BYTES = 16_384
const LEAST_BATCH_BYTES = 4_096
const MOST_BATCH_BYTES = 131_072
/** A batch that is acknowledged sooner may have been twice as large, one that takes longer than the second was too large. */
const QUICK_MS = 100
const SLOW_MS = 400

/**
 * A subscriber of a `latest` channel that does not keep up, or has much to get at once: it gets the newest of each changed key as fast as it takes them.
 *
 * After each batch it is pinged, and the next one leaves when the pong is here: so no more than a batch is ever on the way, whatever lies
 * between, and what waits here is never outdated.
 */
export class Conflation implements PongListener {
  readonly subscription: Subscription
  readonly #host: ConflationHost
  readonly #queue = new ConflatingQueue()
  #isSnapshotDue: boolean
  #batchBytes: number
  #ping = 0
  #pingedAtMs = 0
  #hasBatch = false

  constructor(subscription: Subscription, host: ConflationHost, { waiting, isSnapshotDue }: ConflationSetup) {
    this.subscription = subscription
    this.#host = host
    this.#isSnapshotDue = isSnapshotDue
    this.#batchBytes = Math.min(FIRST_BATCH_BYTES, host.maxInFlightBytes)
    for (const publication of waiting) this.#queue.put(publication)
    ;(subscription.subscriber.pongListeners ??= new Set()).add(this)
    // What was sent before may still be on its way.
    this.#sendPing()
  }

  /** How many keys wait. */
  get size(): number {
    return this.#queue.size
  }

  put(publication: KeyedPublication): void {
    this.#queue.put(publication)
  }

  /** It is not to get what was published of the key just now, and what it would have got is outdated. */
  drop(key: string): void {
    this.#queue.drop(key)
  }

  /** Its client has answered a ping. */
  onPong(): void {
    if (this.subscription.subscriber.pongs < this.#ping) return
    if (this.#hasBatch) this.#tune(this.#host.now() - this.#pingedAtMs)
    if (this.#queue.size > 0 || this.#isSnapshotDue) this.#sendBatch()
    else this.#host.rejoin(this.subscription)
  }

  end(): void {
    const { subscriber } = this.subscription
    if (subscriber.pongListeners?.delete(this) === true && subscriber.pongListeners.size === 0) {
      subscriber.pongListeners = undefined
    }
  }

  #sendBatch(): void {
    const { subscriber } = this.subscription
    for (const publication of this.#queue.take(this.#batchBytes)) {
      subscriber.send(this.#host.encode(publication))
    }
    if (this.#isSnapshotDue && this.#queue.size === 0) {
      this.#isSnapshotDue = false
      const { nameText, offset } = this.#host
      subscriber.send(`{"push":{"channel":${nameText},"snapshot":{"offset":${offset}}}}`)
    }
    this.#hasBatch = true
    this.#sendPing()
  }

  #sendPing(): void {
    this.#ping = this.subscription.subscriber.ping()
    this.#pingedAtMs = this.#host.now()
  }

  #tune(tookMs: number): void {
    const most = Math.min(MOST_BATCH_BYTES, this.#host.maxInFlightBytes)
    if (tookMs < QUICK_MS) this.#batchBytes = Math.min(most, this.#batchBytes * 2)
    else if (tookMs > SLOW_MS)
      this.#batchBytes = Math.max(Math.min(LEAST_BATCH_BYTES, most), this.#batchBytes / 2)
  }
}

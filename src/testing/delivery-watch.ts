import type { Publication, StreamPosition } from '../protocol/publication.ts'
import type { ChannelLog, PublicationLog } from './publication-log.ts'
import type { Violation, ViolationKind } from './violation.ts'

/** What a watch needs of a subscription of GoWeb's client. */
export interface WatchedSubscription {
  readonly channel: string
  readonly state: 'subscribing' | 'subscribed' | 'unsubscribed'
  readonly position: StreamPosition | undefined
  on(handler: (data: unknown, publication: Publication) => void): () => void
  onStateChange(handler: (change: { readonly state: string }) => void): () => void
}

/** What the watches of one checker have in common. */
export interface WatchHost {
  readonly log: PublicationLog
  now(): number
  report(violation: Violation): void
}

type Outcome = 'pending' | 'stored' | 'unknown' | 'refused'

interface SentPublish {
  readonly data: string
  outcome: Outcome
}

/**
 * Watches one subscription.
 *
 * Compares what it hands to its handlers, and what becomes of its publishes, with what the broker took.
 */
export class DeliveryWatch {
  readonly name: string
  /** Gaps that it was told of. */
  gaps = 0
  /** Publications that it was handed. */
  delivered = 0
  readonly #host: WatchHost
  readonly #published: SentPublish[] = []
  readonly #places = new Set<number>()
  #subscription: WatchedSubscription | undefined
  #hasEnded = false
  #hasStarted = false
  /** Up to where everything of the log was handed over, or lay before its start or a gap; undefined as long as that is not known. */
  #place: number | undefined
  /** Of the stream that the place belongs to. */
  #epoch: string | undefined

  constructor(host: WatchHost, name: string) {
    this.#host = host
    this.name = name
  }

  /** To be given to the subscription as its option of that name. */
  readonly onGap: (gap: { readonly position: StreamPosition | undefined }) => void = ({ position }) => {
    this.gaps++
    this.#checkNeed(position)
    this.#moveTo(position)
  }

  /** Watches a subscription that was just made with this watch's `onGap`. @param since the option that it was given. */
  follow(subscription: WatchedSubscription, since?: StreamPosition): void {
    this.#subscription = subscription
    if (since !== undefined) this.#moveTo(since)
    else if (subscription.position !== undefined) this.#moveTo(subscription.position)
    subscription.on((_data, publication) => this.#take(publication))
    subscription.onStateChange(({ state }) => {
      // Its position is known once the whole reply has been taken in.
      if (state === 'subscribed' && !this.#hasStarted) queueMicrotask(() => this.#start())
    })
  }

  /**
   * Notes a publish, so that what becomes of it is checked; gives back its promise.
   *
   * @param data as subscribers get it, and no other publish of the channel has it.
   */
  published(data: unknown, promise: Promise<void>): Promise<void> {
    const sent: SentPublish = { data: JSON.stringify(data), outcome: 'pending' }
    this.#published.push(sent)
    void this.#await(sent, promise)
    return promise
  }

  async #await(sent: SentPublish, promise: Promise<void>): Promise<void> {
    try {
      await promise
    } catch (error) {
      const { code } = error as { readonly code?: unknown } // As the client's errors have it.
      sent.outcome = code === 'PUBLISH_OUTCOME_UNKNOWN' ? 'unknown' : 'refused'
      return
    }
    sent.outcome = 'stored'
    this.#checkStored(sent)
  }

  /** The subscription was ended: from now on it must be silent. */
  ended(): void {
    this.#hasEnded = true
  }

  /** Whether it waits for nothing: it is subscribed, and every publish is settled. */
  get isSettled(): boolean {
    const isWaiting = !this.#hasEnded && this.#subscription?.state === 'subscribing'
    return !isWaiting && this.#published.every(({ outcome }) => outcome !== 'pending')
  }

  /** How many of its publishes ended in each way. */
  countOutcomes(counts: Record<Outcome, number>): void {
    for (const { outcome } of this.#published) counts[outcome]++
  }

  /**
   * When nothing is on its way any more: everything must have arrived.
   *
   * @param isOrderKept whether the publishes must have been stored in their order.
   */
  finish(isOrderKept: boolean): void {
    this.#checkPublished(isOrderKept)
    const subscription = this.#subscription
    if (subscription === undefined || this.#hasEnded) return
    if (subscription.state === 'subscribing') this.#report('stuck', 'is still subscribing')
    else if (subscription.state === 'unsubscribed') this.#report('ended', 'was ended by the server')
    else if (subscription.position !== undefined && this.#place !== undefined) {
      const { entries } = this.#log()
      if (this.#place < entries.length - 1) this.#reportLost(this.#place + 1, entries.length)
    }
  }

  #log(): ChannelLog {
    return this.#host.log.channel(this.#subscription?.channel ?? '')
  }

  #start(): void {
    if (this.#hasStarted) return
    this.#hasStarted = true
    const position = this.#subscription?.position
    if (this.#place === undefined && position !== undefined) this.#moveTo(position)
  }

  #moveTo(position: StreamPosition | undefined): void {
    this.#epoch = position?.epoch
    this.#place = position && this.#log().lastKnown(position.epoch, position.offset)
  }

  #take(publication: Publication): void {
    this.delivered++
    const { offset = 0 } = publication
    const data = JSON.stringify(publication.data)
    if (this.#hasEnded) this.#report('disordered', `${data} came after it was unsubscribed`)
    const { entries } = this.#log()
    const places = this.#log()
      .placesOf(data)
      .filter((place) => entries[place]!.offset === offset)
    if (places.length === 0) {
      this.#report('invented', `${data} at ${offset} was never published`)
      return
    }
    const before = this.#place ?? -1
    const place = places.find((candidate) => candidate > before)
    if (place === undefined) {
      const wasHanded = places.some((candidate) => this.#places.has(candidate))
      this.#report(wasHanded ? 'doubled' : 'disordered', `${data} at ${offset} came again or too late`)
      return
    }
    if (offset > 0 && this.#place !== undefined && place > before + 1) this.#reportLost(before + 1, place)
    this.#place = place
    this.#epoch = entries[place]!.epoch
    this.#places.add(place)
  }

  /** A gap may only be told when something cannot be had any more. */
  #checkNeed(position: StreamPosition | undefined): void {
    if (position === undefined || this.#place === undefined || position.epoch !== this.#epoch) return
    const { entries, keptFrom } = this.#log()
    if (keptFrom > this.#place) return
    const missing = entries.slice(this.#place + 1)
    const size = entries.at(-1)?.history?.size ?? 0
    const ttlMs = entries.at(-1)?.history?.ttlMs ?? 0
    if (missing.some(({ epoch }) => epoch !== position.epoch) || missing.length > size) return
    if (missing.length > 0 && this.#host.now() - missing[0]!.atMs >= ttlMs) return
    this.#report('needless gap', `all ${missing.length} publications after its position are still kept`)
  }

  #checkStored({ data }: SentPublish): void {
    const times = this.#log().placesOf(data).length
    if (times === 0) this.#report('not stored', `${data} was acknowledged but not stored`)
    if (times > 1) this.#report('stored twice', `${data} was stored ${times} times`)
  }

  #checkPublished(isOrderKept: boolean): void {
    let last = -1
    for (const sent of this.#published) {
      const places = this.#log().placesOf(sent.data)
      if (sent.outcome === 'pending') this.#report('stuck', `the publish of ${sent.data} is not settled`)
      if (sent.outcome === 'refused' && places.length > 0) {
        this.#report('stored though refused', `${sent.data} was stored`)
      }
      if (places.length > 1) this.#report('stored twice', `${sent.data} was stored ${places.length} times`)
      const [place] = places
      if (place === undefined) continue
      if (isOrderKept && place < last)
        this.#report('disordered', `${sent.data} was stored before what was published before it`)
      last = place
    }
  }

  #reportLost(from: number, to: number): void {
    const lost = this.#log()
      .entries.slice(from, to)
      .map(({ data, offset }) => `${data} at ${offset}`)
    this.#report('lost', lost.join(', '))
  }

  #report(kind: ViolationKind, detail: string): void {
    const who = `${this.name} on ${this.#subscription?.channel ?? 'no channel'}`
    this.#host.report({ kind, atMs: this.#host.now(), who, detail })
  }
}

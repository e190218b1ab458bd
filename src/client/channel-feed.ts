import type { ClientInfo, Publication, StreamPosition } from '../protocol/publication.ts'
import type { Push, Reply, SubscribeResult } from '../protocol/reply.ts'
import { backoffMs } from './backoff.ts'
import { ChannelOutbox, type OutboxCount } from './channel-outbox.ts'
import { ClientError } from './client-error.ts'
import type { Cause } from './connection.ts'
import type { OutboxItem } from './outbox-store.ts'
import { LatestValues } from './latest-values.ts'
import { LOST, refusal, type Wire } from './wire.ts'

/** Whether a subscription is in force, will be, or was refused or ended. */
export type SubscriptionState = 'subscribing' | 'subscribed' | 'unsubscribed'

/** One of those who share a channel's subscription. */
export interface FeedReader {
  /** Where it wants to begin; undefined for now. */
  readonly since: StreamPosition | undefined
  /** What comes from now on is for it. @param position that the feed has reached; undefined where nothing is kept. */
  onJoin(position: StreamPosition | undefined): void
  onPublication(publication: Publication): void
  /** Subscribed again. @param isBehind something after the position before is in the history only. */
  onLive(isBehind: boolean): void
  /** What lies before the position is lost. */
  onGap(position: StreamPosition | undefined): void
  onMember(event: 'join' | 'leave', info: ClientInfo): void
  onState(state: SubscriptionState, cause: Cause): void
}

const SUBSCRIBED: Cause = { code: 0, reason: 'subscribed' }
const ALREADY_SUBSCRIBED = 105
const UNRECOVERABLE_POSITION = 112
/** Codes of unsubscriptions from here on mean: subscribe again. */
const RESUBSCRIBE_FROM = 2500

/** The one subscription that a connection can have of a channel, for all who read it: in order, nothing twice, each gap told. */
export class ChannelFeed {
  readonly channel: string
  readonly outbox: ChannelOutbox
  state: SubscriptionState = 'subscribing'
  /** Up to where the channel's stream has come in; undefined before, and where nothing is kept. */
  position: { offset: number; epoch: string } | undefined
  /** Only of a `latest` channel, once it is known to be one. */
  values: LatestValues | undefined
  readonly #wire: Wire
  readonly #onIdle: (feed: ChannelFeed) => void
  /** Readers, and whether they have joined. */
  readonly #readers = new Map<FeedReader, boolean>()
  /** Changes with each subscribe command: the replies of older ones are no news. */
  #turn = 0
  #attempts = 0
  #wasLive = false
  #isGapDue = false
  #isOnWire = false
  /** Whether what is pushed is what comes after the position. */
  #isLive = false
  #isSettling = false
  #wantsMembers = false
  #cancelRetry: (() => void) | undefined

  /** @param shared its `onIdle`: nothing will come of this feed any more. */
  constructor(
    wire: Wire,
    channel: string,
    shared: { readonly count: OutboxCount; onIdle(feed: ChannelFeed): void },
  ) {
    this.#wire = wire
    this.channel = channel
    this.#onIdle = (feed) => shared.onIdle(feed)
    this.outbox = new ChannelOutbox(wire, shared.count, () => this.#settleSoon())
  }

  add(reader: FeedReader): void {
    this.#readers.set(reader, false)
    // At once, so that nothing of the same turn passes by; what may call the application waits.
    if (this.#wasLive && !reader.since) this.#join(reader)
    this.#settleSoon()
  }

  remove(reader: FeedReader): void {
    this.#readers.delete(reader)
    this.#settleSoon()
  }

  /** Takes in publishes that earlier pages have left. */
  restore(items: readonly OutboxItem[]): void {
    this.outbox.restore(items)
    this.#settleSoon()
  }

  /** Asks to be told who joins and leaves. */
  wantMembers(): void {
    if (this.#wantsMembers) return
    this.#wantsMembers = true
    if (this.#isOnWire) queueMicrotask(() => this.#subscribe())
  }

  /** The client is connected. */
  start(): void {
    if (this.state !== 'unsubscribed') this.#subscribe()
  }

  /** The connection is lost. */
  stop(cause: Cause): void {
    this.#leaveWire()
    if (this.state === 'subscribed') this.#become('subscribing', cause)
  }

  /** Ends it for all readers. */
  end(cause: Cause, error: ClientError): void {
    this.#leaveWire()
    this.outbox.fail(error)
    this.#become('unsubscribed', cause)
    this.#onIdle(this)
  }

  onPush({ pub, join, leave, snapshot, unsubscribe }: Push): void {
    if (!this.#isLive) return
    if (pub) this.#take(pub)
    else if (snapshot) this.#complete(snapshot.offset)
    else if (join) this.#each((reader) => reader.onMember('join', join.info))
    else if (leave) this.#each((reader) => reader.onMember('leave', leave.info))
    else if (unsubscribe && unsubscribe.code >= RESUBSCRIBE_FROM) {
      this.stop(unsubscribe)
      this.#retry()
    } else if (unsubscribe) {
      this.end(unsubscribe, new ClientError('UNSUBSCRIBED', unsubscribe.reason, unsubscribe))
    }
  }

  /** Lets a turn of the application end first: who leaves and comes back within it has not left. */
  #settleSoon(): void {
    if (this.#isSettling) return
    this.#isSettling = true
    queueMicrotask(() => {
      this.#isSettling = false
      this.#settle()
    })
  }

  #settle(): void {
    if (this.#isIdle()) {
      if (this.#isOnWire) this.#leaveChannel()
      this.#leaveWire()
      this.#onIdle(this)
      return
    }
    const [first] = this.#readers.keys()
    const isNew = !this.#wasLive && !this.#isGapDue
    // What the server was asked for already begins where it does: then each begins when the answer has come.
    const mayBegin = first?.since && !this.#isOnWire
    if (isNew && mayBegin) this.position ??= { ...first.since }
    for (const [reader, hasJoined] of this.#readers) {
      if (hasJoined || (isNew && !(mayBegin && reader === first))) continue
      this.#join(reader)
    }
    if (!this.#isOnWire && this.#cancelRetry === undefined) this.start()
  }

  #isIdle(): boolean {
    return this.#readers.size === 0 && this.outbox.isEmpty
  }

  #join(reader: FeedReader): void {
    this.#readers.set(reader, true)
    reader.onJoin(this.position)
    if (this.#isLive) reader.onLive(false)
  }

  #leaveChannel(): void {
    this.#wire.request('unsubscribe', JSON.stringify({ channel: this.channel }), () => {})
  }

  /** Subscribes; anew, where it is subscribed. */
  #subscribe(): void {
    if (!this.#wire.isConnected || this.#isIdle()) return
    if (this.#isOnWire) this.#leaveChannel()
    this.#leaveWire()
    this.#isOnWire = true
    const turn = this.#turn
    const from = this.position && { ...this.position }
    const body = {
      channel: this.channel,
      positioned: true,
      recoverable: true,
      ...(this.#wantsMembers && { join_leave: true }),
      ...(from && { recover: true, ...from }),
      // With a position, but without the values that go with it.
      snapshot: (from && !(this.values?.isComplete ?? this.#wasLive)) || undefined,
    }
    this.#wire.request('subscribe', JSON.stringify(body), (reply) => {
      if (turn === this.#turn) this.#onReply(reply, from)
    })
  }

  #onReply({ error, subscribe }: Reply, from: StreamPosition | undefined): void {
    if (error === LOST) return
    if (subscribe) {
      this.#onSubscribed(subscribe, from)
    } else if (error?.code === UNRECOVERABLE_POSITION) {
      this.#isGapDue = true
      this.position = undefined
      this.#retry()
    } else if (error?.code === ALREADY_SUBSCRIBED && this.#attempts++ === 0) {
      // By the server, at connect; what it sends there has no place in a stream.
      this.#subscribe()
    } else if (error === undefined || error.temporary || error.code === ALREADY_SUBSCRIBED) {
      this.#retry()
    } else {
      this.end({ code: error.code, reason: error.message }, refusal(error))
    }
  }

  #onSubscribed(result: SubscribeResult, from: StreamPosition | undefined): void {
    const { epoch = '', offset = 0, publications = [], recovered = false, snapshot } = result
    const top = result.recoverable || result.positioned ? { epoch, offset } : undefined
    // Not recovered and yet the same stream: perhaps only too much for one reply.
    const isSameStream =
      from !== undefined && top?.epoch === from.epoch && (recovered || offset >= from.offset)
    const isBehind = isSameStream && !recovered && offset > from.offset
    this.#attempts = 0
    this.#wasLive = true
    this.#become('subscribed', SUBSCRIBED)
    if (snapshot) {
      this.values ??= new LatestValues()
      this.values.begin(epoch)
      this.position = top
      this.#each((reader) => this.#join(reader))
      for (const publication of publications) this.#take(publication)
      if (snapshot === 'all') this.#complete(offset)
    } else if (isSameStream && recovered) {
      for (const publication of publications) this.#take(publication)
      if (this.position && offset > this.position.offset) this.position.offset = offset
    } else {
      this.position = top
      if (this.#isGapDue || (from && !isSameStream)) this.#eachJoined((reader) => reader.onGap(top))
    }
    this.#isGapDue = false
    for (const [reader, hasJoined] of this.#readers) if (!hasJoined) this.#join(reader)
    this.#isLive = true
    this.#each((reader) => reader.onLive(!snapshot && isBehind))
    this.outbox.open(top?.epoch)
  }

  /**
   * Hands on what is new.
   *
   * A hole in the offsets is nothing to look into: streams may have them, a sender may be left out, and the node has followed the
   * chain of publications, which a connection keeps in order.
   */
  #take(publication: Publication): void {
    const { position, values } = this
    const { offset } = publication
    const isOld = offset && position && offset <= position.offset
    if (offset && position && !isOld) position.offset = offset
    if (values ? !values.take(publication) : isOld) return
    this.#eachJoined((reader) => reader.onPublication(publication))
  }

  /** All values have come. */
  #complete(offset: number): void {
    const gone = this.values?.complete() ?? []
    if (this.position) this.position.offset = offset
    this.#eachJoined((reader) => {
      for (const removal of gone) reader.onPublication(removal)
      reader.onJoin(this.position)
    })
  }

  #retry(): void {
    const { settings } = this.#wire
    this.#cancelRetry?.()
    this.#cancelRetry = settings.clock.after(backoffMs(settings, this.#attempts++), () => this.start())
  }

  #leaveWire(): void {
    this.#turn++
    this.#isLive = false
    this.#isOnWire = false
    this.#cancelRetry?.()
    this.#cancelRetry = undefined
    this.outbox.shut()
  }

  #become(state: SubscriptionState, cause: Cause): void {
    this.state = state
    this.#each((reader) => reader.onState(state, cause))
  }

  #each(tell: (reader: FeedReader) => void): void {
    for (const reader of this.#readers.keys()) tell(reader)
  }

  #eachJoined(tell: (reader: FeedReader) => void): void {
    for (const [reader, hasJoined] of this.#readers) if (hasJoined) tell(reader)
  }
}

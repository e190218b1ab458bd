import type { HistoryRequest } from '../protocol/command.ts'
import type { ClientInfo, Publication, StreamPosition } from '../protocol/publication.ts'
import type { Reply } from '../protocol/reply.ts'
import type { Asks } from './asks.ts'
import { CatchUp } from './catch-up.ts'
import type { ChannelFeed, FeedReader, SubscriptionState } from './channel-feed.ts'
import { ClientError } from './client-error.ts'
import type { Cause } from './connection.ts'
import { Delivery } from './delivery.ts'
import { Emitter } from './emitter.ts'
import { randomId } from './random-id.ts'
import type { HistoryPage } from './subscription.ts'
import type { SubscriptionOptions } from './subscription-options.ts'
import type { Wire } from './wire.ts'

type Handler = (...values: never[]) => unknown

/** One reader of a channel: its own place in the stream, its own handlers, and each publication once. */
export class ChannelSubscription implements FeedReader {
  readonly channel: string
  readonly since: StreamPosition | undefined
  position: { offset: number; epoch: string } | undefined
  readonly #feed: ChannelFeed
  readonly #asks: Asks
  readonly #events: Emitter<'state' | 'join' | 'leave' | 'gap' | 'removed'>
  readonly #delivery: Delivery
  readonly #catchUp: CatchUp
  #hasLeft = false

  constructor(
    feed: ChannelFeed,
    context: { readonly wire: Wire; readonly asks: Asks },
    options: SubscriptionOptions,
  ) {
    const { onError, maxWaitingPublications: maxWaiting } = context.wire.settings
    this.channel = feed.channel
    this.since = options.since
    this.#feed = feed
    this.#asks = context.asks
    this.#events = new Emitter(onError)
    if (options.onGap) this.#events.on('gap', options.onGap)
    this.#delivery = new Delivery({
      maxWaiting,
      onError,
      onLoss: () => this.#tellGap(),
      current: () => feed.values?.all.values(),
    })
    this.#catchUp = new CatchUp(context.wire, feed.channel, this)
    feed.add(this)
  }

  get state(): SubscriptionState {
    return this.#hasLeft ? 'unsubscribed' : this.#feed.state
  }

  on(...args: [handler: Handler] | [event: string, handler: Handler]): () => void {
    return args.length === 1 ? this.#delivery.on(undefined, args[0]) : this.#delivery.on(args[0], args[1])
  }

  onRemoved(handler: Handler): () => void {
    return this.#events.on('removed', handler)
  }

  values(): ReadonlyMap<string, unknown> {
    return new Map(Array.from(this.#feed.values?.all ?? [], ([key, { data }]) => [key, data]))
  }

  onStateChange(handler: Handler): () => void {
    return this.#events.on('state', handler)
  }

  onPresence(event: 'join' | 'leave', handler: Handler): () => void {
    this.#feed.wantMembers()
    return this.#events.on(event, handler)
  }

  /** Encodes at once: what the caller changes afterwards is not published. */
  async publish(...args: [data: unknown] | [event: string, data: unknown]): Promise<void> {
    if (this.state === 'unsubscribed') {
      throw new ClientError('UNSUBSCRIBED', `There is no subscription of ${this.channel}`)
    }
    const [data, event] = args.length === 1 ? args : [args[1], args[0]]
    await this.#feed.outbox.add(
      JSON.stringify({ channel: this.channel, data: data ?? null, event, id: randomId() }),
    )
  }

  async presence(): Promise<ClientInfo[]> {
    const { presence } = await this.#ask('presence')
    return Object.values(presence?.presence ?? {})
  }

  async presenceStats(): Promise<{ clients: number; users: number }> {
    const { presence_stats: stats } = await this.#ask('presence_stats')
    return { clients: stats?.num_clients ?? 0, users: stats?.num_users ?? 0 }
  }

  async history(options: Omit<HistoryRequest, 'channel'> = {}): Promise<HistoryPage> {
    const { history } = await this.#ask('history', { limit: 100, ...options })
    const { publications = [], offset = 0, epoch = '' } = history ?? {}
    return { publications, position: { offset, epoch } }
  }

  unsubscribe(): void {
    if (this.#hasLeft) return
    const { state } = this
    this.#catchUp.stop()
    this.#delivery.clear()
    this.#feed.remove(this)
    this.#hasLeft = true
    if (state !== 'unsubscribed') this.onState('unsubscribed', { code: 0, reason: 'asked to' })
  }

  onJoin(position: StreamPosition | undefined): void {
    const { since } = this
    this.position = position && { ...position }
    if (!since || !position || this.#feed.values) return
    if (since.epoch === position.epoch) {
      this.position = { ...since }
      // From now on what comes in is too new.
      this.#catchUp.isActive = since.offset < position.offset
    } else this.onGap(position)
  }

  onLive(isBehind: boolean): void {
    if (isBehind || this.#catchUp.isActive) this.#catchUp.start()
  }

  onPublication(publication: Publication): void {
    if (this.#catchUp.isActive && publication.offset) this.#catchUp.hold(publication)
    else this.take(publication)
  }

  take(publication: Publication): void {
    const { offset, key, removed } = publication
    const { position } = this
    const isOld = offset && position && offset <= position.offset
    // What is old of a key, the feed knows.
    if (isOld && key === undefined) return
    if (offset && position && !isOld) position.offset = offset
    if (removed) this.#events.emit('removed', key, publication)
    else this.#delivery.hand(publication)
  }

  onMissing(): void {
    this.onGap(this.#feed.position)
  }

  onGap(position: StreamPosition | undefined): void {
    this.#catchUp.stop()
    this.#delivery.clear()
    this.position = position && { ...position }
    this.#tellGap()
  }

  onMember(event: 'join' | 'leave', info: ClientInfo): void {
    this.#events.emit(event, info)
  }

  onState(state: SubscriptionState, { code, reason }: Cause): void {
    if (state === 'unsubscribed') this.#catchUp.stop()
    this.#events.emit('state', { state, code, reason })
  }

  #tellGap(): void {
    this.#events.emit('gap', { position: this.position && { ...this.position } })
  }

  #ask(method: string, more?: object): Promise<Reply> {
    return this.#asks.ask(method, JSON.stringify({ channel: this.channel, ...more }), { isRepeatable: true })
  }
}

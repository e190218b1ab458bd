import type { Lag } from './lag.ts'
import type { PongListener } from './pong-listener.ts'
import type { ChannelBinding } from './realtime-handlers.ts'
import type { Transport } from './transport.ts'

/** A connection as channels see it. */
export interface Subscriber {
  readonly id: string
  readonly user: string
  readonly transport: Transport
  /** JSON text of `conn_info`. */
  readonly infoText: string | undefined
  /** Pings that were sent, and pongs that came: each answers the next ping, and what was sent before it has arrived. */
  readonly pings: number
  readonly pongs: number
  /** Told of each pong. */
  pongListeners: Set<PongListener> | undefined
  /** Sends a ping; returns its number. */
  ping(): number
  send(text: string): void
  /** Ends one of its subscriptions and tells it so. */
  endSubscription(subscription: Subscription, code: number, reason: string): void
  disconnect(code: number, reason: string): void
}

/** One connection's interest in one channel. */
export class Subscription {
  readonly subscriber: Subscriber
  readonly name: string
  readonly binding: ChannelBinding
  readonly isServerSide: boolean
  /** `joining` until its reply has been sent. */
  state: 'joining' | 'live' | 'ended' = 'joining'
  /** Whether its channel knows it. */
  isAttached = false
  wantsJoinLeave = false
  /** Whether it may have an entry in the channel's presence. */
  isPresent = false
  /** Whether others were told that it joined. */
  isAnnounced = false
  /** Id of the last publish command that was stored, or refused for good. */
  settledPublish = 0
  /** Everything up to here has been sent. */
  sentOffset = 0
  /** How far it is behind, where that is watched. */
  lag: Lag | undefined = undefined
  /** Milliseconds since 1970; 0: never. */
  expiresAtMs = 0
  /** JSON text of `chan_info`. */
  channelInfo: string | undefined = undefined
  /** What is still to be done for presence, so that it is done in order. */
  presenceWork: Promise<void> | undefined = undefined
  presencePending = 0
  #clientInfo: string | undefined = undefined

  constructor(subscriber: Subscriber, name: string, setup: SubscriptionSetup) {
    this.subscriber = subscriber
    this.name = name
    this.binding = setup.binding
    this.isServerSide = setup.isServerSide
  }

  /** JSON text of its `ClientInfo`, made when it is needed first. */
  get clientInfo(): string {
    return (this.#clientInfo ??= this.#encodeInfo())
  }

  /** The connection's own information has changed. */
  forgetInfo(): void {
    this.#clientInfo = undefined
  }

  #encodeInfo(): string {
    const { id, user, infoText } = this.subscriber
    let text = `{"user":${JSON.stringify(user)},"client":${JSON.stringify(id)}`
    if (infoText !== undefined) text += `,"conn_info":${infoText}`
    if (this.channelInfo !== undefined) text += `,"chan_info":${this.channelInfo}`
    return `${text}}`
  }
}

interface SubscriptionSetup {
  readonly binding: ChannelBinding
  readonly isServerSide: boolean
}

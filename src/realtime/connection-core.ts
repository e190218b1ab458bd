import { isThenable } from '../chain/compose.ts'
import { DISCONNECT } from '../protocol/disconnect-codes.ts'
import { WheelEntry } from '../websocket/wheel-entry.ts'
import type { Json } from '../protocol/json.ts'
import type { MaybePromise } from './broker.ts'
import type { ConnectionView } from './realtime-handlers.ts'
import type { PongListener } from './pong-listener.ts'
import type { RealtimeContext } from './realtime-context.ts'
import type { Subscriber, Subscription } from './subscription.ts'
import type { SubscriptionTable } from './subscription-table.ts'
import type { Transport } from './transport.ts'

/** Where a connection stands: it says `connect` first, once. */
export type ConnectionPhase = 'new' | 'connecting' | 'connected' | 'closed'

/** What a connection is and has, and how its subscriptions end; what it does with commands is `RealtimeConnection`'s. */
export abstract class ConnectionCore extends WheelEntry implements ConnectionView, Subscriber {
  readonly id: string = crypto.randomUUID()
  readonly context: RealtimeContext
  readonly transport: Transport
  readonly request: unknown
  phase: ConnectionPhase = 'new'
  user = ''
  state: unknown = undefined
  infoText: string | undefined = undefined
  /** Milliseconds since 1970; 0: never. */
  expiresAtMs = 0
  /** By channel; undefined before the first. */
  subscriptions: SubscriptionTable | undefined = undefined
  pings = 0
  pongs = 0
  pongListeners: Set<PongListener> | undefined = undefined

  constructor(context: RealtimeContext, transport: Transport, request: unknown) {
    super()
    this.context = context
    this.transport = transport
    this.request = request
  }

  abstract disconnect(code: number, reason: string): void

  send(text: string): void {
    this.transport.send(text)
  }

  ping(): number {
    this.send('{}')
    return ++this.pings
  }

  endSubscription(subscription: Subscription, code: number, reason: string): void {
    const { state } = subscription
    if (state === 'ended') return
    this.drop(subscription)
    // Who is joining has not been told that it is subscribed; its command is refused.
    if (this.phase !== 'connected' || state === 'joining') return
    if (subscription.isServerSide && code >= 2500) {
      // The client did not ask for it and cannot ask again: it recovers by connecting.
      this.disconnect(DISCONNECT.INSUFFICIENT_STATE.code, DISCONNECT.INSUFFICIENT_STATE.reason)
      return
    }
    const unsubscribe = JSON.stringify({ code, reason })
    this.send(`{"push":{"channel":${JSON.stringify(subscription.name)},"unsubscribe":${unsubscribe}}}`)
  }

  /** Ends a subscription without a word to the client. */
  drop(subscription: Subscription): void {
    if (subscription.state === 'ended') return
    this.context.channels.detach(subscription)
    subscription.state = 'ended'
    this.subscriptions?.delete(subscription)
    if (subscription.isPresent) {
      void this.inOrder(subscription, () => this.context.broker.removePresence(subscription.name, this.id))
    }
    if (subscription.isAnnounced) this.announce(subscription, 'leave')
  }

  /** Tells others that it joined, where the channel has that. */
  announceJoin(subscription: Subscription): void {
    if (!subscription.binding.policy.hasJoinLeave || subscription.state !== 'live') return
    subscription.isAnnounced = true
    this.announce(subscription, 'join')
  }

  /** The authentication goes on; `info` replaces what others see of the connection. */
  renew(expiresAtMs: number | undefined, info: Json | undefined): void {
    this.expiresAtMs = expiresAtMs ?? 0
    if (info === undefined) return
    this.infoText = JSON.stringify(info)
    for (const subscription of this.subscriptions?.values() ?? []) subscription.forgetInfo()
  }

  /** Tells the channel's subscribers, on all nodes, who joined or left. */
  announce(subscription: Subscription, what: 'join' | 'leave'): void {
    const { name, clientInfo } = subscription
    void this.inOrder(subscription, () =>
      this.context.broker.signal(name, `${this.id}\n"${what}":{"info":${clientInfo}}`),
    )
  }

  /** Sets or prolongs the entry in the channel's presence. */
  setPresence(subscription: Subscription): MaybePromise<void> {
    const { name, clientInfo } = subscription
    subscription.isPresent = true
    const entry = { client: this.id, user: this.user, info: clientInfo }
    return this.inOrder(subscription, () =>
      this.context.broker.setPresence(name, entry, this.context.limits.presenceTtlMs),
    )
  }

  /** What a broker is told of one subscription it is told in order; failures are reported. */
  inOrder(subscription: Subscription, work: () => MaybePromise<void>): MaybePromise<void> {
    const before = subscription.presenceWork
    if (before === undefined) {
      try {
        const done = work()
        if (!isThenable(done)) return undefined
        return (subscription.presenceWork = this.#settle(subscription, () => done))
      } catch (error) {
        this.#reportPresence(subscription, error)
        return undefined
      }
    }
    return (subscription.presenceWork = this.#settle(subscription, async () => {
      await before
      await work()
    }))
  }

  async #settle(subscription: Subscription, work: () => Promise<void>): Promise<void> {
    subscription.presencePending++
    this.context.work.begin()
    try {
      await work()
    } catch (error) {
      this.#reportPresence(subscription, error)
    }
    this.context.work.end()
    if (--subscription.presencePending === 0) subscription.presenceWork = undefined
  }

  #reportPresence(subscription: Subscription, error: unknown): void {
    this.context.handlers.report(error, `presence of ${subscription.binding.policy.pattern}`)
  }
}

import { GoWebError } from '../errors/goweb-error.ts'
import type {
  BrokerListener,
  BrokerNode,
  BrokerPublishOptions,
  HistoryLimits,
  HistoryOptions,
  HistoryPage,
  KeyedSnapshot,
  MaybePromise,
  PresenceEntry,
  PublishOutcome,
} from '../realtime/broker.ts'
import type { Recipient } from './delivery-queue.ts'

/** What a node asks of a broker that is in the same process. */
export interface EmbeddedHost extends Omit<
  BrokerNode,
  'keepsPublishOrder' | 'subscribe' | 'unsubscribe' | 'close'
> {
  subscribe(node: EmbeddedNode, channel: string): void
  unsubscribe(node: EmbeddedNode, channel: string): void
}

/** One node's end of a broker that is in the same process. */
export class EmbeddedNode implements BrokerNode, Recipient {
  readonly keepsPublishOrder = true
  readonly listener: BrokerListener
  /** This node as a list, shared by the channels that only it is interested in. */
  readonly alone: readonly Recipient[]
  readonly #host: EmbeddedHost
  readonly #leave: (node: EmbeddedNode) => MaybePromise<void>
  #isClosed = false

  /** @param leave is told once that the node is closed. */
  constructor(
    host: EmbeddedHost,
    listener: BrokerListener,
    leave: (node: EmbeddedNode) => MaybePromise<void>,
  ) {
    this.#host = host
    this.listener = listener
    this.alone = [this]
    this.#leave = leave
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  subscribe(channel: string): void {
    this.#open().subscribe(this, channel)
  }

  unsubscribe(channel: string): void {
    this.#open().unsubscribe(this, channel)
  }

  publish(channel: string, payload: string, options: BrokerPublishOptions): MaybePromise<PublishOutcome> {
    return this.#open().publish(channel, payload, options)
  }

  signal(channel: string, payload: string): MaybePromise<void> {
    return this.#open().signal(channel, payload)
  }

  broadcast(payload: string): MaybePromise<void> {
    return this.#open().broadcast(payload)
  }

  history(channel: string, options: HistoryOptions, limits: HistoryLimits): MaybePromise<HistoryPage> {
    return this.#open().history(channel, options, limits)
  }

  snapshot(channel: string): MaybePromise<KeyedSnapshot> {
    return this.#open().snapshot(channel)
  }

  remove(channel: string): MaybePromise<void> {
    return this.#open().remove(channel)
  }

  setPresence(channel: string, entry: PresenceEntry, ttlMs: number): MaybePromise<void> {
    return this.#open().setPresence(channel, entry, ttlMs)
  }

  removePresence(channel: string, client: string): MaybePromise<void> {
    return this.#open().removePresence(channel, client)
  }

  presence(channel: string): MaybePromise<readonly PresenceEntry[]> {
    return this.#open().presence(channel)
  }

  close(): MaybePromise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    return this.#leave(this)
  }

  #open(): EmbeddedHost {
    if (this.#isClosed) {
      throw new GoWebError('BROKER_UNAVAILABLE', 'The node is closed: connect to the broker again')
    }
    return this.#host
  }
}

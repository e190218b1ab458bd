import { GoWebError } from '../../errors/goweb-error.ts'
import type {
  BrokerListener,
  BrokerNode,
  BrokerPublishOptions,
  HistoryLimits,
  HistoryOptions,
  HistoryPage,
  KeyedSnapshot,
  PresenceEntry,
  PublishOutcome,
} from '../../realtime/broker.ts'
import type { Recipient } from '../delivery-queue.ts'

/** What a node asks of its broker. */
export interface NodeHost {
  disconnect(node: MemoryNode): void
  subscribe(node: MemoryNode, channel: string): void
  unsubscribe(node: MemoryNode, channel: string): void
  publish(channel: string, payload: string, options: BrokerPublishOptions): PublishOutcome
  signal(channel: string, payload: string): void
  broadcast(payload: string): void
  history(channel: string, options: HistoryOptions, limits: HistoryLimits): HistoryPage
  snapshot(channel: string): KeyedSnapshot
  remove(channel: string): void
  setPresence(channel: string, entry: PresenceEntry, ttlMs: number): void
  removePresence(channel: string, client: string): void
  presence(channel: string): readonly PresenceEntry[]
}

/** One node's end of a memory broker. Everything is answered at once. */
export class MemoryNode implements BrokerNode, Recipient {
  readonly listener: BrokerListener
  /** This node as a list, shared by the channels that only it is interested in. */
  readonly alone: readonly Recipient[]
  #isClosed = false
  readonly #host: NodeHost

  constructor(host: NodeHost, listener: BrokerListener) {
    this.#host = host
    this.listener = listener
    this.alone = [this]
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

  publish(channel: string, payload: string, options: BrokerPublishOptions): PublishOutcome {
    return this.#open().publish(channel, payload, options)
  }

  signal(channel: string, payload: string): void {
    this.#open().signal(channel, payload)
  }

  broadcast(payload: string): void {
    this.#open().broadcast(payload)
  }

  history(channel: string, options: HistoryOptions, limits: HistoryLimits): HistoryPage {
    return this.#open().history(channel, options, limits)
  }

  snapshot(channel: string): KeyedSnapshot {
    return this.#open().snapshot(channel)
  }

  remove(channel: string): void {
    this.#open().remove(channel)
  }

  setPresence(channel: string, entry: PresenceEntry, ttlMs: number): void {
    this.#open().setPresence(channel, entry, ttlMs)
  }

  removePresence(channel: string, client: string): void {
    this.#open().removePresence(channel, client)
  }

  presence(channel: string): readonly PresenceEntry[] {
    return this.#open().presence(channel)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#host.disconnect(this)
  }

  #open(): NodeHost {
    if (this.#isClosed) {
      throw new GoWebError('BROKER_UNAVAILABLE', 'The node is closed: connect to the broker again')
    }
    return this.#host
  }
}

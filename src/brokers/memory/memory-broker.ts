import { GoWebError } from '../../errors/goweb-error.ts'
import type { Clock } from '../../internal/clock.ts'
import type {
  Broker,
  BrokerListener,
  BrokerNode,
  BrokerPublishOptions,
  HistoryLimits,
  HistoryOptions,
  HistoryPage,
  KeyedSnapshot,
  PresenceEntry,
  PublishOutcome,
  StoredPublication,
} from '../../realtime/broker.ts'
import { ChannelTable } from './channel-table.ts'
import { DeliveryQueue } from '../delivery-queue.ts'
import { EmbeddedNode, type EmbeddedHost } from '../embedded-node.ts'
import { ExpiryQueue } from '../expiry-queue.ts'
import type { MemoryLimits } from './memory-limits.ts'

/** What a {@link MemoryBroker} is made of. */
export interface MemoryBrokerParts {
  readonly clock: Clock
  readonly limits: MemoryLimits
  /** The offset after one; by default the next whole number. Tests leave numbers out, as some brokers do. */
  readonly nextOffset?: (offset: number) => number
}

/** Keeps everything in this process. See `memoryBroker` for what that means. */
export class MemoryBroker implements Broker, EmbeddedHost {
  readonly #clock: Clock
  readonly #limits: MemoryLimits
  readonly #nextOffset: (offset: number) => number
  readonly #queue = new DeliveryQueue()
  readonly #expiry: ExpiryQueue
  readonly #channels: ChannelTable
  /** Replaced, never changed: deliveries that wait hold it. */
  #nodes: readonly EmbeddedNode[] = []

  constructor(parts: MemoryBrokerParts) {
    this.#clock = parts.clock
    this.#limits = parts.limits
    this.#nextOffset = parts.nextOffset ?? ((offset) => offset + 1)
    this.#expiry = new ExpiryQueue(parts.clock)
    this.#channels = new ChannelTable(parts.limits, this.#expiry)
  }

  /** How much is held, for tests and statistics. */
  get size(): { channels: number; streams: number; bytes: number; keys: number } {
    const { size, streams, bytes, keys } = this.#channels
    return { channels: size, streams, bytes, keys }
  }

  connect(listener: BrokerListener): BrokerNode {
    const node = new EmbeddedNode(this, listener, (leaving) => this.#disconnect(leaving))
    this.#nodes = [...this.#nodes, node]
    this.#expiry.start()
    return node
  }

  subscribe(node: EmbeddedNode, channel: string): void {
    this.#channels.addInterest(channel, node, node.alone)
  }

  unsubscribe(node: EmbeddedNode, channel: string): void {
    this.#channels.removeInterest(channel, node)
  }

  publish(channel: string, payload: string, options: BrokerPublishOptions): PublishOutcome {
    const { idempotency, origin } = options
    const nowMs = this.#clock.now()
    if (idempotency !== undefined) {
      const first = this.#channels.get(channel)?.repeats?.find(idempotency.key, nowMs)
      if (first !== undefined) return { offset: first.offset, epoch: first.epoch, isRepeat: true }
      this.#assertRoomForKey()
    }

    let publication: StoredPublication
    if (options.history === undefined && options.keyed === undefined) {
      publication = { payload, offset: 0, previousOffset: 0, epoch: '', origin }
    } else {
      const state = this.#channels.openStream(channel)
      state.stream.assertRoomForKey(options)
      const { top, epoch } = state.stream
      publication = { payload, offset: this.#nextOffset(top), previousOffset: top, epoch, origin }
      this.#channels.append(state, publication, options, nowMs)
    }
    if (idempotency !== undefined) {
      const state = this.#channels.open(channel)
      this.#channels.addKey(state, idempotency.key, publication, nowMs + idempotency.windowMs)
    }
    const interested = this.#channels.get(channel)?.interested
    if (interested !== undefined) this.#queue.deliver(interested, channel, publication)
    return { offset: publication.offset, epoch: publication.epoch, isRepeat: false }
  }

  signal(channel: string, payload: string): void {
    const interested = this.#channels.get(channel)?.interested
    if (interested !== undefined) this.#queue.deliver(interested, channel, payload)
  }

  broadcast(payload: string): void {
    this.#queue.deliver(this.#nodes, undefined, payload)
  }

  history(channel: string, options: HistoryOptions, limits: HistoryLimits): HistoryPage {
    return this.#channels.openStream(channel).stream.read(options, limits, this.#clock.now())
  }

  snapshot(channel: string): KeyedSnapshot {
    return this.#channels.openStream(channel).stream.snapshot()
  }

  remove(channel: string): void {
    const state = this.#channels.get(channel)
    if (state !== undefined) this.#channels.dropStream(state)
  }

  setPresence(channel: string, entry: PresenceEntry, ttlMs: number): void {
    const state = this.#channels.open(channel)
    const expiresAtMs = this.#clock.now() + ttlMs
    state.openPresence().set(entry, expiresAtMs)
    this.#expiry.add(state, expiresAtMs)
  }

  removePresence(channel: string, client: string): void {
    const state = this.#channels.get(channel)
    if (state?.presence === undefined) return
    state.presence.remove(client)
    state.dropPresenceIfEmpty()
    this.#channels.release(state)
  }

  presence(channel: string): readonly PresenceEntry[] {
    return this.#channels.get(channel)?.presence?.list(this.#clock.now()) ?? []
  }

  #disconnect(node: EmbeddedNode): void {
    this.#nodes = this.#nodes.filter((other) => other !== node)
    this.#channels.forgetRecipient(node)
    if (this.#nodes.length === 0) this.#expiry.stop()
  }

  #assertRoomForKey(): void {
    if (this.#channels.keys < this.#limits.maxKeys) return
    throw new GoWebError(
      'BROKER_UNAVAILABLE',
      `The memory broker remembers ${this.#limits.maxKeys} idempotency keys (maxKeys) and cannot take another until some have passed their window`,
    )
  }
}

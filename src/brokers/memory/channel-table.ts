import { randomBytes } from 'node:crypto'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { BrokerPublishOptions, StoredPublication, StreamPosition } from '../../realtime/broker.ts'
import { ChannelState, type ChannelOwner } from './channel-state.ts'
import type { Recipient } from '../delivery-queue.ts'
import type { ExpiryQueue } from '../expiry-queue.ts'
import type { MemoryLimits } from './memory-limits.ts'
import { Stream } from './stream.ts'

/** All channels of a broker, and what bounds them. */
export class ChannelTable implements ChannelOwner {
  /** Channels that have a stream. */
  streams = 0
  /** What all streams count for. */
  bytes = 0
  /** Idempotency keys of all channels. */
  keys = 0
  readonly #limits: MemoryLimits
  readonly #expiry: ExpiryQueue
  readonly #channels = new Map<string, ChannelState>()
  /** Streams that no node is interested in, the longest unused first: those where nothing was ever published, and the others. */
  readonly #idleUntouched = new Set<ChannelState>()
  readonly #idle = new Set<ChannelState>()
  /** Random once, then counted: never the same again, in this process or another. */
  readonly #epochPrefix = randomBytes(9).toString('base64url')
  #epochs = 0

  constructor(limits: MemoryLimits, expiry: ExpiryQueue) {
    this.#limits = limits
    this.#expiry = expiry
  }

  get size(): number {
    return this.#channels.size
  }

  get(name: string): ChannelState | undefined {
    return this.#channels.get(name)
  }

  open(name: string): ChannelState {
    let state = this.#channels.get(name)
    if (state === undefined) {
      state = new ChannelState(name, this)
      this.#channels.set(name, state)
    }
    return state
  }

  /** The channel with its stream, which begins here if need be. @throws `BROKER_UNAVAILABLE` when there is no room for it. */
  openStream(name: string): ChannelState & { stream: Stream } {
    let state = this.#channels.get(name)
    if (state?.stream === undefined) {
      if (this.streams >= this.#limits.maxChannels && !this.#evict()) {
        throw new GoWebError(
          'BROKER_UNAVAILABLE',
          `The memory broker keeps the history of ${this.streams} channels (maxChannels), and all are in use`,
        )
      }
      state = this.open(name) // Only now: what is refused leaves nothing behind.
      state.stream = new Stream(`${this.#epochPrefix}${(++this.#epochs).toString(36)}`)
      this.streams++
    }
    this.#placeIdle(state)
    return state as ChannelState & { stream: Stream } // Made above.
  }

  /** @throws `BROKER_UNAVAILABLE` when there is no room for it. */
  append(
    state: ChannelState & { stream: Stream },
    publication: StoredPublication,
    options: BrokerPublishOptions,
    nowMs: number,
  ): void {
    const { stream } = state
    this.#makeRoom(state, stream.growthOf(publication, options))
    this.#idleUntouched.delete(state)
    const before = stream.bytes
    stream.append(publication, options, nowMs)
    if (stream.bytes > this.#limits.maxChannelBytes) stream.shrink(this.#limits.maxChannelBytes, 1)
    this.bytes += stream.bytes - before
    this.#placeIdle(state)
    this.#expiry.add(state, stream.expiresAtMs)
  }

  /** Remembers an idempotency key. */
  addKey(state: ChannelState, key: string, position: StreamPosition, expiresAtMs: number): void {
    const repeats = state.openRepeats()
    const before = repeats.size
    repeats.add(key, position, expiresAtMs)
    this.keys += repeats.size - before
    this.#expiry.add(state, expiresAtMs)
  }

  addInterest(name: string, recipient: Recipient, alone: readonly Recipient[]): void {
    const state = this.open(name)
    state.addInterest(recipient, alone)
    this.#idle.delete(state)
    this.#idleUntouched.delete(state)
  }

  removeInterest(name: string, recipient: Recipient): void {
    const state = this.#channels.get(name)
    if (state === undefined) return
    state.removeInterest(recipient)
    this.#placeIdle(state)
    this.release(state)
  }

  /** Ends all interest of a node. */
  forgetRecipient(recipient: Recipient): void {
    for (const [name, state] of this.#channels) {
      if (state.interested.includes(recipient)) this.removeInterest(name, recipient)
    }
  }

  dropStream(state: ChannelState): void {
    if (state.stream === undefined) return
    this.bytes -= state.stream.bytes
    this.streams--
    state.stream = undefined
    this.#idle.delete(state)
    this.#idleUntouched.delete(state)
    this.release(state)
  }

  /** Forgets a channel of which nothing is left. */
  release(state: ChannelState): void {
    if (!state.isEmpty) return
    this.#channels.delete(state.name)
    this.#expiry.remove(state)
  }

  expired(state: ChannelState, lost: { readonly bytes: number; readonly keys: number }): void {
    this.bytes -= lost.bytes
    this.keys -= lost.keys
    this.release(state)
  }

  /** Puts an idle stream at the end of its list: it was used just now. */
  #placeIdle(state: ChannelState): void {
    if (state.stream === undefined || state.interested.length > 0) return
    const list = state.stream.top === 0 ? this.#idleUntouched : this.#idle
    list.delete(state)
    list.add(state)
  }

  /** Drops the stream that is missed least; false when all are in use. */
  #evict(): boolean {
    const [state] = this.#idleUntouched
    if (state === undefined) return this.#evictOldest()
    this.dropStream(state)
    return true
  }

  #evictOldest(except?: ChannelState): boolean {
    for (const state of this.#idle) {
      if (state === except) continue
      this.dropStream(state)
      return true
    }
    return false
  }

  /** Idle channels go first; where there are none, the channel that grows forgets its own oldest. */
  #makeRoom(grown: ChannelState & { stream: Stream }, bytes: number): void {
    const { maxBytes } = this.#limits
    while (this.bytes + bytes > maxBytes) {
      if (!this.#evictOldest(grown)) break
    }
    const excess = this.bytes + bytes - maxBytes
    if (excess <= 0) return
    const { stream } = grown
    if (stream.bytes - stream.keyedBytes < excess) {
      throw new GoWebError(
        'BROKER_UNAVAILABLE',
        `The memory broker keeps ${this.bytes} bytes of history (maxBytes: ${maxBytes}), all of channels in use`,
      )
    }
    const before = stream.bytes
    stream.shrink(before - excess, 0)
    this.bytes += stream.bytes - before
  }
}

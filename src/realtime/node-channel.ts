import { encodePublication } from '../protocol/encode-reply.ts'
import type { StoredPublication, StreamPosition } from './broker.ts'
import { ChannelCore, type ChannelSetup } from './channel-core.ts'
import type { Subscription } from './subscription.ts'
import type { Transport } from './transport.ts'

/** A publication that came while somebody was joining. */
interface Backlogged {
  readonly offset: number
  readonly previousOffset: number
  readonly epoch: string
  readonly text: string
  readonly except: Transport | undefined
}

/**
 * A `live` or `replay` channel as far as this node has subscribers of it.
 *
 * It knows up to where publications have been handed out, and follows the chain of `previousOffset`: what does not continue it is a gap.
 * Those who join read the history first; what is published meanwhile is kept once for all of them.
 */
export class NodeChannel extends ChannelCore {
  /** Raised by every gap: a history that was read before it proves nothing. */
  gaps = 0
  readonly #maxBacklog: number
  readonly #maxBacklogBytes: number
  /** Undefined until a history was read. */
  #epoch: string | undefined = undefined
  #offset = 0
  #joining = 0
  #backlog: Backlogged[] = []
  #backlogBytes = 0
  #hasLostBacklog = false
  /** Those who know more than the broker has delivered so far. */
  #ahead: Set<Subscription> | undefined = undefined

  constructor(name: string, setup: ChannelSetup) {
    super(name, setup)
    this.#maxBacklog = setup.maxBacklog
    this.#maxBacklogBytes = setup.maxBacklogBytes
  }

  override attach(subscription: Subscription): void {
    super.attach(subscription)
    this.#joining++
  }

  override detach(subscription: Subscription): boolean {
    if (!super.detach(subscription)) return false
    if (subscription.state === 'joining') this.#endJoining()
    this.#ahead?.delete(subscription)
    return true
  }

  /**
   * Whether a subscriber that knows everything up to `position` can go on from there without a gap.
   *
   * @param gaps `gaps` before the history was read.
   */
  canContinue(position: StreamPosition, gaps: number): boolean {
    if (gaps !== this.gaps || this.#hasLostBacklog) return false
    if (this.#epoch !== position.epoch) this.#moveTo(position)
    return this.#follow(position.offset, undefined) >= this.#offset
  }

  /** Hands over what came since `position`, and from now on everything; the reply was sent just before. */
  goLive(subscription: Subscription, position: StreamPosition | undefined): void {
    const { transport } = subscription.subscriber
    if (position !== undefined) {
      subscription.sentOffset = this.#follow(position.offset, subscription)
      if (subscription.sentOffset > this.#offset) (this.#ahead ??= new Set()).add(subscription)
    }
    subscription.state = 'live'
    this.#endJoining()
    if (this.#ahead?.has(subscription) !== true) transport.join(this.group)
    if (subscription.wantsJoinLeave) transport.join(this.joinGroup)
  }

  override deliver(publication: StoredPublication, except: Transport | undefined): boolean {
    const { offset, previousOffset, epoch } = publication
    const text = `${this.head}${encodePublication(publication.payload, offset)}}}`
    if (offset === 0) {
      this.fanout.publish(this.group, text, except)
      return true
    }
    if (this.#joining > 0) this.#keep({ offset, previousOffset, epoch, text, except })
    if (this.#epoch === undefined) return true
    if (epoch !== this.#epoch) return false
    if (offset <= this.#offset) return true
    if (previousOffset !== this.#offset) return false
    this.#offset = offset
    if (this.#ahead !== undefined) this.#admit(offset)
    this.fanout.publish(this.group, text, except)
    return true
  }

  /** Publications may have been missed: who is live has to recover, who is joining has to read again. */
  override gap(code: number, reason: string): void {
    this.gaps++
    this.#epoch = undefined
    this.endLive(code, reason)
  }

  #keep(publication: Backlogged): void {
    // Characters, which are what the texts take in memory; they are not counted exactly.
    this.#backlogBytes += publication.text.length
    if (this.#backlog.length >= this.#maxBacklog || this.#backlogBytes > this.#maxBacklogBytes)
      this.#hasLostBacklog = true
    else this.#backlog.push(publication)
  }

  #endJoining(): void {
    if (--this.#joining > 0) return
    this.#backlog = []
    this.#backlogBytes = 0
    this.#hasLostBacklog = false
  }

  /** Starts to follow the stream at a position that was read; those of another epoch have to recover. */
  #moveTo(position: StreamPosition): void {
    const isStale = this.#epoch !== undefined
    this.#epoch = position.epoch
    this.#offset = position.offset
    for (const kept of this.#backlog) {
      if (kept.epoch === position.epoch && kept.previousOffset === this.#offset) this.#offset = kept.offset
    }
    if (isStale) this.endLive(2500, 'insufficient state')
  }

  /** The offset that the backlog leads to from `offset` on; what lies between is sent to a subscriber. */
  #follow(offset: number, to: Subscription | undefined): number {
    let reached = offset
    for (const kept of this.#backlog) {
      if (kept.epoch !== this.#epoch || kept.offset <= reached) continue
      if (kept.previousOffset !== reached) break
      reached = kept.offset
      if (to !== undefined && kept.except !== to.subscriber.transport) to.subscriber.send(kept.text)
    }
    return reached
  }

  /** Lets those in who know everything before `offset`. */
  #admit(offset: number): void {
    for (const subscription of this.#ahead!) {
      if (subscription.sentOffset >= offset) continue
      this.#ahead!.delete(subscription)
      subscription.subscriber.transport.join(this.group)
    }
    if (this.#ahead!.size === 0) this.#ahead = undefined
  }
}

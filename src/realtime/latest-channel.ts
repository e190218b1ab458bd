import { GoWebError } from '../errors/goweb-error.ts'
import type { SubscribeRequest } from '../protocol/command.ts'
import { encodePublication } from '../protocol/encode-reply.ts'
import { UNSUBSCRIBE } from '../protocol/unsubscribe-codes.ts'
import type { KeyedSnapshot, MaybePromise, StoredPublication } from './broker.ts'
import { ChannelCore, type ChannelSetup } from './channel-core.ts'
import { Conflation, type ConflationHost, type ConflationSetup } from './conflation.ts'
import { type KeyedPublication, toKeyed } from './keyed-publication.ts'
import { Lag } from './lag.ts'
import { LatestValues } from './latest-values.ts'
import type { Subscription } from './subscription.ts'
import type { Transport } from './transport.ts'
import { firstPart, type Welcome } from './welcome.ts'

export interface LatestChannelSetup extends ChannelSetup {
  /** Most that one reply may have. */
  readonly maxRecovered: number
  readonly maxRecoveredBytes: number
  readonly maxInFlightBytes: number
  now(): number
  snapshot(channel: string): MaybePromise<KeyedSnapshot>
  report(error: unknown, where: string): void
}

/** What arrived while the values were read. */
interface Arrived {
  readonly publication: StoredPublication
  readonly except: Transport | undefined
}

/** Readings that were outrun by gaps, one after the other, before it is given up. */
const MAX_READINGS = 10
/** Whether subscribers keep up is looked at when they were sent so much more. */
const CHECK_BYTES = 16_384

/**
 * A `latest` channel as far as this node has subscribers of it.
 *
 * It has the newest value of each key, as the broker has handed them out: who joins gets them in the reply and is live with it. After a gap it
 * reads them anew and sends what differs. Subscribers that keep up share one encoding of each publication; the others have a {@link Conflation} each.
 */
export class LatestChannel extends ChannelCore implements ConflationHost {
  readonly #setup: LatestChannelSetup
  /** Undefined until they have been read, and after that has failed. */
  #values: LatestValues | undefined = undefined
  #reading: Promise<void> | undefined = undefined
  #failure: unknown = undefined
  /** Raised by every gap: what was read before it proves nothing. */
  #gaps = 0
  #arrived: Arrived[] = []
  #arrivedBytes = 0
  /** An epoch that the broker did not know when it was asked last. */
  #foreignEpoch = ''
  #conflations: Map<Subscription, Conflation> | undefined = undefined
  #uncheckedBytes = 0
  /** Of all values, as long as they are those of its position: the same for all who join. */
  #welcome: Welcome | undefined = undefined

  constructor(name: string, setup: LatestChannelSetup) {
    super(name, setup)
    this.#setup = setup
  }

  /** Whether there are values to begin with. */
  get isReady(): boolean {
    return this.#values !== undefined
  }

  get offset(): number {
    return this.#values?.offset ?? 0
  }

  /** Reads the values unless they are there, and as new as what a subscriber has. Rejects with what the broker threw. */
  async ready({ epoch = '', offset = 0 }: SubscribeRequest): Promise<void> {
    if (this.#isCurrent(epoch, offset)) return
    await this.#read()
    // What was under way may have begun too early.
    if (!this.#isCurrent(epoch, offset)) await this.#read()
    if (this.#values === undefined) throw this.#failure
    if (this.#values.epoch !== epoch) this.#foreignEpoch = epoch
  }

  /** What a subscriber gets with its reply: what has changed, or everything. */
  welcome({ recover = false, epoch, offset = 0, snapshot = false }: SubscribeRequest): Welcome {
    const values = this.#values! // isReady
    const isChangeWanted = recover && !snapshot && epoch === values.epoch
    const changes = isChangeWanted ? values.changesSince(offset) : undefined
    if (changes !== undefined) return firstPart(changes, values, { isSnapshot: false, ...this.#setup })
    const known = this.#welcome
    if (known?.channelOffset === values.offset && known.epoch === values.epoch) return known
    return (this.#welcome = firstPart(values.all(), values, { isSnapshot: true, ...this.#setup }))
  }

  /** The reply with the welcome was sent just before. */
  goLive(subscription: Subscription, { rest, snapshot }: Welcome): void {
    subscription.state = 'live'
    if (rest.length > 0) this.#conflate(subscription, { waiting: rest, isSnapshotDue: snapshot === 'begins' })
    else subscription.subscriber.transport.join(this.group)
    if (subscription.wantsJoinLeave) subscription.subscriber.transport.join(this.joinGroup)
  }

  override detach(subscription: Subscription): boolean {
    if (!super.detach(subscription)) return false
    this.#endConflation(subscription)
    return true
  }

  override deliver(publication: StoredPublication, except: Transport | undefined): boolean {
    if (this.#reading !== undefined) {
      this.#keep({ publication, except })
      return true
    }
    return this.#values === undefined || this.#apply(this.#values, { publication, except })
  }

  override gap(): void {
    this.#gaps++
    if (this.#reading === undefined && this.#values !== undefined) void this.#read()
  }

  // ConflationHost

  get maxInFlightBytes(): number {
    return this.#setup.maxInFlightBytes
  }

  now(): number {
    return this.#setup.now()
  }

  encode({ payload, offset }: KeyedPublication): string {
    return `${this.head}${encodePublication(payload, offset)}}}`
  }

  rejoin(subscription: Subscription): void {
    this.#endConflation(subscription)
    subscription.subscriber.transport.join(this.group)
  }

  #isCurrent(epoch: string, offset: number): boolean {
    const values = this.#values
    if (values === undefined || this.#reading !== undefined) return false
    if (epoch === values.epoch) return offset <= values.offset
    return epoch === '' || epoch === this.#foreignEpoch
  }

  /** Never rejects. */
  #read(): Promise<void> {
    return (this.#reading ??= this.#readUntilSound())
  }

  async #readUntilSound(): Promise<void> {
    try {
      for (let readings = 0; readings < MAX_READINGS; readings++) {
        const gaps = this.#gaps
        const snapshot = await this.#setup.snapshot(this.name)
        if (gaps === this.#gaps && this.#use(snapshot)) return
      }
      throw new GoWebError('BROKER_UNAVAILABLE', `The values of ${this.nameText} could not be read for gaps`)
    } catch (error) {
      if (this.#values !== undefined) this.#setup.report(error, `values of ${this.binding.policy.pattern}`)
      this.#failure = error
      this.#values = undefined
      // They come again, until it can be read.
      this.#endAll()
    } finally {
      this.#reading = undefined
      this.#forgetArrived()
    }
  }

  /** Goes on from what was read; false when what arrived meanwhile does not continue it. */
  #use(snapshot: KeyedSnapshot): boolean {
    const before = this.#values
    const values = new LatestValues(snapshot, this.binding.policy.maxKeys)
    const arrived = this.#arrived
    this.#forgetArrived()
    if (before !== undefined && before.epoch === values.epoch && before.offset > values.offset) return false
    this.#values = values
    this.#welcome = undefined
    if (before !== undefined && before.epoch !== values.epoch) this.#endAll()
    else if (before !== undefined) {
      for (const publication of before.differencesTo(values)) {
        this.#hand(this.encode(publication), publication, undefined)
      }
    }
    return arrived.every((one) => this.#apply(values, one))
  }

  /** Takes what the broker delivered; false when it is not what comes next. */
  #apply(values: LatestValues, { publication, except }: Arrived): boolean {
    const { offset, previousOffset, epoch } = publication
    if (epoch !== values.epoch) return false
    if (offset <= values.offset) return true
    if (previousOffset !== values.offset) return false
    const keyed = toKeyed(publication)
    if (keyed === undefined) values.offset = offset
    else values.set(keyed)
    this.#hand(`${this.head}${encodePublication(publication.payload, offset)}}}`, keyed, except)
    return true
  }

  #hand(text: string, publication: KeyedPublication | undefined, except: Transport | undefined): void {
    this.fanout.publish(this.group, text, except)
    if (this.#conflations !== undefined && publication !== undefined) this.#queue(publication, except)
    this.#uncheckedBytes += text.length
    if (this.#uncheckedBytes >= CHECK_BYTES) this.#checkLags()
  }

  #queue(publication: KeyedPublication, except: Transport | undefined): void {
    const maxWaiting = 2 * this.binding.policy.maxKeys
    for (const [subscription, conflation] of this.#conflations!) {
      if (subscription.subscriber.transport === except) conflation.drop(publication.key)
      else conflation.put(publication)
      // Keys come and go faster than it takes them: it is cheaper to begin anew.
      if (conflation.size > maxWaiting) this.#end(subscription)
    }
  }

  #checkLags(): void {
    const bytes = this.#uncheckedBytes
    this.#uncheckedBytes = 0
    const nowMs = this.#setup.now()
    for (const member of this.members) {
      if (member.state !== 'live' || this.#conflations?.has(member) === true) continue
      const lag = (member.lag ??= new Lag(this.#setup.maxInFlightBytes))
      if (!lag.isTooMuch(member.subscriber, bytes, nowMs)) continue
      member.subscriber.transport.leave(this.group)
      this.#conflate(member, { waiting: [], isSnapshotDue: false })
    }
  }

  #conflate(subscription: Subscription, setup: ConflationSetup): void {
    const conflations = (this.#conflations ??= new Map())
    conflations.set(subscription, new Conflation(subscription, this, setup))
  }

  #endConflation(subscription: Subscription): void {
    const conflation = this.#conflations?.get(subscription)
    if (conflation === undefined) return
    conflation.end()
    this.#conflations!.delete(subscription)
    if (this.#conflations!.size === 0) this.#conflations = undefined
  }

  #end(subscription: Subscription): void {
    const { code, reason } = UNSUBSCRIBE.INSUFFICIENT_STATE
    subscription.subscriber.endSubscription(subscription, code, reason)
  }

  #endAll(): void {
    for (const member of this.members) if (member.state === 'live') this.#end(member)
  }

  #keep(arrived: Arrived): void {
    this.#arrivedBytes += arrived.publication.payload.length
    if (this.#arrived.length >= this.#setup.maxBacklog || this.#arrivedBytes > this.#setup.maxBacklogBytes) {
      // What comes next does not continue what was read, so that it is read again.
      this.#forgetArrived()
    }
    this.#arrived.push(arrived)
  }

  #forgetArrived(): void {
    this.#arrived = []
    this.#arrivedBytes = 0
  }
}

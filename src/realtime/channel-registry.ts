import { isThenable } from '../chain/compose.ts'
import { UNSUBSCRIBE } from '../protocol/unsubscribe-codes.ts'
import type { BrokerNode, KeyedSnapshot, MaybePromise, StoredPublication } from './broker.ts'
import type { Fanout } from './fanout.ts'
import { LatestChannel } from './latest-channel.ts'
import { NodeChannel } from './node-channel.ts'
import type { PendingWork } from './pending-work.ts'
import type { Subscription } from './subscription.ts'
import type { Transport } from './transport.ts'

export interface ChannelRegistrySetup {
  readonly fanout: Fanout
  readonly maxChannels: number
  readonly maxBacklog: number
  readonly maxBacklogBytes: number
  readonly work: PendingWork
  readonly maxRecovered: number
  readonly maxRecoveredBytes: number
  readonly maxInFlightBytes: number
  now(): number
  /** The connection of this node with that id. */
  findTransport(connectionId: string): Transport | undefined
  report(error: unknown, where: string): void
}

/** What a node signals to all when it has removed the values of a channel. No id of a connection, which other signals begin with, is empty. */
export const GAP_SIGNAL = '\n'

/** The channels that a node has subscribers of, and its interest in them. */
export class ChannelRegistry {
  readonly #setup: ChannelRegistrySetup
  readonly #groupPrefix: string = `${crypto.randomUUID()}:`
  readonly #channels: Map<string, NodeChannel | LatestChannel> = new Map()
  /** Interests that are being given up; a new one waits for that. */
  readonly #releasing: Map<string, Promise<void>> = new Map()
  #broker: BrokerNode | undefined = undefined

  constructor(setup: ChannelRegistrySetup) {
    this.#setup = setup
  }

  get size(): number {
    return this.#channels.size
  }

  /** Where interest is declared. */
  useBroker(broker: BrokerNode): void {
    this.#broker = broker
  }

  find(name: string): NodeChannel | LatestChannel | undefined {
    return this.#channels.get(name)
  }

  /** Adds a subscription to its channel; `interest` of what is returned has to be awaited. Undefined when there are too many channels. */
  attach(subscription: Subscription): NodeChannel | LatestChannel | undefined {
    const { name } = subscription
    let channel = this.#channels.get(name)
    if (channel === undefined) {
      if (this.#channels.size >= this.#setup.maxChannels) return undefined
      channel = this.#create(subscription)
      const releasing = this.#releasing.get(name)
      channel.interest =
        releasing === undefined
          ? this.#broker!.subscribe(name)
          : releasing.then(() => this.#broker!.subscribe(name))
      this.#channels.set(name, channel)
    }
    channel.attach(subscription)
    return channel
  }

  /** Takes a subscription off its channel; with the last one the interest ends. */
  detach(subscription: Subscription): void {
    const channel = this.#channels.get(subscription.name)
    if (channel === undefined || !subscription.isAttached) return
    channel.detach(subscription)
    if (channel.members.size > 0) return
    this.#channels.delete(channel.name)
    this.#release(channel)
  }

  deliver(name: string, publication: StoredPublication): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    const { origin } = publication
    const except = origin === undefined ? undefined : this.#setup.findTransport(origin)
    if (!channel.deliver(publication, except)) this.#gapIn(channel)
  }

  /** Tells those who want to know who joined or left, or that something is gone. */
  signal(name: string, payload: string): void {
    const channel = this.#channels.get(name)
    if (channel === undefined) return
    if (payload === GAP_SIGNAL) {
      this.#gapIn(channel)
      return
    }
    const cut = payload.indexOf('\n')
    const text = `{"push":{"channel":${channel.nameText},${payload.slice(cut + 1)}}}`
    channel.sendJoinLeave(text, this.#setup.findTransport(payload.slice(0, cut)))
  }

  /** @param name undefined for all channels */
  gap(name: string | undefined): void {
    if (name !== undefined) {
      const channel = this.#channels.get(name)
      if (channel !== undefined) this.#gapIn(channel)
      return
    }
    for (const channel of this.#channels.values()) this.#gapIn(channel)
  }

  #create({ name, binding }: Subscription): NodeChannel | LatestChannel {
    const setup = { ...this.#setup, binding, groupPrefix: this.#groupPrefix }
    if (binding.policy.delivery !== 'latest') return new NodeChannel(name, setup)
    return new LatestChannel(name, {
      ...setup,
      snapshot: (channel): MaybePromise<KeyedSnapshot> => this.#broker!.snapshot(channel),
    })
  }

  #gapIn(channel: NodeChannel | LatestChannel): void {
    // Without a position there is nothing that could be missing: delivery is at most once.
    if (channel.binding.policy.delivery === 'live') return
    channel.gap(UNSUBSCRIBE.INSUFFICIENT_STATE.code, UNSUBSCRIBE.INSUFFICIENT_STATE.reason)
  }

  #release({ name, interest }: NodeChannel | LatestChannel): void {
    if (!isThenable(interest)) {
      const done = this.#endInterest(name)
      if (!isThenable(done)) return
      interest = done
    } else interest = interest.then(() => this.#endInterest(name), ignore)
    const settled: Promise<void> = this.#forgetAfter(name, interest, () => settled)
    this.#releasing.set(name, settled)
  }

  /** Never throws or rejects. */
  #endInterest(name: string): MaybePromise<void> {
    const failed = (error: unknown): void => this.#setup.report(error, 'unsubscribe')
    try {
      const done = this.#broker?.unsubscribe(name)
      return isThenable(done) ? done.then(undefined, failed) : undefined
    } catch (error) {
      failed(error)
    }
  }

  async #forgetAfter(name: string, work: Promise<void>, self: () => Promise<void>): Promise<void> {
    this.#setup.work.begin()
    await work
    this.#setup.work.end()
    if (this.#releasing.get(name) === self()) this.#releasing.delete(name)
  }
}

function ignore(): void {}

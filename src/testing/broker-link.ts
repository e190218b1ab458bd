import { isThenable } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { Clock } from '../internal/clock.ts'
import type { Broker, BrokerListener, BrokerNode, MaybePromise } from '../realtime/broker.ts'
import { LabPipe, type LinkConditions } from './lab-pipe.ts'

/**
 * The way of one server process to its broker: late, if it is told so, and it can be cut.
 *
 * Answers come in the order of what was asked, deliveries in the order of the broker; the two may overtake each other.
 */
export class BrokerLink implements Broker {
  readonly #inner: Broker
  readonly #clock: Clock
  /** Undefined for a broker within the process: it answers at once. */
  readonly #conditions: LinkConditions | undefined
  #listener: BrokerListener | undefined
  #node: BrokerNode | undefined
  #pipes: { readonly asked: LabPipe; readonly answered: LabPipe; readonly delivered: LabPipe } | undefined
  readonly #waiting = new Set<(error: GoWebError) => void>()
  #isDead = false
  #isCut = false

  constructor(inner: Broker, clock: Clock, conditions: LinkConditions | undefined) {
    this.#inner = inner
    this.#clock = clock
    this.#conditions = conditions
    this.#layPipes()
  }

  connect(listener: BrokerListener): MaybePromise<BrokerNode> {
    this.#listener = listener
    const connected = this.#inner.connect({
      onPublication: (channel, publication) =>
        this.#deliver(publication.payload.length, () => listener.onPublication(channel, publication)),
      onSignal: (channel, payload) =>
        this.#deliver(payload.length, () => listener.onSignal(channel, payload)),
      onBroadcast: (payload) => this.#deliver(payload.length, () => listener.onBroadcast(payload)),
      onGap: (channel) => this.#deliver(0, () => listener.onGap(channel)),
    })
    const use = (node: BrokerNode): BrokerNode => {
      this.#node = node
      return this.#wrap(node)
    }
    return isThenable(connected) ? connected.then(use) : use(connected)
  }

  /** Loses the connection: what is asked fails, or has been done and nobody knows, and nothing is delivered until {@link mend}. */
  cut(): void {
    if (this.#conditions === undefined || this.#isDead) return
    this.#isCut = true
    this.#killPipes()
    const error = unavailable()
    for (const fail of this.#waiting) fail(error)
    this.#waiting.clear()
  }

  mend(): void {
    if (!this.#isCut || this.#isDead) return
    this.#isCut = false
    this.#layPipes()
    this.#deliver(0, () => this.#listener?.onGap(undefined))
  }

  /** The process is gone: nothing is done for it any more, and the broker notices. */
  die(): void {
    this.#isDead = true
    this.#killPipes()
    this.#waiting.clear()
    void this.#node?.close()
  }

  #wrap(node: BrokerNode): BrokerNode {
    const ask = <T>(bytes: number, action: () => MaybePromise<T>): MaybePromise<T> => this.#ask(bytes, action)
    return {
      // Late answers may be lost while later ones come.
      keepsPublishOrder: this.#conditions === undefined && node.keepsPublishOrder === true,
      subscribe: (channel) => ask(channel.length, () => node.subscribe(channel)),
      unsubscribe: (channel) => ask(channel.length, () => node.unsubscribe(channel)),
      publish: (channel, payload, options) =>
        ask(payload.length, () => node.publish(channel, payload, options)),
      signal: (channel, payload) => ask(payload.length, () => node.signal(channel, payload)),
      broadcast: (payload) => ask(payload.length, () => node.broadcast(payload)),
      history: (channel, options, limits) => ask(50, () => node.history(channel, options, limits)),
      snapshot: (channel) => ask(50, () => node.snapshot(channel)),
      remove: (channel) => ask(50, () => node.remove(channel)),
      setPresence: (channel, entry, ttlMs) =>
        ask(entry.info.length, () => node.setPresence(channel, entry, ttlMs)),
      removePresence: (channel, client) => ask(50, () => node.removePresence(channel, client)),
      presence: (channel) => ask(50, () => node.presence(channel)),
      close: () => node.close(),
    }
  }

  #ask<T>(bytes: number, action: () => MaybePromise<T>): MaybePromise<T> {
    if (this.#isDead) return new Promise(() => {})
    if (this.#isCut) return Promise.reject(unavailable())
    const pipes = this.#pipes
    if (pipes === undefined) return action()
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject)
      const answer = (settle: () => void): void =>
        pipes.answered.send(bytes, () => {
          this.#waiting.delete(reject)
          settle()
        })
      pipes.asked.send(bytes, () => {
        perform(action).then(
          (value) => answer(() => resolve(value)),
          (error: unknown) => answer(() => reject(error)),
        )
      })
    })
  }

  #deliver(bytes: number, hand: () => void): void {
    if (this.#isDead || this.#isCut) return
    if (this.#pipes === undefined) hand()
    else this.#pipes.delivered.send(bytes, hand)
  }

  #layPipes(): void {
    const conditions = this.#conditions
    if (conditions === undefined) return
    const lay = (): LabPipe => new LabPipe(this.#clock, conditions)
    this.#pipes = { asked: lay(), answered: lay(), delivered: lay() }
  }

  #killPipes(): void {
    for (const pipe of Object.values(this.#pipes ?? {})) pipe.kill()
  }
}

async function perform<T>(action: () => MaybePromise<T>): Promise<T> {
  return await action()
}

function unavailable(): GoWebError {
  return new GoWebError('BROKER_UNAVAILABLE', 'The lab has cut the way to the broker')
}

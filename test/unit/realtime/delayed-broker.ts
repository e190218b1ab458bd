import type {
  Broker,
  BrokerListener,
  BrokerNode,
  MaybePromise,
  StoredPublication,
} from '../../../src/realtime/broker.ts'

/** Whole number from 0 up to, not including, `below`. */
export type Pick = (below: number) => number

/**
 * A broker behind a network: calls run, and answers and deliveries arrive, when `step` says so, in an order that is chosen at random.
 *
 * Deliveries stay in their order, as over one connection; so do interests, and so do all other calls.
 */
export class DelayedBroker implements Broker {
  readonly #inner: Broker
  readonly #pick: Pick
  /** Each queue goes on by itself; within one the order holds. */
  readonly #queues: (() => void)[][] = []
  readonly #deliveries: (() => void)[][] = []
  readonly #gaps: (() => void)[] = []

  constructor(inner: Broker, pick: Pick) {
    this.#inner = inner
    this.#pick = pick
  }

  /** Lets one thing happen; false when nothing is left to happen. */
  step(): boolean {
    const ready = this.#queues.filter((queue) => queue.length > 0)
    if (ready.length === 0) return false
    ready[this.#pick(ready.length)]!.shift()!()
    return true
  }

  /** The connection over which a node gets deliveries is lost and made again: what was on its way is gone. */
  loseDeliveries(): void {
    for (const deliveries of this.#deliveries) deliveries.length = 0
    for (const tellGap of this.#gaps) tellGap()
  }

  /** What a broker must not do: one delivery is lost, and nobody is told. */
  loseOneSilently(): void {
    this.#deliveries[this.#pick(this.#deliveries.length)]?.shift()
  }

  connect(listener: BrokerListener): BrokerNode {
    const deliveries: (() => void)[] = []
    const others: (() => void)[] = []
    const interests: (() => void)[] = []
    const answers: (() => void)[] = []
    this.#queues.push(deliveries, others, interests, answers)
    const inner = this.#inner.connect({
      onPublication: (channel: string, publication: StoredPublication) =>
        deliveries.push(() => listener.onPublication(channel, publication)),
      onSignal: (channel, payload) => deliveries.push(() => listener.onSignal(channel, payload)),
      onBroadcast: (payload) => deliveries.push(() => listener.onBroadcast(payload)),
      onGap: (channel) => deliveries.push(() => listener.onGap(channel)),
    }) as BrokerNode // The memory broker answers at once.
    this.#deliveries.push(deliveries)
    this.#gaps.push(() => deliveries.push(() => listener.onGap(undefined)))
    const queue = <T>(work: () => MaybePromise<T>, calls: (() => void)[]): Promise<T> =>
      new Promise((resolve, reject) => {
        calls.push(() => {
          let answer: () => void
          try {
            const result = work()
            answer = () => resolve(result)
          } catch (error) {
            answer = () => reject(error)
          }
          answers.push(answer)
        })
      })
    const call = <T>(work: () => MaybePromise<T>): Promise<T> => queue(work, others)
    return {
      subscribe: (channel) => queue(() => inner.subscribe(channel), interests),
      unsubscribe: (channel) => queue(() => inner.unsubscribe(channel), interests),
      publish: (channel, payload, options) => call(() => inner.publish(channel, payload, options)),
      signal: (channel, payload) => call(() => inner.signal(channel, payload)),
      broadcast: (payload) => call(() => inner.broadcast(payload)),
      history: (channel, options, limits) => call(() => inner.history(channel, options, limits)),
      snapshot: (channel) => call(() => inner.snapshot(channel)),
      remove: (channel) => call(() => inner.remove(channel)),
      setPresence: (channel, entry, ttlMs) => call(() => inner.setPresence(channel, entry, ttlMs)),
      removePresence: (channel, client) => call(() => inner.removePresence(channel, client)),
      presence: (channel) => call(() => inner.presence(channel)),
      close: () => inner.close(),
    }
  }
}

import type { BrokerListener, BrokerNode } from '../../../src/realtime/broker.ts'
import type { BrokerSetup, BrokerTraits } from './broker-setup.ts'
import { interpose, interposeBroker, nodeMethods, type Interposer } from './interpose.ts'

/** Does one thing after the other, each in a turn of the event loop of its own. */
class Wire {
  #last: Promise<unknown> = Promise.resolve()

  send<T>(action: () => T | Promise<T>): Promise<T> {
    const done = this.#last.then(() => new Promise((resolve) => setImmediate(resolve))).then(action)
    this.#last = done.catch(() => undefined)
    return done
  }
}

/** The broker's process outlives those of the nodes. */
export const REMOTE_TRAITS: BrokerTraits = { isDurable: true, canBeCut: true }

/**
 * A broker as if it were on another machine: answers and deliveries come later, and the way to it can be cut.
 *
 * It shows that the checks hold for brokers that do not answer at once.
 *
 * @param tellsGaps false breaks the promise to tell of a gap after a cut.
 */
export function remoteSetup(setup: BrokerSetup, tellsGaps = true): BrokerSetup {
  let connected: BrokerListener[] = []
  let cut = new Set<BrokerListener>()
  const create = (): Interposer => ({
    node(node, _, listener) {
      connected.push(listener)
      const wire = new Wire()
      const methods: [string, unknown][] = Object.entries(nodeMethods(node)).map(([name, method]) => {
        return [
          name,
          (...args: never[]) => wire.send(() => (method as (...args: never[]) => unknown)(...args)),
        ]
      })
      return Object.fromEntries(methods) as Partial<BrokerNode>
    },
    listener(listener) {
      const wire = new Wire()
      const unlessCut = (action: () => void): void => {
        if (!cut.has(listener)) void wire.send(action)
      }
      return {
        onPublication: (channel, publication) =>
          unlessCut(() => listener.onPublication(channel, publication)),
        onSignal: (channel, payload) => unlessCut(() => listener.onSignal(channel, payload)),
        onBroadcast: (payload) => unlessCut(() => listener.onBroadcast(payload)),
        onGap: (channel) => unlessCut(() => listener.onGap(channel)),
      }
    },
  })
  return {
    ...interpose(setup, create),
    async restart() {
      return interposeBroker(setup.broker, create())
    },
    async cut() {
      const nodes = connected
      connected = []
      cut = new Set(nodes)
      return async () => {
        cut = new Set()
        for (const listener of nodes) if (tellsGaps) listener.onGap(undefined)
      }
    },
  }
}

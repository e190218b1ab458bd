import type { Broker, BrokerListener, BrokerNode } from '../../../src/realtime/broker.ts'
import type { BrokerSetup } from './broker-setup.ts'

/** What stands between a broker and its nodes. */
export interface Interposer {
  /** Methods that replace those of a node, which is handed over unchanged. */
  readonly node?: (node: BrokerNode, index: number, listener: BrokerListener) => Partial<BrokerNode>
  /** Methods that replace those of a listener, before the broker gets it. */
  readonly listener?: (listener: BrokerListener, index: number) => Partial<BrokerListener>
}

/** A broker with something between it and its nodes, which are numbered as they connect. */
export function interposeBroker(inner: Broker, { node, listener }: Interposer): Broker {
  let nodes = 0
  return {
    async connect(own) {
      const index = nodes++
      const outer = { ...listenerMethods(own), ...listener?.(own, index) }
      const innerNode = await inner.connect(outer)
      return { ...nodeMethods(innerNode), ...node?.(innerNode, index, own) }
    },
  }
}

/** The same for all that a setup gives out; `create` is called again for the broker after a restart. */
export function interpose(setup: BrokerSetup, create: () => Interposer): BrokerSetup {
  return {
    ...setup,
    broker: interposeBroker(setup.broker, create()),
    async restart() {
      return interposeBroker(await setup.restart(), create())
    },
  }
}

/** The methods of a node as functions that can be spread. */
export function nodeMethods(node: BrokerNode): BrokerNode {
  return {
    subscribe: (channel) => node.subscribe(channel),
    unsubscribe: (channel) => node.unsubscribe(channel),
    publish: (channel, payload, options) => node.publish(channel, payload, options),
    signal: (channel, payload) => node.signal(channel, payload),
    broadcast: (payload) => node.broadcast(payload),
    history: (channel, options, limits) => node.history(channel, options, limits),
    snapshot: (channel) => node.snapshot(channel),
    remove: (channel) => node.remove(channel),
    setPresence: (channel, entry, ttlMs) => node.setPresence(channel, entry, ttlMs),
    removePresence: (channel, client) => node.removePresence(channel, client),
    presence: (channel) => node.presence(channel),
    close: () => node.close(),
  }
}

function listenerMethods(listener: BrokerListener): BrokerListener {
  return {
    onPublication: (channel, publication) => listener.onPublication(channel, publication),
    onSignal: (channel, payload) => listener.onSignal(channel, payload),
    onBroadcast: (payload) => listener.onBroadcast(payload),
    onGap: (channel) => listener.onGap(channel),
  }
}

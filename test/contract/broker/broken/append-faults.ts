import type { StoredPublication } from '../../../../src/realtime/broker.ts'
import { sparseOffset } from '../memory-setup.ts'
import type { Interposer } from '../interpose.ts'
import { broken, FOREVER_MS, positionOf, type BrokenBroker } from './broken-broker.ts'

/** Lets a fault change the publications that nodes hear. */
function changedDeliveries(
  deliver: (
    hand: (publication: StoredPublication) => void,
    publication: StoredPublication,
    index: number,
  ) => void,
): () => Interposer {
  return () => ({
    listener: (listener, index) => ({
      onPublication(channel, publication) {
        deliver((changed) => listener.onPublication(channel, changed), publication, index)
      },
    }),
  })
}

/** Ways to store and deliver wrongly. */
export const APPEND_FAULTS: readonly BrokenBroker[] = [
  broken(
    'publishing is acknowledged before it is stored',
    'has each acknowledged publication in the history',
    () => ({
      node: (node) => ({
        async publish(channel, payload, options) {
          if (options.history === undefined) return await node.publish(channel, payload, options)
          const { offset, epoch } = await positionOf(node, channel)
          setImmediate(() => void node.publish(channel, payload, options))
          return { offset: sparseOffset(offset), epoch, isRepeat: false }
        },
      }),
    }),
  ),
  broken(
    'publishes with a key overtake others, though it says that none does',
    'stores publishes in the order in which they were asked for, if it says that it keeps it',
    () => ({
      node: (node) => ({
        keepsPublishOrder: true,
        async publish(channel, payload, options) {
          if (options.idempotency === undefined) await Promise.resolve()
          return await node.publish(channel, payload, options)
        },
      }),
    }),
  ),
  broken(
    'nodes hear of a publication before it is stored',
    'delivers nothing that is not in the history yet',
    () => {
      const early = new Map<number, (channel: string, publication: StoredPublication) => void>()
      return {
        listener: (listener, index) => {
          early.set(index, (channel, publication) => listener.onPublication(channel, publication))
          return { onPublication: () => undefined }
        },
        node: (node) => ({
          async publish(channel, payload, options) {
            const { offset, epoch } = await positionOf(node, channel)
            const publication = { payload, offset: sparseOffset(offset), previousOffset: offset, epoch }
            for (const hand of early.values()) hand(channel, publication)
            return await node.publish(channel, payload, options)
          },
        }),
      }
    },
  ),
  broken(
    'fan-out to one node swaps neighbours',
    'has one order for all nodes when several publish at once',
    () => {
      const held = new Map<number, StoredPublication>()
      return changedDeliveries((hand, publication, index) => {
        const before = held.get(index)
        if (index !== 1 || (publication.offset + publication.payload.length) % 2 === 0) hand(publication)
        else if (before === undefined) held.set(index, publication)
        if (before !== undefined) {
          held.delete(index)
          hand(before)
        }
      })()
    },
  ),
  broken(
    'what a listener publishes overtakes what it answers to',
    'keeps the order on all nodes when a listener publishes',
    () => {
      let depth = 0
      const waiting: (() => void)[] = []
      return {
        listener: (listener) => ({
          onPublication(channel, publication) {
            depth++
            // The last one in is the first one out.
            if (depth === 1 && publication.payload.includes('"depth":2')) {
              waiting.unshift(() => listener.onPublication(channel, publication))
            } else {
              listener.onPublication(channel, publication)
              for (const hand of waiting.splice(0)) hand()
            }
            depth--
          },
        }),
      }
    },
  ),
  broken(
    'previousOffset is the offset less one',
    'gives offsets that rise from above 0, name the one before, and belong to one epoch',
    changedDeliveries((hand, publication) =>
      hand({ ...publication, previousOffset: Math.max(0, publication.offset - 1) }),
    ),
  ),
  broken('signals are stored', 'delivers signals in order to interested nodes, and stores none', () => ({
    node: (node) => ({
      async signal(channel, payload) {
        await node.signal(channel, payload)
        await node.publish(channel, payload, { history: { size: 1_000, ttlMs: FOREVER_MS } })
      },
    }),
  })),
  broken('broadcasts leave out the sender', 'delivers broadcasts to every node, the sender included', () => {
    let sender: number | undefined
    return {
      listener: (listener, index) => ({
        onBroadcast: (payload) => (index === sender ? undefined : listener.onBroadcast(payload)),
      }),
      node: (node, index) => ({
        async broadcast(payload) {
          sender = index
          await node.broadcast(payload)
          sender = undefined
        },
      }),
    }
  }),
  broken(
    'keys are forgotten with the history',
    'keeps keys where no history is kept, with offsets that rise',
    () => ({
      node: (node) => ({
        publish(channel, payload, { keyed, ...options }) {
          const isKept = options.history !== undefined && keyed !== undefined
          return node.publish(channel, payload, isKept ? { ...options, keyed } : options)
        },
      }),
    }),
  ),
  broken(
    'keys beyond the limit are taken all the same',
    'refuses keys beyond as many as asked, and nothing comes of them',
    () => ({
      node: (node) => ({
        publish(channel, payload, options) {
          const keyed = options.keyed && { ...options.keyed, maxKeys: 1_000 }
          return node.publish(channel, payload, { ...options, ...(keyed && { keyed }) })
        },
      }),
    }),
  ),
  broken('removed keys stay', 'takes removed keys away, and delivers that as a publication', () => ({
    node: (node) => ({
      publish(channel, payload, options) {
        const keyed = options.keyed && { ...options.keyed, removed: false }
        return node.publish(channel, payload, { ...options, ...(keyed && { keyed }) })
      },
    }),
  })),
]

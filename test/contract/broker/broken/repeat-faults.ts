import type { StreamPosition } from '../../../../src/realtime/broker.ts'
import { interpose } from '../interpose.ts'
import { memorySetup, sparseOffset } from '../memory-setup.ts'
import { REMOTE_TRAITS, remoteSetup } from '../remote-setup.ts'
import { broken, FOREVER_MS, positionOf, type BrokenBroker } from './broken-broker.ts'

/** Ways to publish twice, or not at all, what is published with a key. */
export const REPEAT_FAULTS: readonly BrokenBroker[] = [
  broken(
    'idempotency keys are forgotten',
    'publishes once what is published twice with one key, whichever node repeats it',
    () => ({
      node: (node) => ({
        publish(channel, payload, { history, keyed, origin }) {
          const options = { ...(history && { history }), ...(keyed && { keyed }), ...(origin && { origin }) }
          return node.publish(channel, payload, options)
        },
      }),
    }),
  ),
  broken(
    'each node knows only its own idempotency keys',
    'publishes once what several nodes publish at once with one key',
    () => ({
      node: (node, index) => ({
        publish(channel, payload, options) {
          const { idempotency } = options
          const key = idempotency && { ...idempotency, key: `${index} ${idempotency.key}` }
          return node.publish(channel, payload, { ...options, ...(key && { idempotency: key }) })
        },
      }),
    }),
  ),
  broken(
    'idempotency keys go with the publications',
    'knows a key for the whole window, also when its publication has left the history',
    () => ({
      node: (node) => ({
        publish(channel, payload, options) {
          const { idempotency, history } = options
          const windowMs = Math.min(idempotency?.windowMs ?? 0, history?.ttlMs ?? FOREVER_MS)
          return node.publish(channel, payload, {
            ...options,
            ...(idempotency && { idempotency: { ...idempotency, windowMs } }),
          })
        },
      }),
    }),
  ),
  broken(
    'idempotency keys are shared by all channels',
    'knows keys of one channel in no other, and tells keys apart byte by byte',
    () => {
      const seen = new Map<string, StreamPosition>()
      return {
        node: (node) => ({
          async publish(channel, payload, options) {
            const key = options.idempotency?.key
            const first = key === undefined ? undefined : seen.get(key)
            if (first !== undefined) return { ...first, isRepeat: true }
            const outcome = await node.publish(channel, payload, options)
            if (key !== undefined) seen.set(key, { offset: outcome.offset, epoch: outcome.epoch })
            return outcome
          },
        }),
      }
    },
  ),
  broken(
    'a repeat is answered with the newest position',
    'publishes once what is published twice with one key, whichever node repeats it',
    () => ({
      node: (node) => ({
        async publish(channel, payload, options) {
          const outcome = await node.publish(channel, payload, options)
          return outcome.isRepeat ? { ...(await positionOf(node, channel)), isRepeat: true } : outcome
        },
      }),
    }),
  ),
  broken('a repeat is delivered again', 'delivers a repeat only once in channels without history', () => ({
    node: (node) => ({
      async publish(channel, payload, options) {
        const outcome = await node.publish(channel, payload, options)
        if (outcome.isRepeat) await node.publish(channel, payload, {})
        return outcome
      },
    }),
  })),
  {
    fault: 'idempotency keys are lost in a restart that leaves the streams as they were',
    caughtBy: 'knows idempotency keys after a restart that left the streams as they were',
    traits: REMOTE_TRAITS,
    create: () => {
      let starts = 0
      return interpose(remoteSetup(memorySetup(sparseOffset)), () => {
        const start = starts++
        return {
          node: (node) => ({
            publish(channel, payload, options) {
              const { idempotency } = options
              const key = idempotency && { ...idempotency, key: `${start} ${idempotency.key}` }
              return node.publish(channel, payload, { ...options, ...(key && { idempotency: key }) })
            },
          }),
        }
      })
    },
  },
]

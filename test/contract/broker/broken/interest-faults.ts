import type { PresenceEntry } from '../../../../src/realtime/broker.ts'
import { memorySetup, sparseOffset } from '../memory-setup.ts'
import { REMOTE_TRAITS, remoteSetup } from '../remote-setup.ts'
import { broken, FOREVER_MS, type BrokenBroker } from './broken-broker.ts'

/** Ways to lose sight of who is interested and who is present. */
export const INTEREST_FAULTS: readonly BrokenBroker[] = [
  broken(
    'each publication is delivered twice to nodes that subscribed twice',
    'counts interest once, however often it is said',
    () => {
      const times = new Map<string, number>()
      return {
        node: (node, index) => ({
          subscribe(channel) {
            times.set(`${index} ${channel}`, (times.get(`${index} ${channel}`) ?? 0) + 1)
            return node.subscribe(channel)
          },
        }),
        listener: (listener, index) => ({
          onPublication(channel, publication) {
            const count = times.get(`${index} ${channel}`) ?? 0
            for (let time = 0; time < count; time++) listener.onPublication(channel, publication)
          },
        }),
      }
    },
  ),
  broken(
    'interest is lost when it is taken up again',
    'delivers again after interest was given up and taken up, and not in between',
    () => {
      const given = new Set<string>()
      return {
        node: (node, index) => ({
          subscribe: (channel) => (given.has(`${index} ${channel}`) ? undefined : node.subscribe(channel)),
          unsubscribe(channel) {
            given.add(`${index} ${channel}`)
            return node.unsubscribe(channel)
          },
        }),
      }
    },
  ),
  broken(
    'interest stays when it is given up',
    'delivers again after interest was given up and taken up, and not in between',
    () => ({ node: () => ({ unsubscribe: () => undefined }) }),
  ),
  broken(
    'subscribing resolves before the interest is in force',
    'delivers from the moment that subscribing has resolved',
    () => ({
      node: (node) => {
        let isClosed = false
        return {
          subscribe: (channel) => void setImmediate(() => !isClosed && node.subscribe(channel)),
          close() {
            isClosed = true
            return node.close()
          },
        }
      },
    }),
  ),
  broken(
    'a closed node goes on hearing',
    'lets go of a closed node: it hears nothing more, can do nothing more, and the others go on',
    () => ({
      node: () => ({ close: () => undefined }),
    }),
  ),
  broken('presence never expires', 'forgets who was not set again in time, and only those', () => ({
    node: (node) => ({ setPresence: (channel, entry) => node.setPresence(channel, entry, FOREVER_MS) }),
  })),
  broken(
    'setting presence again does not prolong it',
    'forgets who was not set again in time, and only those',
    () => {
      const seen = new Set<string>()
      return {
        node: (node) => ({
          setPresence(channel, entry, ttlMs) {
            const key = `${channel} ${entry.client}`
            if (seen.has(key)) return
            seen.add(key)
            return node.setPresence(channel, entry, ttlMs)
          },
        }),
      }
    },
  ),
  broken(
    'a node sees only its own presence',
    'shows every node who is present, by channel, as last set',
    () => ({
      node(node) {
        const own = new Map<string, PresenceEntry>()
        return {
          setPresence(channel, entry, ttlMs) {
            own.set(`${channel} ${entry.client}`, entry)
            return node.setPresence(channel, entry, ttlMs)
          },
          async presence(channel) {
            return (await node.presence(channel)).filter(({ client }) => own.has(`${channel} ${client}`))
          },
        }
      },
    }),
  ),
  {
    fault: 'a gap after a lost connection is not told',
    caughtBy: 'tells of a gap, or delivers what was published, after a node was cut off',
    traits: REMOTE_TRAITS,
    create: () => remoteSetup(memorySetup(sparseOffset), false),
  },
]

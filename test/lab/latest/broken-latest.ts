import type { StoredPublication } from '../../../src/realtime/broker.ts'
import type { Transport } from '../../../src/realtime/transport.ts'
import { interposeBroker, type Interposer } from '../../contract/broker/interpose.ts'
import type { LatestSabotage } from './latest-world.ts'

/** Something that breaks a promise of `latest` channels. */
export interface BrokenLatest {
  /** What is wrong with it. */
  readonly fault: string
  /** Made anew for each schedule, so that nothing is carried over. */
  readonly create: () => LatestSabotage
}

/** Between the broker and all of its nodes. */
function broker(fault: string, create: () => Interposer): BrokenLatest {
  return { fault, create: () => ({ wrapBroker: (inner) => interposeBroker(inner, create()) }) }
}

/** Between each server and its connections. */
function connection(
  fault: string,
  create: (inner: Transport) => (text: string, send: (text: string) => void) => void,
): BrokenLatest {
  return {
    fault,
    create: () => ({
      wrapTransport: (inner) => {
        const change = create(inner)
        const transport: Transport = {
          send: (text) => change(text, (changed) => inner.send(changed)),
          join: (group) => inner.join(group),
          leave: (group) => inner.leave(group),
          close: (code, reason) => inner.close(code, reason),
          get bufferedAmount() {
            return inner.bufferedAmount
          },
        }
        return transport
      },
    }),
  }
}

/** Changes what a sender sends to one connection: texts of groups do not pass here, as with sockets. */
const passes = (text: string, send: (text: string) => void): void => send(text)

/** Ways to break what is promised of the newest values. */
export const BROKEN_LATEST: readonly BrokenLatest[] = [
  broker('a snapshot leaves out its newest value', () => ({
    node: (node) => ({
      async snapshot(channel) {
        const { entries, position } = await node.snapshot(channel)
        return { entries: entries.toSorted((a, b) => a.offset - b.offset).slice(0, -1), position }
      },
    }),
  })),
  broker('a snapshot still has a key that was removed', () => {
    const gone = new Map<string, Map<string, StoredPublication>>()
    return {
      node: (node) => ({
        async publish(channel, payload, options) {
          if (options.keyed?.removed === true) {
            const { entries } = await node.snapshot(channel)
            const entry = entries.find(({ key }) => key === options.keyed?.key)
            if (entry !== undefined) gone.set(channel, new Map([[entry.key, entry]]))
          }
          return await node.publish(channel, payload, options)
        },
        async snapshot(channel) {
          const { entries, position } = await node.snapshot(channel)
          const known = new Set(entries.map(({ key }) => key))
          const [kept] = gone.get(channel) ?? []
          if (kept === undefined || known.has(kept[0]) || kept[1].epoch !== position.epoch)
            return { entries, position }
          return { entries: [...entries, { ...kept[1], key: kept[0] }], position }
        },
      }),
    }
  }),
  broker('a snapshot claims to know what comes after it', () => ({
    node: (node) => ({
      async snapshot(channel) {
        const { entries, position } = await node.snapshot(channel)
        return { entries, position: { ...position, offset: position.offset + 3 } }
      },
    }),
  })),
  broker('some publications reach no node, and the next one hides it', () => {
    let count = 0
    const hidden = new Map<string, number>()
    return {
      listener: (listener, index) => ({
        onPublication(channel, publication) {
          const id = `${index} ${channel}`
          if (++count % 11 === 0) {
            if (!hidden.has(id)) hidden.set(id, publication.previousOffset)
            return
          }
          const previousOffset = hidden.get(id) ?? publication.previousOffset
          hidden.delete(id)
          listener.onPublication(channel, { ...publication, previousOffset })
        },
      }),
    }
  }),
  {
    fault: 'a gap is not told, and what follows hides it',
    create: () => ({
      wrapServerBroker: (inner) =>
        interposeBroker(inner, {
          listener: (listener) => {
            const reached = new Map<string, number>()
            return {
              onGap: () => undefined,
              onPublication(channel, publication) {
                const previousOffset = reached.get(channel) ?? publication.previousOffset
                reached.set(channel, publication.offset)
                listener.onPublication(channel, { ...publication, previousOffset })
              },
            }
          },
        }),
    }),
  },
  broker('a forgotten channel is told with the epoch that it had', () => {
    const first = new Map<string, string>()
    const shown = <T extends { readonly epoch: string }>(channel: string, value: T): T => {
      if (!first.has(channel)) first.set(channel, value.epoch)
      return { ...value, epoch: first.get(channel)! }
    }
    return {
      listener: (listener) => ({
        onPublication: (channel, publication) => listener.onPublication(channel, shown(channel, publication)),
      }),
      node: (node) => ({
        async snapshot(channel) {
          const { entries, position } = await node.snapshot(channel)
          return { entries, position: shown(channel, position) }
        },
      }),
    }
  }),
  connection('a reply that does not have all values says that it has', () => (text, send) => {
    send(text.replace('"snapshot":"begins"', '"snapshot":"all"'))
  }),
  connection('what follows a reply is said to be all before it has come', () => (text, send) => {
    const channel = /^\{"id":\d+,"subscribe":\{.*"key":"(\w)".*"snapshot":"begins"/.exec(text)
    send(text)
    if (channel === null) return
    for (const name of ['latest/a', 'latest/b'])
      send(`{"push":{"channel":"${name}","snapshot":{"offset":0}}}`)
  }),
  connection('who does not keep up is not told of keys that were removed', () => (text, send) => {
    if (!text.includes('"pub":') || !text.includes('"removed":true')) send(text)
  }),
  connection('who has been away is told that nothing has changed', () => (text, send) => {
    send(text.replace(/("recovered":true,"publications":)\[.*\]/, '$1[]'))
  }),
  connection('what a subscriber gets at its own pace may be the value before', () => {
    let held: string | undefined
    return (text, send) => {
      if (!text.includes('"pub":')) {
        passes(text, send)
        return
      }
      const before = held
      held = text
      if (before !== undefined) send(before)
    }
  }),
]

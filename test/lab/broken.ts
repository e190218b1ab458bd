import type { Clock } from '../../src/internal/clock.ts'
import type { BrokerNode, StoredPublication } from '../../src/realtime/broker.ts'
import type { Transport } from '../../src/realtime/transport.ts'
import { interposeBroker, type Interposer } from '../contract/broker/interpose.ts'
import type { LabSabotage } from './lab-world.ts'

/** A broker or a server that breaks one promise. */
export interface Broken {
  /** What is wrong with it. */
  readonly fault: string
  /** Made anew for each schedule, so that nothing is carried over. */
  readonly create: () => LabSabotage
}

/** Between the broker and all of its nodes. */
function broker(fault: string, create: (clock: Clock) => Interposer): Broken {
  return { fault, create: () => ({ wrapBroker: (inner, clock) => interposeBroker(inner, create(clock)) }) }
}

/** Within each server process. */
function server(fault: string, create: (clock: Clock) => Interposer): Broken {
  return {
    fault,
    create: () => ({ wrapServerBroker: (inner, clock) => interposeBroker(inner, create(clock)) }),
  }
}

/** Between each server and its connections: replaces methods of a transport, which for groups gets texts through `send`. */
function connection(fault: string, change: (inner: Transport) => Partial<Transport>): Broken {
  return {
    fault,
    create: () => ({
      wrapTransport: (inner) => ({
        send: (text) => inner.send(text),
        join: (group) => inner.join(group),
        leave: (group) => inner.leave(group),
        close: (code, reason) => inner.close(code, reason),
        ...change(inner),
        get bufferedAmount() {
          return inner.bufferedAmount
        },
      }),
    }),
  }
}

async function positionOf(node: BrokerNode, channel: string): Promise<{ offset: number; epoch: string }> {
  return (await node.history(channel, { limit: 0 }, { size: 1_000, ttlMs: 1e9 })).position
}

/** A subscribe reply that recovers something: the text before its publications, they, and the rest. */
const RECOVERED = /^(\{"id":\d+,"subscribe":\{.*"publications":)(\[\{.*\}\])(.*)$/

/** Ways to break what is promised, as they are seen in the field. */
export const BROKEN: readonly Broken[] = [
  broker('history since a position leaves out the first publication', () => ({
    node: (node) => ({
      async history(channel, options, limits) {
        const page = await node.history(channel, options, limits)
        return options.since === undefined ? page : { ...page, publications: page.publications.slice(1) }
      },
    }),
  })),
  broker('history since a position includes the publication at it', () => ({
    node: (node) => ({
      history: (channel, { since, ...rest }, limits) =>
        node.history(
          channel,
          { ...rest, since: since && { ...since, offset: Math.max(0, since.offset - 1) } },
          limits,
        ),
    }),
  })),
  broker('history always says that it is complete', () => ({
    node: (node) => ({
      async history(channel, options, limits) {
        return { ...(await node.history(channel, options, limits)), complete: true }
      },
    }),
  })),
  broker('publishes are acknowledged before they are stored', (clock) => ({
    node: (node) => ({
      async publish(channel, payload, options) {
        if (options.history === undefined) return await node.publish(channel, payload, options)
        const position = await positionOf(node, channel)
        clock.after(20, () => void node.publish(channel, payload, options))
        return { offset: position.offset + 1, epoch: position.epoch, isRepeat: false }
      },
    }),
  })),
  broker('idempotency keys are forgotten', () => ({
    node: (node) => ({
      publish(channel, payload, options) {
        const { idempotency: _, ...forgetful } = options
        return node.publish(channel, payload, forgetful)
      },
    }),
  })),
  broker('an epoch is used again after the history was removed', () => {
    const first = new Map<string, string>()
    const shown = <T extends { readonly epoch: string }>(channel: string, value: T): T => {
      if (value.epoch === '') return value
      if (!first.has(channel)) first.set(channel, value.epoch)
      return { ...value, epoch: first.get(channel)! }
    }
    return {
      listener: (listener) => ({
        onPublication: (channel, publication) => listener.onPublication(channel, shown(channel, publication)),
      }),
      node: (node) => ({
        async publish(channel, payload, options) {
          return shown(channel, await node.publish(channel, payload, options))
        },
        async history(channel, options, limits) {
          const { epoch } = await positionOf(node, channel)
          const since =
            options.since?.epoch === first.get(channel) ? { ...options.since!, epoch } : options.since
          const page = await node.history(channel, { ...options, since }, limits)
          const publications = page.publications.map((publication) => shown(channel, publication))
          return { ...page, publications, position: shown(channel, page.position) }
        },
      }),
    }
  }),
  broker('every fifth publication overtakes the one before it', () => {
    const held = new Map<number, (() => void)[]>()
    let count = 0
    return {
      listener: (listener, index) => ({
        onPublication(channel, publication) {
          const before = held.get(index) ?? []
          held.set(index, [])
          if (++count % 5 === 0) held.set(index, [() => listener.onPublication(channel, publication)])
          else listener.onPublication(channel, publication)
          for (const hand of before) hand()
        },
      }),
    }
  }),
  broker('some nodes get a publication twice', () => {
    let count = 0
    return {
      listener: (listener) => ({
        onPublication(channel, publication: StoredPublication) {
          listener.onPublication(channel, publication)
          if (++count % 7 === 0) listener.onPublication(channel, publication)
        },
      }),
    }
  }),
  broker('presence never expires', () => ({
    node: (node) => ({ setPresence: (channel, entry) => node.setPresence(channel, entry, 1e12) }),
  })),
  broker('interest is lost when it is taken up again', () => {
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
  }),
  server('history is read before interest is in force', (clock) => ({
    node: (node) => {
      const interests = new Map<string, () => unknown>()
      return {
        // As if the two were asked for in the wrong order: interest once the history has come.
        subscribe(channel) {
          interests.set(channel, () => node.subscribe(channel))
        },
        async history(channel, options, limits) {
          const page = await node.history(channel, options, limits)
          const declare = interests.get(channel)
          interests.delete(channel)
          clock.after(30, () => void declare?.())
          return page
        },
      }
    },
  })),
  server('a gap is not told', () => ({ listener: () => ({ onGap: () => undefined }) })),
  server('a reply may recover as many as there are', () => ({
    node: (node) => ({
      async history(channel, options, limits) {
        if (options.since === undefined) return await node.history(channel, options, limits)
        const page = await node.history(channel, { ...options, limit: 1_000 }, limits)
        return { ...page, hasMore: false }
      },
    }),
  })),
  connection('what was recovered is delivered again after the reply', (inner) => {
    let recovered: unknown[] = []
    return {
      send(text) {
        inner.send(text)
        const [, , publications] = RECOVERED.exec(text) ?? []
        if (publications !== undefined) recovered = JSON.parse(publications) as unknown[]
      },
      join(group) {
        inner.join(group)
        const channel = group.replace(/^[^:]*:p/, '')
        for (const pub of recovered) inner.send(JSON.stringify({ push: { channel, pub } }))
        recovered = []
      },
    }
  }),
  connection('the first of what was recovered is left out', (inner) => ({
    send(text) {
      const [, before, publications, after] = RECOVERED.exec(text) ?? []
      if (publications === undefined) inner.send(text)
      else inner.send(`${before}${JSON.stringify((JSON.parse(publications) as unknown[]).slice(1))}${after}`)
    },
  })),
  connection('a gap is told as if everything had been recovered', (inner) => ({
    send: (text) => inner.send(text.replace('"was_recovering":true,"recovered":false', '"recovered":true')),
  })),
  connection('who has unsubscribed goes on receiving', () => ({ leave: () => undefined })),
]

import assert from 'node:assert/strict'
import { payloads, payloadsOf, STORED } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

const WINDOW_MS = 600_000

function keyed(key: string, options = STORED) {
  return { ...options, idempotency: { key, windowMs: WINDOW_MS } }
}

/** Guarantee 4: a repeat is answered with the first's position, and is not published. */
export const REPEAT_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'publishes once what is published twice with one key, whichever node repeats it',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await one.node.subscribe('a')
      const first = await one.node.publish('a', '{"n":1}', keyed('k'))
      assert.equal(first.isRepeat, false)
      await one.node.publish('a', '{"n":2}', keyed('other'))
      for (const { node } of [one, two, one]) {
        const repeat = await node.publish('a', '{"n":1}', keyed('k'))
        assert.deepEqual({ ...repeat }, { ...first, isRepeat: true })
      }
      assert.deepEqual(payloadsOf(await bench.history(two, 'a')), ['{"n":1}', '{"n":2}'])
      assert.deepEqual(await bench.payloadsHeardBy(one, 'a'), ['{"n":1}', '{"n":2}'])
    },
  },
  {
    name: 'publishes once what several nodes publish at once with one key',
    async run(bench) {
      const nodes = [await bench.connect(), await bench.connect(), await bench.connect()]
      const [one = await bench.connect()] = nodes
      await one.node.subscribe('a')
      const all = [...nodes, ...nodes, ...nodes].map(async ({ node }) => node.publish('a', '{}', keyed('k')))
      const outcomes = await Promise.all(all)
      assert.equal(outcomes.filter(({ isRepeat }) => !isRepeat).length, 1)
      assert.equal(new Set(outcomes.map(({ offset, epoch }) => `${offset} ${epoch}`)).size, 1)
      assert.deepEqual(await bench.payloadsHeardBy(one, 'a'), ['{}'])
    },
  },
  {
    name: 'knows keys of one channel in no other, and tells keys apart byte by byte',
    async run(bench) {
      const node = await bench.connect()
      const keys = ['k', 'K', 'k ', 'kk', '__proto__', 'ü', 'k:a', 'a']
      for (const channel of ['a', 'b', 'a:k']) {
        for (const key of keys) {
          const outcome = await node.node.publish(channel, '{}', keyed(key))
          assert.equal(outcome.isRepeat, false, `${channel} ${key}`)
        }
      }
    },
  },
  {
    name: 'delivers a repeat only once in channels without history',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await two.node.subscribe('live')
      for (const isRepeat of [false, true, true]) {
        const outcome = await one.node.publish('live', '{}', keyed('k', {}))
        assert.deepEqual({ ...outcome }, { offset: 0, epoch: '', isRepeat })
      }
      assert.deepEqual(await bench.payloadsHeardBy(two, 'live', {}), ['{}'])
    },
  },
  {
    name: 'knows a key for the whole window, also when its publication has left the history',
    async run(bench) {
      const node = await bench.connect()
      const history = { size: 2, ttlMs: 4 * bench.setup.tickMs }
      const first = await node.node.publish('a', '{}', keyed('k', { history }))
      await bench.publishAll(node.node, 'a', payloads(50), { history })
      await bench.sleepTicks(6)
      const repeat = await node.node.publish('a', '{}', keyed('k', { history }))
      assert.deepEqual({ ...repeat }, { ...first, isRepeat: true })
    },
  },
]

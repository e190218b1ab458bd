import assert from 'node:assert/strict'
import type { BrokerPublishOptions } from '../../../../src/realtime/broker.ts'
import { HISTORY, type TestNode } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

function set(key: string, size = HISTORY.size, maxKeys = 100): BrokerPublishOptions {
  return { history: { size, ttlMs: HISTORY.ttlMs }, keyed: { key, removed: false, maxKeys } }
}

function take(key: string): BrokerPublishOptions {
  return { history: HISTORY, keyed: { key, removed: true, maxKeys: 100 } }
}

/** The snapshot as pairs of key and payload, in the order of offsets. */
async function valuesOf({ node }: TestNode, channel: string): Promise<[key: string, payload: string][]> {
  const { entries } = await node.snapshot(channel)
  return entries.toSorted((a, b) => a.offset - b.offset).map(({ key, payload }) => [key, payload])
}

/** The newest of each key. */
export const KEYED_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'keeps the newest publication of each key with its offset, also beyond the history',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await one.node.publish('a', '{"n":1}', set('x', 2))
      const y = await one.node.publish('a', '{"n":2}', set('y', 2))
      await two.node.publish('a', '{"n":3}', set('x', 2))
      await two.node.publish('a', '{"n":4}', set('x', 2))
      const last = await two.node.publish('a', '{"n":5}', set('x', 2))
      for (const node of [one, two]) {
        assert.deepEqual(await valuesOf(node, 'a'), [
          ['y', '{"n":2}'],
          ['x', '{"n":5}'],
        ])
      }
      const { entries, position } = await one.node.snapshot('a')
      assert.deepEqual({ ...position }, { offset: last.offset, epoch: last.epoch })
      assert.deepEqual(entries.find(({ key }) => key === 'y')?.offset, y.offset)
      assert.deepEqual(await valuesOf(one, 'b'), [])
    },
  },
  {
    name: 'takes removed keys away, and delivers that as a publication',
    async run(bench) {
      const node = await bench.connect()
      await node.node.subscribe('a')
      await node.node.publish('a', '{"n":1}', set('x'))
      await node.node.publish('a', '{"n":2}', set('y'))
      await node.node.publish('a', '{"gone":1}', take('x'))
      assert.deepEqual(await valuesOf(node, 'a'), [['y', '{"n":2}']])
      assert.deepEqual(await bench.payloadsHeardBy(node, 'a'), ['{"n":1}', '{"n":2}', '{"gone":1}'])
      await node.node.publish('a', '{"n":3}', set('x'))
      assert.deepEqual((await valuesOf(node, 'a')).at(-1), ['x', '{"n":3}'])
      await node.node.remove('a')
      assert.deepEqual(await valuesOf(node, 'a'), [])
    },
  },
  {
    name: 'keeps no more keys than asked: the ones that were set longest ago go',
    async run(bench) {
      const node = await bench.connect()
      for (const key of ['x', 'y', 'x', 'z', 'w'])
        await node.node.publish('a', `"${key}"`, set(key, HISTORY.size, 3))
      assert.deepEqual(
        (await valuesOf(node, 'a')).map(([key]) => key),
        ['x', 'z', 'w'],
      )
    },
  },
]

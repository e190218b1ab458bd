import assert from 'node:assert/strict'
import type { BrokerPublishOptions } from '../../../../src/realtime/broker.ts'
import { HISTORY, type TestNode } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

function set(key: string, size = HISTORY.size, maxKeys = 100): BrokerPublishOptions {
  return { history: { size, ttlMs: HISTORY.ttlMs }, keyed: { key, removed: false, maxKeys } }
}

/** Keeps nothing but the newest of each key. */
function setAlone(key: string, maxKeys = 100): BrokerPublishOptions {
  return { keyed: { key, removed: false, maxKeys } }
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
    name: 'keeps keys where no history is kept, with offsets that rise',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await two.node.subscribe('a')
      const x = await one.node.publish('a', '{"n":1}', setAlone('x'))
      const y = await one.node.publish('a', '{"n":2}', setAlone('y'))
      const again = await two.node.publish('a', '{"n":3}', setAlone('x'))
      assert.ok(x.offset > 0 && y.offset > x.offset && again.offset > y.offset)
      const { entries, position } = await one.node.snapshot('a')
      assert.deepEqual({ ...position }, { offset: again.offset, epoch: x.epoch })
      assert.equal(entries.length, 2)
      const ofKey = new Map(
        entries.map(({ key, payload, offset, epoch }) => [key, { payload, offset, epoch }]),
      )
      assert.deepEqual(ofKey.get('x'), { payload: '{"n":3}', offset: again.offset, epoch: x.epoch })
      assert.deepEqual(ofKey.get('y'), { payload: '{"n":2}', offset: y.offset, epoch: x.epoch })
      const heard = await bench.heardBy(two, 'a')
      assert.deepEqual(
        heard.map(({ payload, offset, previousOffset }) => [payload, offset, previousOffset]),
        [
          ['{"n":1}', x.offset, 0],
          ['{"n":2}', y.offset, x.offset],
          ['{"n":3}', again.offset, y.offset],
        ],
      )
    },
  },
  {
    name: 'refuses keys beyond as many as asked, and nothing comes of them',
    async run(bench) {
      const node = await bench.connect()
      await node.node.subscribe('a')
      for (const key of ['x', 'y', 'z']) await node.node.publish('a', `"${key}"`, setAlone(key, 3))
      const idempotency = { key: 'once', windowMs: bench.setup.tickMs * 1_000 }
      const { position } = await node.node.snapshot('a')
      await assert.rejects(
        async () => await node.node.publish('a', '"w"', { ...setAlone('w', 3), idempotency }),
        { code: 'CHANNEL_KEYS_EXCEEDED' },
      )
      const after = await node.node.snapshot('a')
      assert.deepEqual({ ...after.position }, { ...position })
      assert.deepEqual(after.entries.map(({ key }) => key).toSorted(), ['x', 'y', 'z'])
      await node.node.publish('a', '"x again"', setAlone('x', 3))
      await node.node.publish('a', '"y gone"', { keyed: { key: 'y', removed: true, maxKeys: 3 } })
      await assert.doesNotReject(async () => {
        const { isRepeat } = await node.node.publish('a', '"w"', { ...setAlone('w', 3), idempotency })
        assert.equal(isRepeat, false)
      })
      assert.deepEqual(await valuesOf(node, 'a'), [
        ['z', '"z"'],
        ['x', '"x again"'],
        ['w', '"w"'],
      ])
      assert.deepEqual(await bench.payloadsHeardBy(node, 'a'), [
        '"x"',
        '"y"',
        '"z"',
        '"x again"',
        '"y gone"',
        '"w"',
      ])
    },
  },
]

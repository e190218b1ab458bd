import assert from 'node:assert/strict'
import type { StoredPublication } from '../../../../src/realtime/broker.ts'
import { HISTORY, payloads, payloadsOf, STORED, type Bench } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

/** What a listener is handed is what the history has. */
function shapeOf({ payload, offset, previousOffset, epoch, origin }: StoredPublication): unknown[] {
  return [payload, offset, previousOffset, epoch, origin]
}

async function severalPublishers(bench: Bench): Promise<void> {
  const nodes = [await bench.connect(), await bench.connect(), await bench.connect()]
  for (const { node } of nodes) await node.subscribe('busy')
  const rounds = Array.from({ length: 20 }, (_, round) => {
    return nodes.map(async ({ node }, index) => node.publish('busy', `{"n":${round * 3 + index}}`, STORED))
  })
  const outcomes = await Promise.all(rounds.flat())
  const stored = (await bench.history(nodes[0] ?? (await bench.connect()), 'busy')).publications
  assert.deepEqual(
    stored.map(({ offset }) => offset),
    outcomes.map(({ offset }) => offset).toSorted((a, b) => a - b),
  )
  for (const node of nodes) {
    assert.deepEqual((await bench.heardBy(node, 'busy')).map(shapeOf), stored.map(shapeOf))
  }
}

/** Guarantees 1 and 2: append and fan-out are one step, and offsets form a chain. */
export const APPEND_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'has each acknowledged publication in the history',
    async run(bench) {
      const node = await bench.connect()
      const expected: string[] = []
      for (const payload of payloads(5)) {
        const outcome = await node.node.publish('a', payload, STORED)
        expected.push(payload)
        const page = await bench.history(node, 'a')
        assert.deepEqual(payloadsOf(page), expected)
        assert.deepEqual({ ...page.position }, { offset: outcome.offset, epoch: outcome.epoch })
        assert.equal(outcome.isRepeat, false)
      }
    },
  },
  {
    name: 'stores publishes in the order in which they were asked for, if it says that it keeps it',
    async run(bench) {
      const { node } = await bench.connect()
      if (node.keepsPublishOrder !== true) return
      const texts = payloads(2_000)
      // With and without a key: what is looked up first may not let others pass.
      const outcomes = await Promise.all(
        texts.map(async (payload, index) => {
          const idempotency = { key: `k${index}`, windowMs: 60_000 }
          return node.publish('a', payload, index % 3 === 0 ? { ...STORED, idempotency } : STORED)
        }),
      )
      const offsets = outcomes.map(({ offset }) => offset)
      assert.deepEqual(
        offsets,
        offsets.toSorted((a, b) => a - b),
      )
    },
  },
  {
    name: 'gives offsets that rise from above 0, name the one before, and belong to one epoch',
    async run(bench) {
      const node = await bench.connect()
      await node.node.subscribe('a')
      const positions = await bench.publishAll(node.node, 'a', payloads(10))
      const offsets = positions.map(({ offset }) => offset)
      const previous = [0, ...offsets.slice(0, -1)]
      assert.ok(
        offsets.every((offset, index) => Number.isSafeInteger(offset) && offset > (previous[index] ?? 0)),
      )
      assert.equal(new Set(positions.map(({ epoch }) => epoch)).size, 1)
      assert.notEqual(positions[0]?.epoch, '')
      for (const publications of [
        (await bench.history(node, 'a')).publications,
        await bench.heardBy(node, 'a'),
      ]) {
        assert.deepEqual(
          publications.map(({ offset }) => offset),
          offsets,
        )
        assert.deepEqual(
          publications.map(({ previousOffset }) => previousOffset),
          previous,
        )
      }
    },
  },
  {
    name: 'delivers once and in order to each interested node, the publishing one included, and to no other',
    async run(bench) {
      const [one, two, other] = [await bench.connect(), await bench.connect(), await bench.connect()]
      await one.node.subscribe('a')
      await two.node.subscribe('a')
      await other.node.subscribe('b')
      const sent = payloads(20)
      await bench.publishAll(one.node, 'a', sent, { ...STORED, origin: 'one/7' })
      const stored = (await bench.history(other, 'a')).publications
      assert.deepEqual(payloadsOf({ publications: stored }), sent)
      assert.deepEqual((await bench.heardBy(one, 'a')).map(shapeOf), stored.map(shapeOf))
      assert.deepEqual((await bench.heardBy(two, 'a')).map(shapeOf), stored.map(shapeOf))
      assert.ok(stored.every(({ origin }) => origin === 'one/7'))
      assert.deepEqual(await bench.payloadsHeardBy(other, 'b'), [])
      assert.deepEqual(other.heard.of('a'), [])
    },
  },
  {
    name: 'has one order for all nodes when several publish at once',
    run: severalPublishers,
  },
  {
    name: 'keeps the order on all nodes when a listener publishes',
    async run(bench) {
      const [one, two, three] = [await bench.connect(), await bench.connect(), await bench.connect()]
      const answers: Promise<unknown>[] = []
      two.heard.onEach = (channel, { payload }) => {
        const { depth } = JSON.parse(payload) as { depth?: number }
        if (depth === undefined || depth >= 3) return
        for (const child of ['x', 'y']) {
          const answer = JSON.stringify({ depth: depth + 1, child })
          answers.push(Promise.resolve(two.node.publish(channel, answer, STORED)))
        }
      }
      for (const { node } of [one, two, three]) await node.subscribe('a')
      await one.node.publish('a', '{"depth":1}', STORED)
      await bench.until('all answers are published', () => answers.length === 6)
      await Promise.all(answers)
      const stored = payloadsOf(await bench.history(one, 'a'))
      assert.equal(stored.length, 7)
      for (const node of [one, two, three]) {
        two.heard.onEach = undefined
        assert.deepEqual(await bench.payloadsHeardBy(node, 'a'), stored)
      }
    },
  },
  {
    name: 'delivers nothing that is not in the history yet',
    async run(bench) {
      const [reader, publisher] = [await bench.connect(), await bench.connect()]
      const reads: Promise<[payload: string, stored: string[]]>[] = []
      reader.heard.onEach = (channel, { payload }) => {
        // Asked at once: a broker that delivers first has not stored it when the question arrives.
        const page = reader.node.history(channel, { limit: 100 }, HISTORY)
        reads.push(Promise.resolve(page).then((answer) => [payload, payloadsOf(answer)]))
      }
      await reader.node.subscribe('a')
      await bench.publishAll(publisher.node, 'a', payloads(5))
      await bench.until('all have arrived', () => reads.length === 5)
      for (const [payload, stored] of await Promise.all(reads)) assert.ok(stored.includes(payload), payload)
    },
  },
  {
    name: 'delivers without storing where no history is asked for',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await two.node.subscribe('live')
      const before = (await bench.history(one, 'live')).position
      for (const payload of payloads(3)) {
        const outcome = await one.node.publish('live', payload, { origin: 'o' })
        assert.deepEqual({ ...outcome }, { offset: 0, epoch: '', isRepeat: false })
      }
      const heard = await bench.heardBy(two, 'live', {})
      assert.deepEqual(
        heard.map(shapeOf),
        payloads(3).map((payload) => [payload, 0, 0, '', 'o']),
      )
      const page = await bench.history(one, 'live')
      assert.deepEqual([payloadsOf(page), { ...page.position }], [[], { ...before }])
    },
  },
  {
    name: 'takes payloads and channel names as they are',
    async run(bench) {
      const node = await bench.connect()
      const texts = [
        '{}',
        '{"a":"\\u0000\\n"}',
        '{"ü":"😀 \u2028"}',
        `{"long":"${'x'.repeat(60_000)}"}`,
        '{"a" : 1}',
      ]
      const names = [
        'a',
        'rooms/42',
        'a b',
        'ü/😀',
        'A',
        '__proto__',
        'constructor',
        '*',
        '>',
        'a.b',
        '{a}',
        "o'k",
        'a:b',
      ]
      for (const name of names) await node.node.subscribe(name)
      for (const name of names) await bench.publishAll(node.node, name, [...texts, JSON.stringify(name)])
      for (const name of names) {
        const expected = [...texts, JSON.stringify(name)]
        assert.deepEqual(payloadsOf(await bench.history(node, name)), expected, name)
        assert.deepEqual(await bench.payloadsHeardBy(node, name), expected, name)
      }
    },
  },
]

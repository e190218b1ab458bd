import assert from 'node:assert/strict'
import type { HistoryPage, StreamPosition } from '../../../../src/realtime/broker.ts'
import { HISTORY, payloads, payloadsOf, STORED, type Bench, type TestNode } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

/** Reads a channel page by page. */
async function readInPages(
  { node }: TestNode,
  start: StreamPosition | undefined,
  limit: number,
  reverse: boolean,
): Promise<string[]> {
  const read: string[] = []
  let since = start
  for (let pages = 0; pages < 100; pages++) {
    const page: HistoryPage = await node.history('a', { since, limit, reverse }, HISTORY)
    assert.ok(page.publications.length <= limit)
    assert.equal(page.complete, true)
    read.push(...payloadsOf(page))
    const last = page.publications.at(-1)
    if (!page.hasMore || last === undefined) break
    since = { offset: last.offset, epoch: last.epoch }
  }
  return read
}

/** What is complete since each position: the first so many are not. */
async function completeness(
  bench: Bench,
  node: TestNode,
  positions: readonly StreamPosition[],
  limits = HISTORY,
): Promise<boolean[]> {
  const answers: boolean[] = []
  for (const since of positions) {
    // The answer must not depend on how much of it is read.
    const pages = [await bench.history(node, 'a', since, limits)]
    for (const limit of [0, 1]) pages.push(await node.node.history('a', { since, limit }, limits))
    assert.equal(new Set(pages.map(({ complete }) => complete)).size, 1)
    answers.push(pages[0]?.complete === true)
  }
  return answers
}

/** Guarantee 3: history is complete, or says that it is not. */
export const HISTORY_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'gives exactly what comes after each position',
    async run(bench) {
      const node = await bench.connect()
      const start = (await bench.history(node, 'a')).position
      const sent = payloads(8)
      const positions = [start, ...(await bench.publishAll(node.node, 'a', sent))]
      for (const [index, since] of positions.entries()) {
        const page = await bench.history(node, 'a', since)
        assert.deepEqual(payloadsOf(page), sent.slice(index), `since the ${index}th`)
        assert.deepEqual([page.complete, page.hasMore], [true, false])
        assert.deepEqual({ ...page.position }, { ...positions.at(-1) })
      }
    },
  },
  {
    name: 'gives exactly what comes before each position, newest first, when read in reverse',
    async run(bench) {
      const node = await bench.connect()
      const sent = payloads(8)
      const positions = await bench.publishAll(node.node, 'a', sent)
      for (const [index, since] of positions.entries()) {
        const page = await node.node.history('a', { since, limit: 100, reverse: true }, HISTORY)
        assert.deepEqual(payloadsOf(page), sent.slice(0, index).toReversed(), `before the ${index}th`)
        assert.deepEqual([page.complete, page.hasMore], [true, false])
      }
      const all = await node.node.history('a', { limit: 100, reverse: true }, HISTORY)
      assert.deepEqual(payloadsOf(all), sent.toReversed())
    },
  },
  {
    name: 'cuts pages at the limit, says so, and goes on from there in both directions',
    async run(bench) {
      const node = await bench.connect()
      const sent = payloads(7)
      const positions = await bench.publishAll(node.node, 'a', sent)
      for (const limit of [1, 2, 3, 7, 8]) {
        assert.deepEqual(await readInPages(node, undefined, limit, false), sent)
        assert.deepEqual(await readInPages(node, positions[1], limit, false), sent.slice(2))
        assert.deepEqual(await readInPages(node, undefined, limit, true), sent.toReversed())
        const page = await node.node.history('a', { limit }, HISTORY)
        assert.equal(page.hasMore, limit < 7, `limit ${limit}`)
      }
      const none = await node.node.history('a', { limit: 0 }, HISTORY)
      assert.deepEqual([none.publications.length, none.hasMore], [0, true])
      assert.deepEqual({ ...none.position }, { ...positions.at(-1) })
    },
  },
  {
    name: 'keeps as many as the size says, and tells who needs more',
    async run(bench) {
      const node = await bench.connect()
      const history = { size: 3, ttlMs: HISTORY.ttlMs }
      const sent = payloads(8)
      const start = (await bench.history(node, 'a')).position
      const positions = [start, ...(await bench.publishAll(node.node, 'a', sent, { history }))]
      assert.deepEqual(payloadsOf(await bench.history(node, 'a', undefined, history)), sent.slice(-3))
      const complete = await completeness(bench, node, positions, history)
      assert.deepEqual(complete, [false, false, false, false, false, true, true, true, true])
    },
  },
  {
    name: 'never returns more than the reader’s limits allow, and tells who needs more',
    async run(bench) {
      const node = await bench.connect()
      const sent = payloads(6)
      const positions = await bench.publishAll(node.node, 'a', sent)
      const limits = { size: 2, ttlMs: HISTORY.ttlMs }
      assert.deepEqual(payloadsOf(await bench.history(node, 'a', undefined, limits)), sent.slice(-2))
      assert.deepEqual(payloadsOf(await bench.history(node, 'a', positions[3], limits)), sent.slice(-2))
      const reverse = await node.node.history('a', { limit: 100, reverse: true }, limits)
      assert.deepEqual(payloadsOf(reverse), sent.slice(-2).toReversed())
      const complete = await completeness(bench, node, positions, limits)
      assert.deepEqual(complete, [false, false, false, true, true, true])
    },
  },
  {
    name: 'forgets publications after their time, and tells who needs them; the position stays',
    async run(bench) {
      const node = await bench.connect()
      const history = { size: 100, ttlMs: 4 * bench.setup.tickMs }
      const old = await bench.publishAll(node.node, 'a', payloads(2, 'old'), { history })
      await bench.sleepTicks(1)
      assert.deepEqual(payloadsOf(await bench.history(node, 'a', undefined, history)), payloads(2, 'old'))
      await bench.sleepTicks(5)
      const empty = await bench.history(node, 'a', undefined, history)
      assert.deepEqual([payloadsOf(empty), { ...empty.position }], [[], { ...old[1] }])
      assert.deepEqual(await completeness(bench, node, old, history), [false, true])

      const fresh = await bench.publishAll(node.node, 'a', payloads(2, 'new'), { history })
      assert.ok((fresh[0]?.offset ?? 0) > (old[1]?.offset ?? 0))
      const page = await bench.history(node, 'a', old[1], history)
      assert.deepEqual(payloadsOf(page), payloads(2, 'new'))
      assert.equal(page.publications[0]?.previousOffset, old[1]?.offset)
      assert.deepEqual(await completeness(bench, node, [...old, ...fresh], history), [
        false,
        true,
        true,
        true,
      ])
    },
  },
  {
    name: 'never returns what is too old for the reader’s limits',
    async run(bench) {
      const node = await bench.connect()
      const limits = { size: 100, ttlMs: 4 * bench.setup.tickMs }
      const positions = await bench.publishAll(node.node, 'a', payloads(2))
      await bench.sleepTicks(6)
      assert.deepEqual(payloadsOf(await bench.history(node, 'a', undefined, limits)), [])
      assert.deepEqual(await completeness(bench, node, positions, limits), [false, true])
    },
  },
  {
    name: 'is not complete since a position that is of another epoch or in the future',
    async run(bench) {
      const node = await bench.connect()
      const positions = await bench.publishAll(node.node, 'a', payloads(3))
      const last = positions[2] ?? { offset: 0, epoch: '' }
      const never: StreamPosition[] = [
        { offset: last.offset, epoch: `${last.epoch}x` },
        { offset: 0, epoch: 'never' },
        { offset: last.offset, epoch: '' },
        { offset: last.offset + 1, epoch: last.epoch },
        { offset: Number.MAX_SAFE_INTEGER, epoch: last.epoch },
      ]
      assert.deepEqual(
        await completeness(bench, node, never),
        never.map(() => false),
      )
      await node.node.publish('a', '{}', STORED)
      assert.deepEqual(await completeness(bench, node, never.slice(0, 3)), [false, false, false])
    },
  },
  {
    name: 'has a position before the first publication, from which nothing is missing',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      const { position, complete, publications } = await bench.history(one, 'a')
      assert.deepEqual([position.offset, complete, publications.length], [0, true, 0])
      assert.notEqual(position.epoch, '')
      assert.equal((await bench.history(two, 'a', position)).complete, true)
      const [first] = await bench.publishAll(two.node, 'a', payloads(2))
      assert.equal(first?.epoch, position.epoch)
      const page = await bench.history(one, 'a', position)
      assert.deepEqual([payloadsOf(page), page.complete], [payloads(2), true])
      assert.notEqual((await bench.history(one, 'b')).position.epoch, '')
    },
  },
  {
    name: 'forgets a removed channel, which then has an epoch that was never used',
    async run(bench) {
      const node = await bench.connect()
      await node.node.subscribe('a')
      const epochs = new Set<string>()
      for (let round = 1; round <= 4; round++) {
        const positions = await bench.publishAll(node.node, 'a', payloads(3))
        const removed = positions[1] ?? { offset: 0, epoch: '' }
        epochs.add(removed.epoch)
        await node.node.remove('a')
        const page = await bench.history(node, 'a', removed)
        assert.deepEqual([page.complete, page.position.offset], [false, 0])
        assert.deepEqual(payloadsOf(await bench.history(node, 'a')), [])
        await node.node.publish('a', '{"again":1}', STORED)
        assert.equal((await bench.history(node, 'a', removed)).complete, false)
        const again = (await bench.heardBy(node, 'a')).at(-1)
        assert.deepEqual([again?.payload, again?.previousOffset], ['{"again":1}', 0])
        await node.node.remove('a')
      }
      assert.equal(epochs.size, 4)
      await node.node.remove('never')
    },
  },
]

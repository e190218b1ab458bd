import assert from 'node:assert/strict'
import { payloads, payloadsOf, STORED } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

const unavailable = { code: 'BROKER_UNAVAILABLE' }

/** Guarantee 5: interest is in force when `subscribe` has resolved. */
export const INTEREST_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'delivers from the moment that subscribing has resolved',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      for (let round = 0; round < 10; round++) {
        const channel = `a/${round}`
        await one.node.subscribe(channel)
        await two.node.publish(channel, '{}', STORED)
        assert.deepEqual(await bench.payloadsHeardBy(one, channel), ['{}'])
      }
    },
  },
  {
    name: 'leaves no gap between history that is read after subscribing and what is delivered',
    async run(bench) {
      const [subscriber, publisher] = [await bench.connect(), await bench.connect()]
      const sent = payloads(60)
      const publishing = sent.map((payload, index) => {
        return Promise.resolve()
          .then(() => (index % 3 === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined))
          .then(() => publisher.node.publish('a', payload, STORED))
      })
      await Promise.all(publishing.slice(0, 20))
      await subscriber.node.subscribe('a')
      const page = await bench.history(subscriber, 'a')
      await Promise.all(publishing)
      const live = await bench.heardBy(subscriber, 'a')
      const later = live.filter(({ offset }) => offset > page.position.offset)
      const all = [...page.publications, ...later]
      assert.deepEqual(payloadsOf({ publications: all }).toSorted(), sent.toSorted())
      assert.deepEqual(
        all.map(({ previousOffset }) => previousOffset),
        [0, ...all.slice(0, -1).map(({ offset }) => offset)],
      )
    },
  },
  {
    name: 'counts interest once, however often it is said',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      for (let times = 0; times < 3; times++) await one.node.subscribe('a')
      await two.node.publish('a', '{"n":1}', STORED)
      assert.deepEqual(await bench.payloadsHeardBy(one, 'a'), ['{"n":1}'])
      await one.node.unsubscribe('a')
      await two.node.subscribe('a')
      await two.node.publish('a', '{"n":2}', STORED)
      assert.deepEqual(await bench.payloadsHeardBy(two, 'a'), ['{"n":2}'])
      await one.node.subscribe('a')
      assert.deepEqual(await bench.payloadsHeardBy(one, 'a'), ['{"n":1}'])
    },
  },
  {
    name: 'delivers again after interest was given up and taken up, and not in between',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await two.node.subscribe('a')
      const expected: string[] = []
      for (let round = 0; round < 5; round++) {
        await one.node.subscribe('a')
        await two.node.publish('a', `{"with":${round}}`, STORED)
        expected.push(`{"with":${round}}`)
        assert.deepEqual(await bench.payloadsHeardBy(one, 'a'), expected)
        await one.node.unsubscribe('a')
        await one.node.unsubscribe('a')
        await two.node.publish('a', `{"without":${round}}`, STORED)
      }
      const all = await bench.payloadsHeardBy(two, 'a')
      assert.equal(all.length, 10)
      await one.node.unsubscribe('never')
    },
  },
  {
    name: 'lets go of a closed node: it hears nothing more, can do nothing more, and the others go on',
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await one.node.subscribe('a')
      await two.node.subscribe('a')
      await one.node.close()
      await one.node.close()
      await two.node.publish('a', '{}', STORED)
      await two.node.broadcast('{"all":1}')
      assert.deepEqual(await bench.payloadsHeardBy(two, 'a'), ['{}'])
      await bench.until('the broadcast arrives', () => two.heard.broadcasts.length === 1)
      assert.deepEqual([one.heard.publications, one.heard.broadcasts], [[], []])
      // In functions, since brokers that answer at once throw at once.
      await assert.rejects(async () => one.node.publish('a', '{}', STORED), unavailable)
      await assert.rejects(async () => one.node.subscribe('a'), unavailable)
      await assert.rejects(async () => one.node.presence('a'), unavailable)
      assert.equal((await bench.connect()).heard.publications.length, 0)
    },
  },
  {
    name: 'tells of a gap, or delivers what was published, after a node was cut off',
    appliesTo: ({ canBeCut }) => canBeCut,
    async run(bench) {
      const [one, two] = [await bench.connect(), await bench.connect()]
      await one.node.subscribe('a')
      await one.node.publish('a', '{"before":1}', STORED)
      assert.deepEqual(await bench.payloadsHeardBy(one, 'a'), ['{"before":1}'])
      assert.ok(bench.setup.cut)
      const restore = await bench.setup.cut()
      const outside = await bench.connect()
      await outside.node.publish('a', '{"missed":1}', STORED)
      await restore()
      const hasMissed = () => one.heard.payloads('a').includes('{"missed":1}')
      await bench.until('it is delivered or a gap is told', () => {
        return hasMissed() || one.heard.gaps.some((channel) => channel === undefined || channel === 'a')
      })
      // Told or not, it hears again afterwards.
      await two.node.publish('a', '{"after":1}', STORED)
      assert.ok((await bench.payloadsHeardBy(one, 'a')).includes('{"after":1}'))
    },
  },
]

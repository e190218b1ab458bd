import assert from 'node:assert/strict'
import { payloads, payloadsOf, STORED } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

/** What a restart leaves: everything, or another epoch. */
export const RESTART_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'has after a restart all that it acknowledged, or an epoch that was never used',
    async run(bench) {
      let node = await bench.connect()
      const epochs = new Set<string>()
      let kept: string[] = []
      for (let round = 0; round < 3; round++) {
        const sent = payloads(4, `r${round}`)
        const positions = await bench.publishAll(node.node, 'a', sent)
        const known = positions[1] ?? { offset: 0, epoch: '' }
        kept.push(...sent)
        epochs.add(known.epoch)

        node = await bench.connect(await bench.setup.restart())
        const page = await bench.history(node, 'a', known)
        if (page.position.epoch === known.epoch) {
          assert.equal(page.complete, true)
          assert.deepEqual(payloadsOf(page), sent.slice(2))
          assert.deepEqual({ ...page.position }, { ...positions.at(-1) })
          assert.deepEqual(payloadsOf(await bench.history(node, 'a')), kept)
        } else {
          assert.equal(bench.traits.isDurable, false, 'a durable broker keeps its streams')
          assert.equal(page.complete, false)
          assert.ok(!epochs.has(page.position.epoch))
          kept = []
        }
      }
    },
  },
  {
    name: 'knows idempotency keys after a restart that left the streams as they were',
    appliesTo: ({ isDurable }) => isDurable,
    async run(bench) {
      const options = { ...STORED, idempotency: { key: 'k', windowMs: 600_000 } }
      const before = await bench.connect()
      const first = await before.node.publish('a', '{}', options)
      await bench.publishAll(before.node, 'a', payloads(5))
      const node = await bench.connect(await bench.setup.restart())
      const repeat = await node.node.publish('a', '{}', options)
      assert.deepEqual({ ...repeat }, { ...first, isRepeat: true })
    },
  },
]

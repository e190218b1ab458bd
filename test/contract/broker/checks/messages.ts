import assert from 'node:assert/strict'
import { payloads, payloadsOf } from '../bench.ts'
import type { BrokerCheck } from '../check.ts'

/** Signals and broadcasts: delivered, never stored. */
export const MESSAGE_CHECKS: readonly BrokerCheck[] = [
  {
    name: 'delivers signals in order to interested nodes, and stores none',
    async run(bench) {
      const [one, two, other] = [await bench.connect(), await bench.connect(), await bench.connect()]
      await one.node.subscribe('a')
      await two.node.subscribe('a')
      await other.node.subscribe('b')
      for (const payload of payloads(10)) await one.node.signal('a', payload)
      await one.node.signal('b', '{"last":1}')
      const expected = payloads(10).map((payload) => ({ channel: 'a', payload }))
      for (const { heard } of [one, two]) {
        await bench.until('all signals arrive', () => heard.signals.length >= 10)
        assert.deepEqual(heard.signals, expected)
      }
      await bench.until('the last signal arrives', () => other.heard.signals.length >= 1)
      assert.deepEqual(other.heard.signals, [{ channel: 'b', payload: '{"last":1}' }])
      assert.deepEqual(payloadsOf(await bench.history(one, 'a')), [])
      assert.deepEqual([one.heard.publications, one.heard.broadcasts], [[], []])
    },
  },
  {
    name: 'delivers broadcasts to every node, the sender included',
    async run(bench) {
      const nodes = [await bench.connect(), await bench.connect(), await bench.connect()]
      await nodes[0]?.node.subscribe('a')
      for (const payload of payloads(3)) await nodes[1]?.node.broadcast(payload)
      for (const { heard } of nodes) {
        await bench.until('all broadcasts arrive', () => heard.broadcasts.length >= 3)
        assert.deepEqual(heard.broadcasts, payloads(3))
        assert.deepEqual([heard.publications, heard.signals], [[], []])
      }
    },
  },
]

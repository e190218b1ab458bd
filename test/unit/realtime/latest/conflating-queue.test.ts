import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { ConflatingQueue } from '../../../../src/realtime/conflating-queue.ts'
import type { KeyedPublication } from '../../../../src/realtime/keyed-publication.ts'

const key = fc.constantFrom('a', 'b', 'c', 'd')
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('put' as const), key, removed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), key }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take' as const), maxBytes: fc.nat(40) }) },
)

test('the queue hands out the newest of each key once, in the order of the stream, and never more than it may', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new ConflatingQueue()
      let waiting: KeyedPublication[] = []
      let offset = 0
      for (const one of steps) {
        if (one.kind === 'put') {
          const { removed } = one
          const publication = { key: one.key, removed, offset: ++offset, payload: 'p'.repeat(offset % 9) }
          queue.put(publication)
          waiting = [...waiting.filter((other) => other.key !== one.key), publication]
        } else if (one.kind === 'drop') {
          queue.drop(one.key)
          waiting = waiting.filter((other) => other.key !== one.key)
        } else {
          const taken = queue.take(one.maxBytes)
          assert.deepEqual(taken, waiting.slice(0, taken.length))
          const bytes = (count: number): number =>
            waiting.slice(0, count).reduce((sum, { payload }) => sum + payload.length, 0)
          assert.ok(taken.length <= 1 || bytes(taken.length) <= one.maxBytes)
          const isMoreOwed = taken.length < waiting.length && bytes(taken.length + 1) <= one.maxBytes
          assert.ok(!isMoreOwed && (taken.length > 0 || waiting.length === 0))
          waiting = waiting.slice(taken.length)
        }
        assert.equal(queue.size, waiting.length)
      }
    }),
  )
})

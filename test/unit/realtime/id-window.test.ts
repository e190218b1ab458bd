import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { IdWindow } from '../../../src/realtime/id-window.ts'

test('each id is admitted once; those far below the newest never', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 200 }), (steps) => {
      const window = new IdWindow()
      const seen = new Set<number>()
      let highest = 0
      for (const step of steps) {
        const id = Math.max(1, highest + step)
        const isExpected = !seen.has(id) && id > highest - 32
        assert.equal(window.admit(id), isExpected, `${id} after ${highest}`)
        seen.add(id)
        highest = Math.max(highest, id)
      }
    }),
  )
  assert.ok(new IdWindow().admit(0xffffffff))
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { KeyRingsOptions } from '../../../src/brokers/key-rings.ts'
import { RepeatWindow } from '../../../src/brokers/repeat-window.ts'

/** Steps with so many keys; the more there are, the longer they stay. */
function stepsWith(keys: number): fc.Arbitrary<Step[]> {
  const key = fc.integer({ min: 0, max: keys - 1 }).map((number) => `key ${number}`)
  const windowMs = fc.integer({ min: 1, max: 4 * keys })
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: keys > 13 ? 6 : 1, arbitrary: fc.record({ kind: fc.constant('add'), key, windowMs }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete'), key }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('find'), key }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 0, max: 2 * keys }) }),
    },
  )
  return fc.array(step, { maxLength: 5 * keys, size: 'max' })
}

type Step =
  | { readonly kind: 'add'; readonly key: string; readonly windowMs: number }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'find'; readonly key: string }
  | { readonly kind: 'pass'; readonly ms: number }

/** The same by a list, the oldest first. */
class Oracle {
  seen: { readonly key: string; readonly offset: number; readonly expiresAtMs: number }[] = []

  add(added: string, offset: number, expiresAtMs: number): void {
    this.delete(added)
    this.seen.push({ key: added, offset, expiresAtMs })
  }

  delete(deleted: string): void {
    this.seen = this.seen.filter((one) => one.key !== deleted)
  }

  expire(nowMs: number): void {
    while ((this.seen[0]?.expiresAtMs ?? Infinity) <= nowMs) this.seen.shift()
  }
}

function play(options?: KeyRingsOptions, keys = 13, numRuns = 100): void {
  fc.assert(
    fc.property(stepsWith(keys), (steps) => {
      const window = new RepeatWindow(options)
      const oracle = new Oracle()
      let nowMs = 0
      for (const [index, one] of steps.entries()) {
        if (one.kind === 'add') {
          window.add(one.key, { offset: index, epoch: 'e' }, nowMs + one.windowMs)
          oracle.add(one.key, index, nowMs + one.windowMs)
        } else if (one.kind === 'delete') {
          window.delete(one.key)
          oracle.delete(one.key)
        } else if (one.kind === 'find') {
          const expected = oracle.seen.find((seen) => seen.key === one.key && seen.expiresAtMs > nowMs)
          assert.equal(window.find(one.key, nowMs)?.offset, expected?.offset)
        } else {
          nowMs += one.ms
          window.expire(nowMs)
          oracle.expire(nowMs)
        }
        assert.equal(window.size, oracle.seen.length)
        assert.equal(window.expiresAtMs, oracle.seen[0]?.expiresAtMs ?? Infinity)
      }
    }),
    { numRuns },
  )
}

describe('RepeatWindow', () => {
  test('knows the keys of its window, in the order in which they came', () => play())

  test('tells keys with the same hash apart', () => {
    play({ hashOf: () => 7 })
    play({ hashOf: (text) => text.length })
  })

  test('knows hundreds of keys, too, and lets go of their room', () => play(undefined, 300, 30))

  test('knows more keys than one ring has room for', () => {
    play({ maxGrownCapacity: 16, maxCapacity: 16 }, 100, 50)
    play({ maxGrownCapacity: 16, maxCapacity: 64 }, 300, 30)
    play({ maxGrownCapacity: 32, maxCapacity: 1_024 }, 300, 30)
  })

  test('tells hundreds apart whose hashes lie together, also around the end of the table', () => {
    play({ hashOf: (text) => Number(text.slice(4)) % 5 }, 150, 20)
    play({ hashOf: (text) => 0x3fffffff - (Number(text.slice(4)) % 9) }, 150, 20)
  })

  test('finds keys however they were put together', () => {
    const window = new RepeatWindow()
    window.add(['0123456789abcdef', 'user'].join('\n'), { offset: 1, epoch: 'e' }, 10)
    const again = Buffer.from('0123456789abcdef\nuser').toString('latin1')
    assert.equal(window.find(again, 0)?.offset, 1)
    assert.equal(window.find('0123456789abcdef\nuses', 0), undefined)
  })
})

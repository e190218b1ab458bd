import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { RepeatWindow } from '../../../src/brokers/repeat-window.ts'

const key = fc.integer({ min: 0, max: 12 }).map((number) => `key ${number}`)
const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), key, windowMs: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('find' as const), key }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 40 }) }),
)

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

function play(hashOf?: (text: string) => number): void {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const window = new RepeatWindow(hashOf)
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
  )
}

describe('RepeatWindow', () => {
  test('knows the keys of its window, in the order in which they came', () => play())

  test('tells keys with the same hash apart', () => {
    play(() => 7)
    play((text) => text.length)
  })

  test('finds keys however they were put together', () => {
    const window = new RepeatWindow()
    window.add(['0123456789abcdef', 'user'].join('\n'), { offset: 1, epoch: 'e' }, 10)
    const again = Buffer.from('0123456789abcdef\nuser').toString('latin1')
    assert.equal(window.find(again, 0)?.offset, 1)
    assert.equal(window.find('0123456789abcdef\nuses', 0), undefined)
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { KeyRings } from '../../../src/brokers/key-rings.ts'

const SMALL = { maxGrownCapacity: 64, maxCapacity: 1_024 }

/** One key each millisecond, forgotten after so many: `from` to `to`, the last not included. */
function pass(rings: KeyRings, from: number, to: number, windowMs: number): void {
  for (let nowMs = from; nowMs < to; nowMs++) {
    rings.expire(nowMs)
    const key = `key ${nowMs}`
    assert.equal(rings.find(key, nowMs), undefined)
    rings.add(key, { offset: nowMs, epoch: 'e' }, nowMs + windowMs)
  }
}

describe('KeyRings', () => {
  test('are one small ring for a few keys', () => {
    const rings = new KeyRings(SMALL)
    pass(rings, 0, 20, 1_000)
    assert.deepEqual(rings.capacities, [32])
  })

  test('stay one ring while the keys of a window fit into it, however many pass', () => {
    const rings = new KeyRings(SMALL)
    pass(rings, 0, 5_000, 60)
    assert.deepEqual(rings.capacities, [64])
  })

  test('become one ring when the second has room for a window', () => {
    const rings = new KeyRings(SMALL)
    pass(rings, 0, 65, 100)
    assert.deepEqual(rings.capacities, [64, 64])
    pass(rings, 65, 2_000, 100)
    assert.deepEqual(rings.capacities, [128])
  })

  test('have no more places than twice the keys, and those of the largest ring', () => {
    const rings = new KeyRings(SMALL)
    for (let from = 0; from < 40_000; from += 1_000) {
      pass(rings, from, from + 1_000, 10_000)
      const places = rings.capacities.reduce((sum, capacity) => sum + capacity, 0)
      assert.ok(places <= 2 * rings.size + 1_024, `${places} for ${rings.size}`)
    }
    assert.equal(rings.size, 10_000)
  })

  test('let go of large rings when fewer keys come', () => {
    const rings = new KeyRings(SMALL)
    pass(rings, 0, 5_000, 4_000)
    assert.ok(rings.capacities.length > 3)
    for (let nowMs = 5_000; nowMs < 30_000; nowMs += 1_000) pass(rings, nowMs, nowMs + 1, 4_000)
    assert.deepEqual(rings.capacities, [16])
  })

  test('forget all at once what has expired', () => {
    const rings = new KeyRings(SMALL)
    pass(rings, 0, 5_000, 5_000)
    rings.expire(100_000)
    assert.equal(rings.size, 0)
    assert.deepEqual(rings.capacities, [16])
    assert.equal(rings.expiresAtMs, Infinity)
  })

  test('make one ring more, and not one for each key, when keys are added to a full one and taken back', () => {
    const rings = new KeyRings(SMALL)
    const places = (): number => rings.capacities.reduce((sum, capacity) => sum + capacity, 0)
    for (let nowMs = 0; rings.size < 1_000 || rings.size < places(); nowMs++)
      pass(rings, nowMs, nowMs + 1, 1e6)
    const before = rings.capacities
    const takeBack = (from: number): void => {
      for (let failed = from; failed < from + 3_000; failed++) {
        rings.add(`failed ${failed}`, { offset: 0, epoch: 'e' }, 1e6)
        rings.delete(`failed ${failed}`)
        assert.deepEqual(rings.capacities, [...before, 1_024])
      }
    }
    takeBack(0)
    // Behind one that stays.
    rings.add('stays', { offset: 0, epoch: 'e' }, 1e6)
    takeBack(3_000)
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { turnOrder } from '../../../benchmarks/rows/turn-order.ts'

test('turns are balanced: each contender at each place, and behind each other one, equally often', () => {
  for (let count = 1; count <= 9; count++) {
    const places = new Map<string, number>()
    const pairs = new Map<string, number>()
    const add = (counts: Map<string, number>, key: string): void =>
      void counts.set(key, (counts.get(key) ?? 0) + 1)
    const rounds = count % 2 === 0 ? count : 2 * count
    for (let round = 0; round < rounds; round++) {
      const order = turnOrder(count, round)
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        Array.from({ length: count }, (_, index) => index),
      )
      for (const [place, index] of order.entries()) {
        add(places, `${index} at ${place}`)
        if (place > 0) add(pairs, `${index} behind ${order[place - 1]}`)
      }
    }
    assert.equal(places.size, count * count)
    assert.equal(pairs.size, count * (count - 1))
    assert.equal(new Set(places.values()).size, 1, JSON.stringify([...places]))
    assert.ok(new Set(pairs.values()).size <= 1, JSON.stringify([...pairs]))
    assert.deepEqual(turnOrder(count, rounds), turnOrder(count, 0))
  }
})

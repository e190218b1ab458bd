import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { StreamChecker, type StreamFaults } from './stream-checker.ts'

const NONE: StreamFaults = {
  lost: 0,
  doubled: 0,
  disordered: 0,
  invented: 0,
  notStored: 0,
  overtaken: 0,
  unsettled: 0,
  gaps: 0,
}

/** Two members, of whom the first publishes `count`; all are acknowledged. */
function published(count: number): StreamChecker {
  const checker = new StreamChecker(2)
  for (let index = 0; index < count; index++) {
    checker.settle(0, checker.publish(0), 'acknowledged')
  }
  return checker
}

/** Hands numbers of the first member to a member; offsets are 10, 20 and so on. */
function hand(checker: StreamChecker, member: number, ...numbers: number[]): void {
  for (const number of numbers) checker.take(member, { from: 0, number, offset: (number + 1) * 10 })
}

describe('the checker of a stream', () => {
  test('finds nothing wrong where all get all in one order', () => {
    const checker = published(3)
    hand(checker, 0, 0, 1)
    hand(checker, 1, 0, 1, 2)
    assert.equal(checker.isComplete, false)
    hand(checker, 0, 2)
    assert.equal(checker.isComplete, true)
    assert.deepEqual(checker.faults, NONE)
    assert.equal(checker.delivered, 6)
  })

  test('finds what one member does not get: in the middle, at the end', () => {
    const checker = published(3)
    hand(checker, 0, 0, 1, 2)
    hand(checker, 1, 0, 2)
    assert.deepEqual(checker.faults, { ...NONE, lost: 1 })
    const behind = published(3)
    hand(behind, 0, 0, 1, 2)
    hand(behind, 1, 0)
    assert.deepEqual(behind.faults, { ...NONE, lost: 2 })
  })

  test('finds what comes again, late, or elsewhere', () => {
    const again = published(2)
    hand(again, 0, 0, 0, 1)
    hand(again, 1, 0, 1)
    assert.deepEqual(again.faults, { ...NONE, doubled: 1 })
    const late = published(2)
    hand(late, 0, 0, 1)
    hand(late, 1, 1, 0)
    assert.deepEqual(late.faults, { ...NONE, lost: 1, doubled: 1 })
    const elsewhere = published(1)
    hand(elsewhere, 0, 0)
    elsewhere.take(1, { from: 0, number: 0, offset: 11 })
    assert.deepEqual(elsewhere.faults, { ...NONE, disordered: 1 })
    const falling = published(2)
    falling.take(0, { from: 0, number: 0, offset: 2 })
    falling.take(0, { from: 0, number: 1, offset: 1 })
    assert.equal(falling.faults.disordered, 1)
  })

  test('finds what one member gets before what the others have', () => {
    const checker = published(2)
    hand(checker, 0, 0)
    hand(checker, 1, 1)
    assert.deepEqual(checker.faults, { ...NONE, lost: 2, disordered: 1 })
  })

  test('finds what nobody published', () => {
    const checker = published(1)
    hand(checker, 0, 0)
    hand(checker, 1, 0)
    checker.take(0, { from: 1, number: 0, offset: 20 })
    checker.take(0, { from: 7, number: 0, offset: 30 })
    assert.deepEqual(checker.faults, { ...NONE, invented: 2 })
  })

  test('finds what was acknowledged and never came, and what was never answered', () => {
    const checker = published(1)
    checker.publish(1)
    assert.deepEqual(checker.faults, { ...NONE, notStored: 1, unsettled: 1 })
    assert.equal(checker.isComplete, false)
  })

  test('finds publishes of one member that were stored out of order', () => {
    const checker = published(2)
    for (const member of [0, 1]) {
      checker.take(member, { from: 0, number: 1, offset: 1 })
      checker.take(member, { from: 0, number: 0, offset: 2 })
    }
    assert.deepEqual(checker.faults, { ...NONE, overtaken: 1 })
  })

  test('lets what was given up be stored late', () => {
    const checker = new StreamChecker(2)
    checker.settle(0, checker.publish(0), 'unknown')
    checker.settle(0, checker.publish(0), 'acknowledged')
    for (const member of [0, 1]) {
      checker.take(member, { from: 0, number: 1, offset: 1 })
      checker.take(member, { from: 0, number: 0, offset: 2 })
    }
    assert.deepEqual(checker.faults, NONE)
    assert.equal(checker.publishes.unknownStored, 1)
  })

  test('expects that who comes late gets everything, too', () => {
    const checker = published(2)
    for (const member of [0, 1]) hand(checker, member, 0, 1)
    const reader = checker.addReader()
    assert.equal(reader, 2)
    assert.equal(checker.isComplete, false)
    hand(checker, reader, 0)
    assert.deepEqual(checker.faults, { ...NONE, lost: 1 })
    hand(checker, reader, 1)
    assert.equal(checker.isComplete, true)
  })

  test('counts gaps', () => {
    const checker = published(0)
    checker.tellGap()
    assert.deepEqual(checker.faults, { ...NONE, gaps: 1 })
  })

  test('counts how publishes ended', () => {
    const checker = published(2)
    for (const outcome of ['unknown', 'unknown', 'refused'] as const) {
      checker.settle(1, checker.publish(1), outcome)
    }
    for (const member of [0, 1]) {
      hand(checker, member, 0, 1)
      checker.take(member, { from: 1, number: 0, offset: 30 })
    }
    assert.deepEqual(checker.faults, NONE)
    assert.deepEqual(checker.publishes, {
      published: 5,
      acknowledged: 2,
      unknownStored: 1,
      unknownNotStored: 1,
      refused: 1,
    })
  })
})

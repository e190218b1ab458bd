import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { DeadlineWheel, TICK_MS, ticksOf } from '../../../src/websocket/deadline-wheel.ts'
import { WheelEntry } from '../../../src/websocket/wheel-entry.ts'

class Alarm extends WheelEntry {
  readonly woken: number[] = []
  readonly #next: (now: number, alarm: Alarm) => number

  constructor(next: (now: number, alarm: Alarm) => number = () => Infinity) {
    super()
    this.#next = next
  }

  override wake(now: number): number {
    this.woken.push(now)
    return this.#next(now, this)
  }
}

/** A wheel with a clock that goes forward tick by tick. */
class Clock {
  readonly wheel: DeadlineWheel<Alarm> = new DeadlineWheel(0)
  #ms = 0

  advance(ticks: number): void {
    for (let i = 0; i < ticks; i++) this.wheel.tick((this.#ms += TICK_MS))
  }
}

describe('a deadline wheel', () => {
  test('wakes entries at their tick, once', () => {
    const clock = new Clock()
    const alarms = [1, 2, 2, 40, 255, 256, 257, 1_000].map((deadline) => {
      const alarm = new Alarm((now) => (now < deadline ? deadline : Infinity))
      clock.wheel.add(alarm, deadline)
      return { alarm, deadline }
    })
    clock.advance(2_000)
    for (const { alarm, deadline } of alarms) assert.equal(alarm.woken.at(-1), deadline)
    for (const { alarm, deadline } of alarms) if (deadline < 256) assert.equal(alarm.woken.length, 1)
    assert.equal(clock.wheel.size, alarms.length)
  })

  test('wakes again when asked to, also in the very next tick', () => {
    const clock = new Clock()
    const often = new Alarm((now) => now + 1)
    const late = new Alarm((now) => now)
    clock.wheel.add(often, 1)
    clock.wheel.add(late, 0)
    clock.advance(5)
    assert.deepEqual(often.woken, [1, 2, 3, 4, 5])
    assert.deepEqual(late.woken, [1, 2, 3, 4, 5])
  })

  test('moves and removes entries, also while they wake', () => {
    const clock = new Clock()
    const moved = new Alarm()
    const removed = new Alarm()
    const removing = new Alarm((now, alarm) => {
      clock.wheel.remove(alarm)
      return now + 1
    })
    const other = new Alarm()
    const killer = new Alarm((now) => {
      clock.wheel.remove(other)
      return now + 1
    })
    clock.wheel.add(killer, 3)
    clock.wheel.add(other, 3)
    clock.wheel.add(moved, 3)
    clock.wheel.add(removed, 3)
    clock.wheel.add(removing, 3)
    clock.wheel.move(moved, 7)
    clock.wheel.remove(removed)
    clock.wheel.remove(removed)
    clock.wheel.move(removed, 4)
    clock.advance(10)
    assert.deepEqual(moved.woken, [7])
    assert.deepEqual(removed.woken, [])
    assert.deepEqual(removing.woken, [3])
    assert.deepEqual(other.woken, [])
    assert.deepEqual(killer.woken, [3, 4, 5, 6, 7, 8, 9, 10])
    assert.equal(clock.wheel.size, 2)
    assert.deepEqual(new Set(clock.wheel.entries()), new Set([killer, moved]))
  })

  test('keeps entries without a deadline', () => {
    const clock = new Clock()
    const parked = new Alarm()
    clock.wheel.add(parked, Infinity)
    clock.advance(600)
    assert.deepEqual(parked.woken, [])
    assert.deepEqual(clock.wheel.entries(), [parked])
  })

  test('does not count time in which the process stood still', () => {
    const wheel = new DeadlineWheel<Alarm>(1_000)
    const alarm = new Alarm()
    wheel.add(alarm, 10)
    wheel.tick(1_000 + 3_600_000)
    assert.deepEqual(alarm.woken, [])
    assert.ok(wheel.now <= 2)
    wheel.tick(1_000 + 3_600_000 + TICK_MS - 1)
    assert.ok(wheel.now <= 2)
  })

  test('rounds times up to ticks', () => {
    assert.equal(ticksOf(0), 0)
    assert.equal(ticksOf(1), 1)
    assert.equal(ticksOf(TICK_MS), 1)
    assert.equal(ticksOf(TICK_MS + 1), 2)
  })
})

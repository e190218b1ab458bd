import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SeededRandom, VirtualClock } from 'goweb/testing'

describe('a virtual clock', () => {
  test('runs timers in the order of their times, the older of two first, and none that was cancelled', async () => {
    const clock = new VirtualClock()
    const began = clock.now()
    const ran: string[] = []
    const note = (name: string) => (): void => {
      ran.push(`${name} at ${clock.now() - began}`)
    }
    clock.after(30, note('late'))
    clock.after(10, note('first'))
    clock.after(10, note('second'))
    clock.after(20, note('cancelled'))()
    clock.after(0, () => clock.after(5, note('nested')))
    clock.after(31, note('too late'))
    await clock.advance(30)
    assert.deepEqual(ran, ['nested at 5', 'first at 10', 'second at 10', 'late at 30'])
    assert.equal(clock.now() - began, 30)
  })

  test('sorts many timers', async () => {
    const clock = new VirtualClock()
    const random = new SeededRandom(1)
    const times: number[] = []
    for (let count = 0; count < 1_000; count++) clock.after(random.below(500), () => times.push(clock.now()))
    await clock.advance(500)
    assert.equal(times.length, 1_000)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    )
  })

  test('lets all that promises make of a timer happen before the next', async () => {
    const clock = new VirtualClock()
    const ran: number[] = []
    const chain = async (): Promise<void> => {
      for (let depth = 0; depth < 50; depth++) await Promise.resolve()
      ran.push(1)
    }
    clock.after(1, () => void chain())
    clock.after(1, () => ran.push(2))
    await clock.advance(1)
    assert.deepEqual(ran, [1, 2])
  })

  test('passes until a promise is settled, and no further', async () => {
    const clock = new VirtualClock()
    const began = clock.now()
    const later = new Promise<string>((resolve) => clock.after(5_000, () => resolve('there')))
    clock.after(6_000, () => assert.fail('that is later'))
    assert.equal(await clock.until(later), 'there')
    assert.equal(clock.now() - began, 5_000)
    await assert.rejects(clock.until(Promise.reject(new RangeError('no'))), RangeError)
    await assert.rejects(clock.until(new Promise(() => {}), 500), { code: 'LAB_TIMEOUT' })
  })

  test('passes once at a time, and ends with what a timer throws', async () => {
    const clock = new VirtualClock()
    const passing = clock.advance(10)
    assert.throws(() => void clock.advance(10), { code: 'LAB_MISUSED' })
    await passing
    clock.after(1, () => {
      throw new RangeError('broken')
    })
    await assert.rejects(clock.advance(10), RangeError)
    await clock.settle()
  })

  test('has the chance that its seed gives it', () => {
    const draw = (seed: number): number[] => {
      const clock = new VirtualClock(seed)
      return Array.from({ length: 100 }, () => clock.random())
    }
    assert.deepEqual(draw(7), draw(7))
    assert.notDeepEqual(draw(7), draw(8))
    assert.ok(draw(7).every((number) => number >= 0 && number < 1))
  })
})

describe('seeded random numbers', () => {
  test('stay in their bounds and reach all of them', () => {
    const random = new SeededRandom(3)
    const seen = new Set(Array.from({ length: 200 }, () => random.below(6)))
    assert.deepEqual(seen, new Set([0, 1, 2, 3, 4, 5]))
    for (let count = 0; count < 200; count++) {
      const number = random.between(5, 7)
      assert.ok(number >= 5 && number < 7)
    }
    const heads = Array.from({ length: 1_000 }, () => random.chance(0.25)).filter(Boolean).length
    assert.ok(heads > 180 && heads < 320, `${heads} of 1000`)
    assert.equal(random.pick([]), undefined)
    assert.equal(random.pick(['only']), 'only')
  })
})

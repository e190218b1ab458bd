import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, test } from 'node:test'
import { SignalEnding, type SignalledProcess } from '../../../src/runtime/signal-ending.ts'

/** A process that only notes how it was ended. */
class FakeProcess extends EventEmitter implements SignalledProcess {
  readonly codes: (number | undefined)[] = []

  exit(code?: number): void {
    this.codes.push(code)
    this.emit('exited')
  }
}

function make() {
  const process = new FakeProcess()
  const clock = { nowMs: 1_000 }
  return { process, clock, ending: new SignalEnding(process, () => clock.nowMs) }
}

const BOTH = ['SIGTERM', 'SIGINT']

describe('the end of a process', () => {
  test('waits for what everybody has to do, and is a good one', async () => {
    const { process, ending } = make()
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    let calls = 0
    for (const { promise } of [first, second]) {
      ending.register(BOTH, () => {
        calls++
        return promise
      })
    }
    process.emit('SIGTERM', 'SIGTERM')
    assert.equal(calls, 2)
    second.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(process.codes, [])
    first.resolve()
    await once(process, 'exited')
    assert.deepEqual(process.codes, [undefined])
  })

  test('is a bad one when something has failed, though not before the rest has ended', async () => {
    const { process, ending } = make()
    const rest = Promise.withResolvers<void>()
    ending.register(BOTH, () => Promise.reject(new Error('late')))
    ending.register(BOTH, () => rest.promise)
    process.emit('SIGINT', 'SIGINT')
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(process.codes, [])
    rest.resolve()
    await once(process, 'exited')
    assert.deepEqual(process.codes, [1])
  })

  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const) {
    test(`comes at once with ${code} upon a second signal, ${signal}, that is no echo of the first`, () => {
      const { process, clock, ending } = make()
      ending.register(BOTH, () => new Promise(() => {}))
      process.emit('SIGTERM', 'SIGTERM')
      process.emit(signal, signal)
      clock.nowMs += 499
      process.emit(signal, signal)
      assert.deepEqual(process.codes, [])
      clock.nowMs += 1
      process.emit(signal, signal)
      assert.deepEqual(process.codes, [code])
    })
  }

  test('waits for who comes while it is under way, too', async () => {
    const { process, ending } = make()
    const late = Promise.withResolvers<void>()
    const first = Promise.withResolvers<void>()
    ending.register(BOTH, () => first.promise)
    process.emit('SIGTERM', 'SIGTERM')
    let isCalled = false
    ending.register(BOTH, () => {
      isCalled = true
      return late.promise
    })
    assert.ok(isCalled)
    first.resolve()
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(process.codes, [])
    late.resolve()
    await once(process, 'exited')
  })

  test('is left to the platform when nobody wants signals any more', () => {
    const { process, ending } = make()
    const releases = [
      ending.register(BOTH, () => Promise.resolve()),
      ending.register(['SIGTERM'], () => Promise.resolve()),
    ]
    assert.deepEqual([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')], [1, 1])
    releases[0]?.()
    releases[0]?.()
    assert.deepEqual([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')], [1, 0])
    releases[1]?.()
    assert.equal(process.listenerCount('SIGTERM'), 0)
  })

  test('hears the second signal although what was to do is done for some', () => {
    const { process, clock, ending } = make()
    const release = ending.register(BOTH, () => Promise.resolve())
    ending.register(BOTH, () => new Promise(() => {}))
    process.emit('SIGTERM', 'SIGTERM')
    release()
    clock.nowMs += 500
    process.emit('SIGTERM', 'SIGTERM')
    assert.deepEqual(process.codes, [143])
  })
})

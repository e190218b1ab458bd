import { GoWebError } from '../errors/goweb-error.ts'
import type { Clock } from '../internal/clock.ts'
import { SeededRandom } from './seeded-random.ts'
import { type HeapTimer, TimerHeap } from './timer-heap.ts'

/** Steps after which the event loop gets a turn, so that the rest of the process lives on. */
const STEPS_PER_TURN = 256
const START_MS = Date.UTC(2030, 0, 1)

/**
 * Time that passes only when a test says so, with chance from a seed.
 *
 * Timers run one by one, in the order of their times; after each, everything that promises make of it happens before the next. So the same
 * program with the same seed does the same. What waits for something real (a file, `setTimeout`, `crypto.subtle`) takes
 * no virtual time and is not repeatable.
 *
 * @example
 * const clock = new VirtualClock(1)
 * clock.after(60_000, () => console.log('a minute later'))
 * await clock.advance(60_000)
 */
export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap()
  readonly #random: SeededRandom
  #nowMs = START_MS
  #order = 0
  #steps = 0
  #isAdvancing = false

  /** @param seed of `random`. */
  constructor(seed = 1) {
    this.#random = new SeededRandom(seed)
  }

  /** Milliseconds since 1970; it starts in 2030. */
  now(): number {
    return this.#nowMs
  }

  after(ms: number, callback: () => void): () => void {
    const timer: HeapTimer = { atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, callback }
    this.#timers.add(timer)
    return () => {
      timer.callback = undefined
    }
  }

  random(): number {
    return this.#random.next()
  }

  /**
   * Lets time pass, and everything happen that is due.
   *
   * Rejects with what a timer throws. @throws `LAB_MISUSED` while it already passes.
   */
  advance(ms: number): Promise<void> {
    return this.#run(this.#nowMs + ms, () => false)
  }

  /** Lets everything happen that needs no time. */
  settle(): Promise<void> {
    return this.advance(0)
  }

  /**
   * Lets time pass until a promise is settled, and gives what it gives.
   *
   * @param limitMs how long at most. Default: 10 minutes. Rejects with `LAB_TIMEOUT` beyond.
   */
  async until<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
    let isSettled = false
    const settling = (async () => {
      try {
        return await promise
      } finally {
        isSettled = true
      }
    })()
    // Whoever asked is told below.
    settling.catch(() => {})
    await this.#run(this.#nowMs + limitMs, () => isSettled)
    if (isSettled) return await settling
    throw new GoWebError('LAB_TIMEOUT', `Nothing came of it within ${limitMs} ms of virtual time`)
  }

  #run(endMs: number, isOver: () => boolean): Promise<void> {
    if (this.#isAdvancing) {
      throw new GoWebError('LAB_MISUSED', 'Time already passes: await one advance before the next')
    }
    this.#isAdvancing = true
    return new Promise((resolve, reject) => {
      const end = (finish: () => void): void => {
        this.#isAdvancing = false
        finish()
      }
      const step = (): void => {
        if (isOver()) return end(resolve)
        const timer = this.#takeDue(endMs)
        if (timer === undefined) {
          this.#nowMs = endMs
          return end(resolve)
        }
        this.#nowMs = timer.atMs
        try {
          timer.callback?.()
        } catch (error) {
          return end(() => reject(error))
        }
        this.#soon(step)
      }
      this.#soon(step)
    })
  }

  #takeDue(endMs: number): HeapTimer | undefined {
    for (;;) {
      const { next } = this.#timers
      if (next === undefined || next.atMs > endMs) return undefined
      this.#timers.shift()
      if (next.callback !== undefined) return next
    }
  }

  /** After all microtasks, those that they cause included: a tick that a microtask asks for comes when there are none left. */
  #soon(step: () => void): void {
    if (++this.#steps % STEPS_PER_TURN === 0) setImmediate(() => queueMicrotask(() => process.nextTick(step)))
    else queueMicrotask(() => process.nextTick(step))
  }
}

import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../../src/internal/clock.ts'

interface Timer {
  readonly atMs: number
  readonly callback: () => void
}

/** A clock that stands still until it is told to go on. */
export class VirtualClock implements Clock {
  /** What `random` gives. */
  chance = 0.5
  readonly #timers = new Set<Timer>()
  #nowMs = 1_000_000

  now(): number {
    return this.#nowMs
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  random(): number {
    return this.chance
  }

  /** Timers that wait. */
  get size(): number {
    return this.#timers.size
  }

  /** Milliseconds until the next timer; `Infinity` without. */
  get nextMs(): number {
    return Math.min(...Array.from(this.#timers, ({ atMs }) => atMs)) - this.#nowMs
  }

  /** Lets time pass without any timer, as on a machine that is asleep. */
  sleep(ms: number): void {
    this.#nowMs += ms
  }

  /** Lets time pass: each timer in its order, and after each whatever follows from it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await turn()
    for (;;) {
      const [next] = Array.from(this.#timers).toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined || next.atMs > endMs) break
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      this.#timers.delete(next)
      next.callback()
      await turn()
    }
    this.#nowMs = endMs
  }
}

import type { Clock } from '../../../src/internal/clock.ts'

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  #nowMs = Date.UTC(2030, 0, 1)
  readonly #timers = new Set<{ readonly atMs: number; readonly callback: () => void }>()

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return this.#nowMs
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  random(): number {
    return 0.5
  }

  /** Lets time pass; what is due in between is called at its time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms
    for (;;) {
      const [next] = [...this.#timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)
      if (next === undefined) break
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.callback()
    }
    this.#nowMs = endMs
  }
}

/**
 * How many commands a connection may still send: a bucket that fills with time.
 *
 * One that goes on although it was refused falls into debt, up to one burst.
 */
export class CommandRate {
  #left: number
  #atMs: number

  constructor(burst: number, nowMs: number) {
    this.#left = burst
    this.#atMs = nowMs
  }

  /** Time has passed. */
  fill(perSecond: number, burst: number, nowMs: number): void {
    const passed = nowMs - this.#atMs
    if (passed <= 0) return
    this.#atMs = nowMs
    this.#left = Math.min(burst, this.#left + (passed * perSecond) / 1_000)
  }

  /** One more command: `in` the limit, `over` it, or so far over that nothing but the end helps. */
  take(burst: number): 'in' | 'over' | 'far over' {
    this.#left--
    if (this.#left >= 0) return 'in'
    return this.#left >= -burst ? 'over' : 'far over'
  }
}

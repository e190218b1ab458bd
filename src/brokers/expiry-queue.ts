import type { Clock } from '../internal/clock.ts'

/** Something that has to be looked at when a part of it expires. */
export interface Expiring {
  /** The second in which it is looked at; 0 when it is not waiting. Only the queue sets it. */
  dueSecond: number
  /** Lets go of what has expired; returns when to come again, Infinity for never. */
  expire(nowMs: number): number
}

const SECOND_MS = 1_000

/**
 * Frees memory of what has expired, within about a second: one timer for everything, and none when nothing waits.
 *
 * It is for memory only: who reads compares times itself.
 */
export class ExpiryQueue {
  readonly #clock: Clock
  readonly #bySecond = new Map<number, Set<Expiring>>()
  #doneSecond: number
  #cancelTimer: (() => void) | undefined
  #isRunning = false

  constructor(clock: Clock) {
    this.#clock = clock
    this.#doneSecond = secondOf(clock.now())
  }

  /** Has it looked at by then; an earlier time that is known already stays. */
  add(item: Expiring, atMs: number): void {
    if (atMs === Infinity) return
    const second = Math.max(Math.ceil(atMs / SECOND_MS), this.#doneSecond + 1)
    if (item.dueSecond !== 0) {
      if (item.dueSecond <= second) return
      this.remove(item)
    }
    item.dueSecond = second
    const items = this.#bySecond.get(second)
    if (items === undefined) this.#bySecond.set(second, new Set([item]))
    else items.add(item)
    this.#arm()
  }

  remove(item: Expiring): void {
    const items = this.#bySecond.get(item.dueSecond)
    items?.delete(item)
    if (items?.size === 0) this.#bySecond.delete(item.dueSecond)
    item.dueSecond = 0
  }

  start(): void {
    this.#isRunning = true
    this.#arm()
  }

  /** Nothing is freed until `start`. */
  stop(): void {
    this.#isRunning = false
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }

  #arm(): void {
    if (!this.#isRunning || this.#cancelTimer !== undefined || this.#bySecond.size === 0) return
    this.#cancelTimer = this.#clock.after(SECOND_MS, () => {
      this.#cancelTimer = undefined
      this.#sweep(this.#clock.now())
      this.#arm()
    })
  }

  #sweep(nowMs: number): void {
    const second = secondOf(nowMs)
    // After a long sleep there are fewer entries than seconds.
    if (second - this.#doneSecond > this.#bySecond.size) {
      for (const due of this.#bySecond.keys()) if (due <= second) this.#expire(due, nowMs)
    } else {
      for (let due = this.#doneSecond + 1; due <= second; due++) this.#expire(due, nowMs)
    }
    this.#doneSecond = Math.max(this.#doneSecond, second)
  }

  #expire(second: number, nowMs: number): void {
    const items = this.#bySecond.get(second)
    if (items === undefined) return
    this.#bySecond.delete(second)
    for (const item of items) {
      item.dueSecond = 0
      this.add(item, item.expire(nowMs))
    }
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / SECOND_MS)
}

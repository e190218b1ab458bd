/** A timer that waits; without a callback once it was cancelled. */
export interface HeapTimer {
  readonly atMs: number
  /** Of timers for the same moment the older one comes first. */
  readonly order: number
  callback: (() => void) | undefined
}

/** Timers by time: a binary heap, the next one at the top. */
export class TimerHeap {
  readonly #timers: HeapTimer[] = []

  get size(): number {
    return this.#timers.length
  }

  get next(): HeapTimer | undefined {
    return this.#timers[0]
  }

  add(timer: HeapTimer): void {
    const timers = this.#timers
    let index = timers.push(timer) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isBefore(timer, timers[parent]!)) break
      timers[index] = timers[parent]!
      index = parent
    }
    timers[index] = timer
  }

  /** Takes the next one away. */
  shift(): HeapTimer | undefined {
    const timers = this.#timers
    const first = timers[0]
    const last = timers.pop()
    if (last === undefined || timers.length === 0) return first
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= timers.length) break
      if (child + 1 < timers.length && isBefore(timers[child + 1]!, timers[child]!)) child++
      if (!isBefore(timers[child]!, last)) break
      timers[index] = timers[child]!
      index = child
    }
    timers[index] = last
    return first
  }
}

function isBefore(a: HeapTimer, b: HeapTimer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

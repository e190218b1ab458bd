import { GoWebError } from '../../errors/goweb-error.ts'

/** How often late bodies are looked for. */
const LEAST_TICK_MS = 50
const MOST_TICK_MS = 1_000

/** A body that is waited for. */
interface Arrival {
  readonly deadlineMs: number
  readonly fail: (error: GoWebError) => void
}

/** Ends the wait for request bodies that take too long, with one timer for all of a server, and none when no body is waited for. */
export class BodyDeadlines {
  readonly #timeoutMs: number
  readonly #arrivals = new Set<Arrival>()
  #timer: ReturnType<typeof setInterval> | undefined

  /** @param timeoutMs 0 for no limit. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** What `work` gives, or `REQUEST_ARRIVAL_TIMEOUT`. */
  limit<T>(work: Promise<T>, deadlineMs: number = this.#deadline()): Promise<T> {
    if (this.#timeoutMs === 0) return work
    return new Promise((resolve, reject) => {
      const arrival = { deadlineMs, fail: reject }
      this.#add(arrival)
      work.finally(() => this.#arrivals.delete(arrival)).then(resolve, reject)
    })
  }

  /** A stream that fails with `REQUEST_ARRIVAL_TIMEOUT` unless it ends in time, from now on. */
  limitStream(source: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    if (this.#timeoutMs === 0) return source
    const deadlineMs = this.#deadline()
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (performance.now() > deadlineMs) throw new GoWebError('REQUEST_ARRIVAL_TIMEOUT')
          reader ??= source.getReader()
          const step = await this.limit(reader.read(), deadlineMs)
          if (step.done) controller.close()
          else controller.enqueue(step.value)
        },
        cancel: (reason) => (reader === undefined ? source.cancel(reason) : reader.cancel(reason)),
      },
      { highWaterMark: 0 },
    )
  }

  #deadline(): number {
    return performance.now() + this.#timeoutMs
  }

  #add(arrival: Arrival): void {
    this.#arrivals.add(arrival)
    if (this.#timer !== undefined) return
    const tickMs = Math.max(LEAST_TICK_MS, Math.min(MOST_TICK_MS, this.#timeoutMs / 4))
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#timer.unref()
  }

  #tick(): void {
    // Not when the last one is there: pieces of one body would have the timer begin anew, and it would never come to its end.
    if (this.#arrivals.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const nowMs = performance.now()
    for (const arrival of this.#arrivals) {
      if (arrival.deadlineMs > nowMs) continue
      this.#arrivals.delete(arrival)
      arrival.fail(new GoWebError('REQUEST_ARRIVAL_TIMEOUT'))
    }
  }
}

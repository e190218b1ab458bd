import { encodeSseEvent, EncodedSseEvent, type SseEvent } from './encode-sse-event.ts'

/** Options of {@link SseStream}. */
export interface SseStreamOptions {
  /** Events that wait for a slow client before the stream is closed. Default: 1,000. */
  readonly maxQueued?: number
}

/**
 * A source of server-sent events that is pushed to; give it to `sse()`.
 *
 * The queue is bounded: a client that does not keep up is closed, so that it comes back with its Last-Event-ID instead of missing
 * events in silence.
 *
 * @example
 * app.get('/prices', () => {
 *   const stream = new SseStream()
 *   prices.addEventListener('tick', (tick) => stream.send({ data: tick }), { signal: stream.signal })
 *   return sse(stream)
 * })
 */
export class SseStream implements AsyncIterable<EncodedSseEvent> {
  readonly #maxQueued: number
  readonly #controller = new AbortController()
  #queue: EncodedSseEvent[] = []
  #waiting: ((step: IteratorResult<EncodedSseEvent, undefined>) => void) | undefined

  constructor(options: SseStreamOptions = {}) {
    this.#maxQueued = options.maxQueued ?? 1_000
  }

  /** Aborted when the stream is over: closed, overrun, or left by the client. Unsubscribe by it. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /**
   * Sends an event, or queues it.
   *
   * @returns false when the stream is over, or is closed now because too many events wait.
   * @throws `SSE_EVENT_INVALID`, `JSON_UNSERIALIZABLE`.
   */
  send(event: SseEvent | string | EncodedSseEvent): boolean {
    if (this.signal.aborted) return false
    const encoded = event instanceof EncodedSseEvent ? event : encodeSseEvent(event)
    const waiting = this.#waiting
    if (waiting !== undefined) {
      this.#waiting = undefined
      waiting({ done: false, value: encoded })
      return true
    }
    if (this.#queue.length >= this.#maxQueued) {
      this.#queue = []
      this.close()
      return false
    }
    this.#queue.push(encoded)
    return true
  }

  /** Ends the stream once what is queued has been sent; a browser comes back unless it is answered with 204. */
  close(): void {
    if (this.signal.aborted) return
    this.#controller.abort()
    this.#waiting?.({ done: true, value: undefined })
    this.#waiting = undefined
  }

  /** Read by `sse()`; one reader at a time. */
  [Symbol.asyncIterator](): AsyncIterator<EncodedSseEvent, undefined> {
    return {
      next: () => {
        const value = this.#queue.shift()
        if (value !== undefined) return Promise.resolve({ done: false, value })
        if (this.signal.aborted) return Promise.resolve({ done: true, value: undefined })
        return new Promise((resolve) => {
          this.#waiting = resolve
        })
      },
      return: () => {
        this.#queue = []
        this.close()
        return Promise.resolve({ done: true, value: undefined })
      },
    }
  }
}

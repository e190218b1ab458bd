import { encodeSseEvent, EncodedSseEvent, SSE_KEEP_ALIVE, type SseEvent } from './encode-sse-event.ts'

type Step = IteratorResult<string, undefined>

interface Waiter {
  readonly resolve: (step: Step) => void
  readonly reject: (reason: unknown) => void
}

const DONE: Step = { done: true, value: undefined }

/**
 * The text of an event stream: its source's events, and a comment whenever there was none for a while.
 *
 * The timer runs only while somebody waits for the next chunk. Not a generator with `Promise.race`: that would add a reaction to the
 * one pending promise with every comment, for as long as the source is silent.
 */
export class SseBody implements AsyncIterableIterator<string, undefined> {
  readonly #source: AsyncIterator<SseEvent | string | EncodedSseEvent>
  readonly #keepAliveMs: number
  #opening: string | undefined
  #waiter: Waiter | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isPulling = false
  /** What the source gave while nobody waited. */
  #arrived: (() => void) | undefined
  #isOver = false

  constructor(
    source: AsyncIterable<SseEvent | string | EncodedSseEvent>,
    opening: EncodedSseEvent,
    keepAliveMs: number,
  ) {
    this.#source = source[Symbol.asyncIterator]()
    this.#opening = opening.text
    this.#keepAliveMs = keepAliveMs
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** One call at a time. */
  next(): Promise<Step> {
    if (this.#isOver) return Promise.resolve(DONE)
    if (this.#opening !== undefined) {
      const value = this.#opening
      this.#opening = undefined
      return Promise.resolve({ done: false, value })
    }
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject }
      if (this.#arrived !== undefined) {
        const deliver = this.#arrived
        this.#arrived = undefined
        deliver()
        return
      }
      if (this.#keepAliveMs > 0) this.#timer = setTimeout(() => this.#keepAlive(), this.#keepAliveMs)
      if (!this.#isPulling) this.#pull()
    })
  }

  /** Does not wait for the source, which may answer only at its next event. */
  return(): Promise<Step> {
    if (!this.#isOver) {
      this.#closeSource()
      this.#takeWaiter()?.resolve(DONE)
    }
    return Promise.resolve(DONE)
  }

  #pull(): void {
    this.#isPulling = true
    const arrive = (deliver: () => void): void => {
      this.#isPulling = false
      if (this.#isOver) return
      if (this.#waiter === undefined) this.#arrived = deliver
      else deliver()
    }
    Promise.resolve(this.#source.next()).then(
      (step) => arrive(() => this.#deliver(step)),
      (error: unknown) => arrive(() => this.#fail(error)),
    )
  }

  #deliver(step: IteratorResult<SseEvent | string | EncodedSseEvent, unknown>): void {
    if (step.done === true) {
      this.#isOver = true
      this.#takeWaiter()?.resolve(DONE)
      return
    }
    let encoded: EncodedSseEvent
    try {
      encoded = step.value instanceof EncodedSseEvent ? step.value : encodeSseEvent(step.value)
    } catch (error) {
      const waiter = this.#takeWaiter()
      this.#closeSource()
      waiter?.reject(error)
      return
    }
    this.#takeWaiter()?.resolve({ done: false, value: encoded.text })
  }

  #fail(error: unknown): void {
    this.#isOver = true
    this.#takeWaiter()?.reject(error)
  }

  #keepAlive(): void {
    this.#takeWaiter()?.resolve({ done: false, value: SSE_KEEP_ALIVE.text })
  }

  #takeWaiter(): Waiter | undefined {
    clearTimeout(this.#timer)
    const waiter = this.#waiter
    this.#waiter = undefined
    return waiter
  }

  #closeSource(): void {
    this.#isOver = true
    this.#arrived = undefined
    Promise.resolve(this.#source.return?.()).catch(() => undefined)
  }
}

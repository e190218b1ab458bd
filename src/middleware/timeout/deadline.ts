/** When the answer to a request must have begun; `c.deadline` of the `timeout` middleware. */
export class Deadline {
  readonly #endsAt: number
  readonly #outer: Deadline | undefined
  readonly #clientSignal: () => AbortSignal
  #isOver = false
  #controller: AbortController | undefined
  #signal: AbortSignal | undefined

  constructor(ms: number, outer: Deadline | undefined, clientSignal: () => AbortSignal) {
    this.#endsAt = performance.now() + ms
    this.#outer = outer
    this.#clientSignal = clientSignal
  }

  /** Time left in milliseconds, of the nearest deadline when several are nested; 0 when it is over. */
  get remainingMs(): number {
    const own = this.#isOver ? 0 : Math.max(0, this.#endsAt - performance.now())
    return this.#outer === undefined ? own : Math.min(own, this.#outer.remainingMs)
  }

  /**
   * Aborted when the time is up, its reason the `REQUEST_TIMEOUT`, and when the client has gone, as `c.signal`.
   *
   * Hand it to `fetch`, database drivers and timers, so that work whose result nobody awaits is given up. Made on first use.
   */
  get signal(): AbortSignal {
    if (this.#signal === undefined) {
      this.#controller = new AbortController()
      if (this.#isOver) this.#controller.abort(this.#reason)
      const outer = this.#outer?.signal ?? this.#clientSignal()
      this.#signal = AbortSignal.any([this.#controller.signal, outer])
    }
    return this.#signal
  }

  #reason: unknown

  /** For the middleware: the time is up. */
  static expire(deadline: Deadline, reason: unknown): void {
    deadline.#isOver = true
    deadline.#reason = reason
    deadline.#controller?.abort(reason)
  }
}

/**
 * A pong that takes longer shows that what was sent before the ping waits somewhere on the way. How much longer depends on the way: twice
 * the quickest pong so far, within these bounds.
 */
const LEAST_LAG_MS = 100
const MOST_LAG_MS = 250
/** As much may be on the way at most; it bounds what a burst leaves there. */
const MAX_LAG_BYTES = 262_144

/** Who is pinged. */
interface Pinged {
  readonly pongs: number
  /** Sends a ping; returns its number. */
  ping(): number
}

/** How far a subscriber of a `latest` channel is behind what was sent to it, as its pongs tell: buffers of kernels and proxies hide it. */
export class Lag {
  #ping = 0
  /** The quickest pong, or rather the time after which it was found. */
  #quickestMs = MOST_LAG_MS
  #sinceMs = 0
  readonly #maxBytes: number
  #bytes = 0

  /** @param maxBytes that may be on the way. */
  constructor(maxBytes: number) {
    this.#maxBytes = Math.min(MAX_LAG_BYTES, maxBytes)
  }

  /**
   * So many bytes more were sent.
   *
   * @returns whether the subscriber does not keep up.
   */
  isTooMuch(subscriber: Pinged, bytes: number, nowMs: number): boolean {
    if (subscriber.pongs >= this.#ping) {
      if (this.#ping > 0) this.#quickestMs = Math.min(this.#quickestMs, nowMs - this.#sinceMs)
      this.#ping = subscriber.ping()
      this.#sinceMs = nowMs
      this.#bytes = 0
      return false
    }
    this.#bytes += bytes
    const maxMs = Math.min(MOST_LAG_MS, Math.max(LEAST_LAG_MS, 2 * this.#quickestMs))
    return nowMs - this.#sinceMs > maxMs || this.#bytes > this.#maxBytes
  }
}

/** A pong that takes longer shows that what was sent before the ping waits somewhere on the way. */
const MAX_LAG_MS = 250
/** As much may be on the way; it bounds what a burst leaves there. */
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
  #sinceMs = 0
  #bytes = 0

  /**
   * So many bytes more were sent.
   *
   * @returns whether the subscriber does not keep up.
   */
  isTooMuch(subscriber: Pinged, bytes: number, nowMs: number): boolean {
    if (subscriber.pongs >= this.#ping) {
      this.#ping = subscriber.ping()
      this.#sinceMs = nowMs
      this.#bytes = 0
      return false
    }
    this.#bytes += bytes
    return nowMs - this.#sinceMs > MAX_LAG_MS || this.#bytes > MAX_LAG_BYTES
  }
}

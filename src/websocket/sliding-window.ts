const EMPTY = new Uint8Array(0)
const MIN_CAPACITY = 1_024

/**
 * The end of what was said in one direction: what the next message may refer to (RFC 7692 section 7.1.1).
 *
 * It grows with what was said, up to its size.
 */
export class SlidingWindow {
  readonly #size: number
  #buffer: Uint8Array = EMPTY
  #length = 0

  /** @param bits its size is 2 to this power. */
  constructor(bits: number) {
    this.#size = 2 ** bits
  }

  /** A view; valid until the next change. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  append(message: Uint8Array): void {
    const added = message.length < this.#size ? message : message.subarray(message.length - this.#size)
    const kept = Math.min(this.#length, this.#size - added.length)
    const start = this.#length - kept
    this.#length = kept + added.length
    if (this.#length > this.#buffer.length) {
      const capacity = Math.min(this.#size, Math.max(MIN_CAPACITY, this.#length * 2))
      const grown = new Uint8Array(capacity)
      grown.set(this.#buffer.subarray(start, start + kept))
      this.#buffer = grown
    } else if (start > 0) this.#buffer.copyWithin(0, start, start + kept)
    this.#buffer.set(added, kept)
  }
}

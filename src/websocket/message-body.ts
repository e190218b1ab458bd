import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from './utf8.ts'

// The first allocation for a payload, and its smallest growth.
const MIN_CAPACITY = 256

/**
 * A payload that arrives in pieces.
 *
 * One growing buffer instead of a list of chunks: a peer that sends single bytes costs no object for each, and one that
 * announces a long frame and sends nothing costs nothing. The capacity is at most twice what has arrived, or 256 bytes.
 */
export class MessageBody {
  #bytes: Buffer | undefined = undefined
  #utf8State = UTF8_ACCEPT
  #seen = 0
  /** Bytes so far. */
  length = 0

  /** Whether what was validated so far ends between two characters. */
  get isWholeText(): boolean {
    return this.#utf8State === UTF8_ACCEPT
  }

  /**
   * Validates the next piece of a text.
   *
   * @param seen 0 when the piece is known to be ASCII.
   * @returns false when no continuation could make it UTF-8.
   */
  validate(bytes: Uint8Array, start: number, end: number, seen: number): boolean {
    this.#seen |= seen
    if (seen === 0 && this.#utf8State === UTF8_ACCEPT) return true
    this.#utf8State = validateUtf8(this.#utf8State, bytes, start, end)
    return this.#utf8State !== UTF8_REJECT
  }

  /** @param limit the most that the body can still come to; saves the last growth from being too large. */
  append(source: Buffer, start: number, end: number, limit: number): void {
    const needed = this.length + end - start
    let bytes = this.#bytes
    if (bytes === undefined || needed > bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(limit, Math.max(needed * 2, MIN_CAPACITY)))
      if (bytes !== undefined) bytes.copy(grown, 0, 0, this.length)
      this.#bytes = bytes = grown
    }
    source.copy(bytes, this.length, start, end)
    this.length = needed
  }

  /** All of it; memory of its own. */
  bytes(): Uint8Array {
    const bytes = this.#bytes
    if (bytes === undefined) return new Uint8Array(0)
    if (bytes.length === this.length) return new Uint8Array(bytes.buffer, bytes.byteOffset, this.length)
    return new Uint8Array(bytes.subarray(0, this.length))
  }

  /** All of it as text; only once validated. */
  text(): string {
    const bytes = this.#bytes
    if (bytes === undefined) return ''
    return bytes.toString(this.#seen === 0 ? 'latin1' : 'utf8', 0, this.length)
  }
}

/** Room for the header of a short frame (RFC 6455 section 5.2), to be written over. */
const SEPARATOR = '\0\0'
const MAX_SHORT_LENGTH = 125
// With three bytes for each character they fit into half a slab of the frame writer.
const MAX_JOINED_LENGTH = 8_192
// Bounds what a pooled outbox keeps.
const MAX_COUNT = 256

/** Short texts that one socket sends in a row, held back until they are encoded together. */
export class HeldTexts {
  /** The texts with two characters between them. */
  joined = ''
  readonly lengths: number[] = []
  count = 0

  /** Takes a text, if it is short and there is room. */
  hold(text: string): boolean {
    const { length } = text
    const hasRoom = this.count < MAX_COUNT && this.joined.length <= MAX_JOINED_LENGTH
    if (!hasRoom || length > MAX_SHORT_LENGTH) return false
    this.joined = this.count === 0 ? text : this.joined + SEPARATOR + text
    this.lengths[this.count++] = length
    return true
  }

  /** No less than their frames will have: a UTF-16 unit takes at most three bytes. */
  get mostBytes(): number {
    return this.count === 0 ? 0 : (this.joined.length + SEPARATOR.length) * 3
  }

  clear(): void {
    this.joined = ''
    this.count = 0
  }
}

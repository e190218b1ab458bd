import { maskWords, wordsOf } from './mask.ts'
import { OPCODE } from './opcode.ts'

/** Bytes before the payload of a masked frame with a 7-bit length. */
export const SHORT_HEADER_BYTES = 6
/** The largest payload with a 7-bit length. */
export const MAX_SHORT_BYTES = 125

const SHORT_TEXT = 0x80 | OPCODE.TEXT
const MASKED = 0x80
// Bounds what a message that the app keeps holds in memory: V8 makes it a reference into the string of its run.
const MAX_RUN_BYTES = 2_048

/** Whether at `position` is a short, whole, masked text message, and the start of another one behind it. */
export function beginsRun(bytes: Uint8Array, position: number): boolean {
  const next = position + SHORT_HEADER_BYTES + (bytes[position + 1]! & 0x7f)
  return next < bytes.length && bytes[position] === SHORT_TEXT && bytes[next] === SHORT_TEXT
}

/** Length of the payload of the message at `position` of a run. */
export function payloadLength(bytes: Uint8Array, position: number): number {
  return bytes[position + 1]! ^ MASKED
}

/**
 * Unmasks short whole text messages in a row, as clients that pipeline send them.
 *
 * Making a string is a call out of JavaScript and most of what a short message costs; a run needs one for all its messages,
 * which are slices of it. So the run ends with the first message that is not ASCII.
 *
 * @returns the position behind the run, negated when its last message is not ASCII; `position` when there is none.
 */
export function unmaskRun(bytes: Uint8Array, position: number): number {
  const limit = Math.min(bytes.length, position + MAX_RUN_BYTES)
  const view = wordsOf(bytes)
  const offset = bytes.byteOffset
  let end = position
  while (end + SHORT_HEADER_BYTES <= limit && bytes[end] === SHORT_TEXT) {
    const length = payloadLength(bytes, end)
    const payload = end + SHORT_HEADER_BYTES
    // The longer encodings, and frames without a mask, come out above.
    if (length > MAX_SHORT_BYTES || payload + length > limit) break
    end = payload + length
    const key = view.getInt32(offset + payload - 4, true)
    if (maskWords(view, offset + payload, offset + end, key) !== 0) return -end
  }
  return end
}

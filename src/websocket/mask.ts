// Below this many bytes finding the view of the word loop costs more than it saves (measured on Node 26 and Bun 1.4).
const WORD_LOOP_BYTES = 24

// 64 KiB take two thirds of the time of an `Int32Array`, which needs alignment as well.
let words: DataView = new DataView(new ArrayBuffer(0))
let memory: ArrayBufferLike = words.buffer

/**
 * Applies a mask in place (RFC 6455 section 5.3); masking and unmasking are the same.
 *
 * @param key the four mask bytes as a little-endian integer; its lowest byte goes to `start`.
 * @returns 0 when every resulting byte is ASCII, so that text need not be read again to be validated.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): number {
  if (end - start < WORD_LOOP_BYTES) return maskBytes(bytes, start, end, key)
  return maskWords(wordsOf(bytes), bytes.byteOffset + start, bytes.byteOffset + end, key)
}

/** The key for what follows after `count` bytes of a frame. */
export function advanceMask(key: number, count: number): number {
  const bits = (count & 3) << 3
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits))
}

/**
 * The memory of `bytes` as words, for {@link maskWords}.
 *
 * The view of the last memory is kept, since connections read into one buffer; nobody else should keep one for longer.
 */
export function wordsOf(bytes: Uint8Array): DataView {
  const { buffer } = bytes
  if (memory !== buffer) {
    memory = buffer
    words = new DataView(buffer)
  }
  return words
}

/** What {@link applyMask} does, with positions in the view. Words need no alignment there. */
export function maskWords(view: DataView, start: number, end: number, key: number): number {
  let seen = 0
  let i = start
  for (const whole = end - 15; i < whole; i += 16) {
    const word0 = view.getInt32(i, true) ^ key
    const word1 = view.getInt32(i + 4, true) ^ key
    const word2 = view.getInt32(i + 8, true) ^ key
    const word3 = view.getInt32(i + 12, true) ^ key
    view.setInt32(i, word0, true)
    view.setInt32(i + 4, word1, true)
    view.setInt32(i + 8, word2, true)
    view.setInt32(i + 12, word3, true)
    seen |= word0 | word1 | word2 | word3
  }
  for (const whole = end - 3; i < whole; i += 4) {
    const word = view.getInt32(i, true) ^ key
    view.setInt32(i, word, true)
    seen |= word
  }
  for (let rest = key; i < end; i++, rest >>>= 8) {
    const byte = view.getUint8(i) ^ (rest & 0xff)
    view.setUint8(i, byte)
    seen |= byte
  }
  return seen & 0x80808080
}

// Indexed reads are inside bounds by contract of the caller, hence the `!`.
function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  const key0 = key & 0xff
  const key1 = (key >>> 8) & 0xff
  const key2 = (key >>> 16) & 0xff
  const key3 = key >>> 24
  let seen = 0
  let i = start
  for (const whole = end - 3; i < whole; i += 4) {
    const byte0 = bytes[i]! ^ key0
    const byte1 = bytes[i + 1]! ^ key1
    const byte2 = bytes[i + 2]! ^ key2
    const byte3 = bytes[i + 3]! ^ key3
    bytes[i] = byte0
    bytes[i + 1] = byte1
    bytes[i + 2] = byte2
    bytes[i + 3] = byte3
    seen |= byte0 | byte1 | byte2 | byte3
  }
  for (let rest = key; i < end; i++, rest >>>= 8) seen |= bytes[i] = bytes[i]! ^ (rest & 0xff)
  return seen & 0x80
}

// Below this many bytes the view that the word loop needs costs more than it saves (measured on Node 26 and Bun 1.4).
const WORD_LOOP_BYTES = 128

/**
 * Applies a mask in place (RFC 6455 section 5.3); masking and unmasking are the same.
 *
 * @param key the four mask bytes as a little-endian integer; its lowest byte goes to `start`.
 * @returns 0 when every resulting byte is ASCII, so that text need not be read again to be validated.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): number {
  return end - start < WORD_LOOP_BYTES ? maskBytes(bytes, start, end, key) : maskWords(bytes, start, end, key)
}

/** The key for what follows after `count` bytes of a frame. */
export function advanceMask(key: number, count: number): number {
  const bits = (count & 3) << 3
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits))
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

function maskWords(bytes: Uint8Array, start: number, end: number, key: number): number {
  const head = -(bytes.byteOffset + start) & 3
  let seen = maskBytes(bytes, start, start + head, key)
  const wordKey = advanceMask(key, head)
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + start + head, (end - start - head) >>> 2)
  let seenWords = 0
  let i = 0
  for (const whole = words.length - 3; i < whole; i += 4) {
    const word0 = words[i]! ^ wordKey
    const word1 = words[i + 1]! ^ wordKey
    const word2 = words[i + 2]! ^ wordKey
    const word3 = words[i + 3]! ^ wordKey
    words[i] = word0
    words[i + 1] = word1
    words[i + 2] = word2
    words[i + 3] = word3
    seenWords |= word0 | word1 | word2 | word3
  }
  for (; i < words.length; i++) seenWords |= words[i] = words[i]! ^ wordKey
  seen |= maskBytes(bytes, start + head + words.length * 4, end, wordKey)
  return seen | (seenWords & 0x80808080)
}

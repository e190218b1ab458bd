/** State of {@link validateUtf8} between two characters; text may end only here. */
export const UTF8_ACCEPT = 0
/** State of {@link validateUtf8} once a byte cannot belong to any UTF-8 text. */
export const UTF8_REJECT = -1

// State inside a character: continuation bytes still to come << 16 | lowest << 8 | highest value of the next one.
// Only the first continuation byte is ever narrowed, which is what excludes overlong forms, surrogates and code
// points beyond U+10FFFF (RFC 3629 section 4).
const TAIL = (0x80 << 8) | 0xbf

// Native validation pays from about here; it is found at run time so that the engine loads where Node's modules do not exist.
const NATIVE_BYTES = 128
const nativeIsUtf8: ((bytes: Uint8Array) => boolean) | undefined =
  globalThis.process?.getBuiltinModule?.('node:buffer')?.isUtf8

/**
 * Validates a piece of UTF-8, failing at the first byte that rules it out.
 *
 * @param state {@link UTF8_ACCEPT}, or what the call for the piece before returned.
 * @returns the state after the piece; {@link UTF8_REJECT} when it is not UTF-8.
 */
export function validateUtf8(state: number, bytes: Uint8Array, start: number, end: number): number {
  let next = state
  let i = start
  while (i < end) {
    if (next === UTF8_ACCEPT) {
      if (end - i >= NATIVE_BYTES && nativeIsUtf8 !== undefined) {
        const whole = endOfWholeCharacters(bytes, i, end)
        if (!nativeIsUtf8(bytes.subarray(i, whole))) return UTF8_REJECT
        i = whole
        if (i === end) return UTF8_ACCEPT
      }
      next = stateAfterLead(bytes[i++]!)
      if (next === UTF8_REJECT) return UTF8_REJECT
    } else {
      const byte = bytes[i++]!
      if (byte < ((next >>> 8) & 0xff) || byte > (next & 0xff)) return UTF8_REJECT
      const rest = (next >>> 16) - 1
      next = rest === 0 ? UTF8_ACCEPT : (rest << 16) | TAIL
    }
  }
  return next
}

function stateAfterLead(byte: number): number {
  if (byte < 0x80) return UTF8_ACCEPT
  if (byte < 0xc2) return UTF8_REJECT
  if (byte < 0xe0) return (1 << 16) | TAIL
  if (byte < 0xf0) {
    const lowest = byte === 0xe0 ? 0xa0 : 0x80
    const highest = byte === 0xed ? 0x9f : 0xbf
    return (2 << 16) | (lowest << 8) | highest
  }
  if (byte > 0xf4) return UTF8_REJECT
  const lowest = byte === 0xf0 ? 0x90 : 0x80
  const highest = byte === 0xf4 ? 0x8f : 0xbf
  return (3 << 16) | (lowest << 8) | highest
}

/** Where a character begins that `end` cuts off, or `end`. */
function endOfWholeCharacters(bytes: Uint8Array, start: number, end: number): number {
  for (let i = end - 1; i >= start && i >= end - 3; i--) {
    const byte = bytes[i]!
    if (byte < 0x80) return end
    if (byte < 0xc0) continue
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    return i + length > end ? i : end
  }
  return end
}

let decoder: TextDecoder | undefined

/** Decodes a whole text, keeping a byte order mark; undefined when it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  decoder ??= new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const MASKED = 0x80

/** Size of a frame's header as its second byte tells it (RFC 6455 section 5.2). */
export function headerSize(second: number): number {
  const length = second & 0x7f
  return 2 + (length < 126 ? 0 : length === 126 ? 2 : 8) + (second >= MASKED ? 4 : 0)
}

/** Payload length of a complete header; `Infinity` when its highest bit is set, -1 when it is not encoded in the shortest way. */
export function readLength(header: Uint8Array, at: number): number {
  const short = header[at + 1]! & 0x7f
  if (short < 126) return short
  if (short === 126) {
    const length = (header[at + 2]! << 8) | header[at + 3]!
    return length < 126 ? -1 : length
  }
  const high = readUint32(header, at + 2)
  if (high >= 0x80000000) return Infinity
  const length = high * 0x100000000 + readUint32(header, at + 6)
  return length < 65_536 ? -1 : length
}

export function readUint32LE(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

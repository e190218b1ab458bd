import { constants, deflateRawSync } from 'node:zlib'

const MASK = Buffer.from([0x5a, 0xc3, 0x17, 0x8e])

/**
 * A client's text frame, compressed as RFC 7692 section 7.2.1 says.
 *
 * Without a context of earlier messages, so that frames can be sent in any order. For payloads of 126 to 65,535 bytes.
 */
export function toDeflatedFrame(message: string): Buffer {
  const block = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH })
  const payload = block.subarray(0, -4).map((byte, i) => byte ^ MASK[i & 3]!)
  if (payload.length < 126 || payload.length > 65_535) throw new Error(`a frame of ${payload.length} bytes`)
  const header = Buffer.from([0xc1, 0x80 | 126, payload.length >> 8, payload.length & 255])
  return Buffer.concat([header, MASK, payload])
}

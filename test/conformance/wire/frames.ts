/** How a frame is written besides its first octet and its payload. */
export interface FrameOptions {
  /** Masking key as four octets; the default is the one of the examples in RFC 6455 section 5.7. */
  readonly key?: Uint8Array
  /** Bytes of the extended length, to write it longer than it must be. */
  readonly lengthBytes?: 0 | 2 | 8
}

const EXAMPLE_KEY = Uint8Array.of(0x37, 0xfa, 0x21, 0x3d)

/**
 * A frame as a client sends it: masked (RFC 6455 sections 5.2 and 5.3).
 *
 * @param first the first octet: FIN, RSV1 to RSV3 and opcode.
 */
export function clientFrame(
  first: number,
  payload: Uint8Array = Buffer.alloc(0),
  options: FrameOptions = {},
): Buffer {
  const key = options.key ?? EXAMPLE_KEY
  const masked = Buffer.from(payload)
  for (let i = 0; i < masked.length; i++) masked[i] = (masked[i] as number) ^ (key[i % 4] as number)
  return Buffer.concat([frameHead(first, payload.length, 0x80, options.lengthBytes), key, masked])
}

/** A frame as a server sends it: not masked, its length in the shortest form. */
export function serverFrame(first: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([frameHead(first, payload.length, 0), payload])
}

/** The payload of a close frame. */
export function closePayload(code: number, reason: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), reason])
}

/** First octet, mask bit and length of a frame. */
export function frameHead(first: number, length: number, maskBit: number, lengthBytes?: 0 | 2 | 8): Buffer {
  const bytes = lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8)
  if (bytes === 0) return Buffer.of(first, maskBit | length)
  const head = Buffer.alloc(2 + bytes)
  head[0] = first
  head[1] = maskBit | (bytes === 2 ? 126 : 127)
  if (bytes === 2) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return head
}

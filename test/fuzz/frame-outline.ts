import { outlineDeflate } from '../conformance/wire/deflate-outline.ts'

/** A frame of a client as far as it can be told. */
export interface FrameOutline {
  readonly opcode: number
  readonly isLast: boolean
  readonly isDeflated: boolean
  readonly length: bigint
  readonly isLengthValid: boolean
  /** What has arrived of the payload, unmasked. */
  readonly payload: Uint8Array
}

/** A deflated message as far as it has arrived. */
export interface DeflatedMessage {
  readonly isFragmented: boolean
  /** Bytes that the headers of its frames announce. */
  readonly announcedBytes: number
  /** Whether it consists of whole blocks. */
  readonly isWhole: boolean
  readonly hasLastBlock: boolean
}

/** The frames of a stream, up to the first that is too long for it. */
export function outlineFrames(stream: Uint8Array): FrameOutline[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const found: FrameOutline[] = []
  for (let at = 0; at + 2 <= stream.length;) {
    const first = view.getUint8(at)
    const short = view.getUint8(at + 1) & 0x7f
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    if (at + 2 + lengthBytes > stream.length) break
    let length = BigInt(short)
    if (lengthBytes === 2) length = BigInt(view.getUint16(at + 2))
    if (lengthBytes === 8) length = view.getBigUint64(at + 2)
    const shortest = lengthBytes === 0 ? 0n : lengthBytes === 2 ? 126n : 65_536n
    at += 2 + lengthBytes
    const mask = stream.subarray(at, at + 4)
    at += 4
    const end = length > BigInt(stream.length) ? stream.length : at + Number(length)
    const payload = stream.slice(at, end).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
    found.push({
      opcode: first & 0x0f,
      isLast: first >= 0x80,
      isDeflated: (first & 0x40) !== 0,
      length,
      isLengthValid: length >= shortest && length < 1n << 63n,
      payload,
    })
    at = end
  }
  return found
}

/** The deflated messages of a stream, the one that has not ended yet included. */
export function deflatedMessages(stream: Uint8Array): DeflatedMessage[] {
  const messages: FrameOutline[][] = []
  let current: FrameOutline[] | undefined
  for (const frame of outlineFrames(stream)) {
    if (frame.opcode >= 8) continue
    if (frame.opcode !== 0) {
      current = frame.isDeflated ? [] : undefined
      if (current !== undefined) messages.push(current)
    }
    current?.push(frame)
    if (frame.isLast) current = undefined
  }
  return messages.map((frames) => {
    const bytes = Buffer.concat(frames.map(({ payload }) => payload))
    const outline = outlineDeflate(bytes)
    return {
      isFragmented: frames.length > 1 || frames[0]?.isLast === false,
      announcedBytes: frames.reduce((sum, { length }) => sum + Number(length), 0),
      isWhole: outline !== undefined,
      hasLastBlock: outline?.hasLastBlock === true,
    }
  })
}

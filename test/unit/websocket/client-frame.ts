/** Bytes of a hex string; blanks are for the reader. */
export function hex(text: string): Uint8Array {
  const digits = text.replaceAll(/\s/g, '')
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) throw new TypeError(`not hex: ${text}`)
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  )
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

export interface FrameOptions {
  readonly fin?: boolean
  readonly rsv?: number
  readonly mask?: readonly [number, number, number, number] | false
  /** Bytes of the length field, where it is not to be the shortest. */
  readonly lengthBytes?: 1 | 2 | 8
}

/** A frame as a client sends it, built byte by byte and apart from the engine. */
export function clientFrame(
  opcode: number,
  payload: string | Uint8Array = '',
  options: FrameOptions = {},
): Uint8Array {
  const body = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload
  const { fin = true, rsv = 0, mask = [0x37, 0xfa, 0x21, 0x3d] } = options
  const size = options.lengthBytes ?? (body.length < 126 ? 1 : body.length < 65_536 ? 2 : 8)
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode]
  const masked = mask === false ? 0 : 0x80
  if (size === 1) head.push(masked | body.length)
  else {
    head.push(masked | (size === 2 ? 126 : 127))
    for (let shift = size - 1; shift >= 0; shift--) head.push(Math.floor(body.length / 256 ** shift) % 256)
  }
  if (mask === false) return concat(Uint8Array.from(head), body)
  return concat(
    Uint8Array.from([...head, ...mask]),
    body.map((byte, index) => byte ^ mask[(index % 4) as 0 | 1 | 2 | 3]),
  )
}

/** Bytes written as hex; spaces are for the reader. */
export function hex(text: string): Buffer {
  const digits = text.replaceAll(' ', '')
  if (!/^(?:[\da-f]{2})*$/i.test(digits)) throw new Error(`Not hex: ${text}`)
  return Buffer.from(digits, 'hex')
}

/** Text as UTF-8, or one byte per character for what is no UTF-8. */
export function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8')
}

/** The same byte again and again. */
export function repeated(byte: number, count: number): Buffer {
  return Buffer.alloc(count, byte)
}

/** Hex for people: in full while it is short, the beginning and the length beyond. */
export function showBytes(bytes: Uint8Array, most = 48): string {
  const buffer = Buffer.from(bytes)
  if (buffer.length <= most) return buffer.toString('hex')
  return `${buffer.toString('hex', 0, 24)}… (${buffer.length} octets)`
}

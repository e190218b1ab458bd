/** Huffman codes in their canonical form: how many have each length, and the symbols in the order of their codes. */
interface Codes {
  readonly counts: readonly number[]
  readonly symbols: readonly number[]
}

const END_OF_BLOCK = 256
const MAX_CODE_BITS = 15
const FLUSH_END = Uint8Array.of(0x00, 0x00, 0xff, 0xff)
/** The order in which the lengths of the code length codes come (RFC 1951 section 3.2.7). */
const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
/** RFC 1951 section 3.2.6. */
const FIXED_LITERALS = codesOf(
  Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
)
const FIXED_DISTANCES = codesOf(Array.from({ length: 30 }, () => 5))

/** What DEFLATE data is made of. */
export interface DeflateOutline {
  /** How far back the farthest reference goes; 0 when there is none. */
  readonly longestDistance: number
  /** Whether a block says that it is the last. */
  readonly hasLastBlock: boolean
}

/**
 * Reads a message as permessage-deflate has it: blocks without the four octets that end a flush (RFC 1951, RFC 7692 section 7.2.1).
 *
 * zlib's inflater does not tell how far references go: it takes those beyond the window that was agreed on as long as it still has the
 * bytes.
 *
 * @returns undefined when it is none, or ends inside a block.
 */
export function outlineDeflate(message: Uint8Array): DeflateOutline | undefined {
  const input = new Bits(Buffer.concat([message, FLUSH_END]))
  let longestDistance = 0
  let hasLastBlock = false
  try {
    while (!input.isAtEnd) {
      const isLast = input.take(1) === 1
      const type = input.take(2)
      if (type === 3) return undefined
      if (type === 0) input.skipStored()
      else {
        const [literals, distances] = type === 1 ? [FIXED_LITERALS, FIXED_DISTANCES] : takeCodes(input)
        longestDistance = Math.max(longestDistance, longestInBlock(input, literals, distances))
      }
      // What follows a last block begins anew, with an octet of its own.
      if (isLast) input.skipToOctet()
      hasLastBlock ||= isLast
    }
    return { longestDistance, hasLastBlock }
  } catch (error) {
    if (error instanceof NotDeflate) return undefined
    throw error
  }
}

/** Says that the data cannot be read on. */
class NotDeflate extends Error {}

class Bits {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length * 8
  }

  /** So many bits as a number, the first one lowest. */
  take(count: number): number {
    let value = 0
    for (let i = 0; i < count; i++, this.#at++) {
      const byte = this.#bytes[this.#at >> 3]
      if (byte === undefined) throw new NotDeflate('The data ends inside a block')
      value |= ((byte >> (this.#at & 7)) & 1) << i
    }
    return value
  }

  /** Decodes a symbol: its code comes with the highest bit first. */
  symbol({ counts, symbols }: Codes): number {
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      code = (code << 1) | this.take(1)
      const count = counts[length] ?? 0
      first <<= 1
      if (code - first < count) return symbols[index + code - first]!
      index += count
      first += count
    }
    throw new NotDeflate('A code that is not in the table')
  }

  skipToOctet(): void {
    this.#at = (this.#at + 7) & ~7
  }

  /** Skips the rest of a stored block (RFC 1951 section 3.2.4). */
  skipStored(): void {
    this.skipToOctet()
    const length = this.take(16)
    if ((this.take(16) ^ length) !== 0xffff)
      throw new NotDeflate('The lengths of a stored block do not match')
    this.#at += length * 8
    if (this.#at > this.#bytes.length * 8) throw new NotDeflate('The data ends inside a stored block')
  }
}

function codesOf(lengths: readonly number[]): Codes {
  const counts = Array.from(
    { length: MAX_CODE_BITS + 1 },
    (_, bits) => lengths.filter((each) => each === bits).length,
  )
  const used = lengths.flatMap((bits, symbol) => (bits === 0 ? [] : [[bits, symbol] as const]))
  used.sort(([bits, symbol], [otherBits, otherSymbol]) => bits - otherBits || symbol - otherSymbol)
  return { counts, symbols: used.map(([, symbol]) => symbol) }
}

/** RFC 1951 section 3.2.7. */
function takeCodes(input: Bits): readonly [literals: Codes, distances: Codes] {
  const literalCount = input.take(5) + 257
  const distanceCount = input.take(5) + 1
  const lengthCount = input.take(4) + 4
  const codeLengths = Array.from({ length: 19 }, () => 0)
  for (const symbol of LENGTH_ORDER.slice(0, lengthCount)) codeLengths[symbol] = input.take(3)
  const codes = codesOf(codeLengths)
  const lengths: number[] = []
  while (lengths.length < literalCount + distanceCount) {
    const symbol = input.symbol(codes)
    if (symbol < 16) lengths.push(symbol)
    else {
      const repeated = symbol === 16 ? (lengths.at(-1) ?? 0) : 0
      const times = symbol === 16 ? 3 + input.take(2) : symbol === 17 ? 3 + input.take(3) : 11 + input.take(7)
      for (let i = 0; i < times; i++) lengths.push(repeated)
    }
  }
  return [codesOf(lengths.slice(0, literalCount)), codesOf(lengths.slice(literalCount))]
}

/** RFC 1951 section 3.2.5. */
function longestInBlock(input: Bits, literals: Codes, distances: Codes): number {
  let longest = 0
  for (;;) {
    const symbol = input.symbol(literals)
    if (symbol === END_OF_BLOCK) return longest
    if (symbol < END_OF_BLOCK) continue
    if (symbol !== 285) input.take(Math.max(0, (symbol - 261) >> 2))
    const distance = input.symbol(distances)
    const extra = Math.max(0, (distance >> 1) - 1)
    const base = distance < 4 ? distance + 1 : ((2 + (distance & 1)) << extra) + 1
    longest = Math.max(longest, base + input.take(extra))
  }
}

import { isUtf8 } from 'node:buffer'
import type { EchoCase, EchoGroup } from './echo-case.ts'

const KIB = 1024
const MIB = 1024 * KIB

const WHOLE_SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]
const FRAGMENT_SIZES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB]
const CHOP_SIZES = [64, 128, 256, 512, KIB, 2 * KIB]
const ROUNDTRIP_SIZES = [0, 16, 64, 256, KIB, 4 * KIB]

/** The period of the payloads: prime, so that a block of octets that is lost, doubled or moved does not go unnoticed. */
const PERIOD = 9_973
const ASCII = patternOf((index) => `${index.toString(36)} `)
// Characters of two to four octets, which fragments and pieces cut in all places.
const UNICODE = patternOf((index) => `${index.toString(36)} é€𝄞`)
const BINARY = Buffer.from(Array.from({ length: PERIOD }, (_, index) => (index * 167 + (index >> 8)) & 0xff))

/** Section 9: large messages, many fragments, small pieces, and many messages. */
export const LIMITS: readonly EchoGroup[] = [
  ...pair(1, 'Messages of increasing size', WHOLE_SIZES, ASCII, (payloadBytes) => ({ payloadBytes })),
  ...pair(
    3,
    'Messages of 4 MiB in fragments of increasing size',
    FRAGMENT_SIZES,
    UNICODE,
    (fragmentBytes) => ({
      payloadBytes: 4 * MIB,
      fragmentBytes,
    }),
  ),
  ...pair(5, 'Messages of 1 MiB in pieces of increasing size', CHOP_SIZES, UNICODE, (chopBytes) => ({
    payloadBytes: MIB,
    chopBytes,
  })),
  ...pair(7, 'A thousand round trips', ROUNDTRIP_SIZES, ASCII, (payloadBytes) => ({
    payloadBytes,
    messages: 1000,
  })),
]

type Sizes = Pick<EchoCase, 'payloadBytes'> & Partial<EchoCase>

/** A group of text cases and the next group, the same with binary messages. */
function pair(
  group: number,
  title: string,
  sizes: readonly number[],
  text: Buffer,
  make: (size: number) => Sizes,
): EchoGroup[] {
  return [true, false].map((isText) => {
    const id = `9.${isText ? group : group + 1}`
    const pattern = isText ? text : BINARY
    const cases = sizes.map((size, index) => {
      const row = make(size)
      return {
        id: `${id}.${index + 1}`,
        isText,
        messages: 1,
        ...row,
        payload: (message: number) => (isText ? textOf : fill)(pattern, row.payloadBytes, message),
      }
    })
    return { id, title: `${title}, ${isText ? 'text' : 'binary'}`, cases }
  })
}

function patternOf(piece: (index: number) => string): Buffer {
  let text = ''
  for (let index = 0; Buffer.byteLength(text) < PERIOD; index++) text += piece(index)
  return textOf(Buffer.from(text), PERIOD, 0)
}

/** So many octets of the pattern, repeated. */
function fill(pattern: Buffer, length: number, from: number): Buffer {
  return Buffer.alloc(length, pattern.subarray(from))
}

/** The same, with full stops in place of a character that the end cuts off. */
function textOf(pattern: Buffer, length: number, from: number): Buffer {
  const result = fill(pattern, length, from)
  let start = length - 1
  while (start >= 0 && (result[start]! & 0xc0) === 0x80) start--
  const isWhole = start < 0 || isUtf8(result.subarray(start))
  return isWhole ? result : result.fill('.', start)
}

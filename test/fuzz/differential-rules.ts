import type { Verdict } from './differential-peers.ts'

/** A class of streams that GoWeb refuses and ws takes, or refuses later or with another code. */
interface StricterRule {
  /** What the class is, in the words of the report. */
  readonly name: string
  /** The error code and close code of GoWeb. */
  readonly why: string
  readonly code: number
  /** Why the earlier or other refusal is right. */
  readonly reason: string
  /** Whether the stream is of this class, seen apart from the engine. `rest` is what only ws heard. */
  isExplained(stream: Uint8Array, rest: Verdict): boolean
}

/** How many empty fragments a message may have before GoWeb refuses it; ws counts none by default. */
const MANY_EMPTY_FRAGMENTS = 1024

/** Everything in which the two may differ. Whatever else differs is a defect of one of them. */
export const STRICTER_RULES: readonly StricterRule[] = [
  {
    name: 'length not in its shortest form, or with the highest bit',
    why: 'FRAME_LENGTH_INVALID',
    code: 1002,
    reason:
      'RFC 6455 section 5.2: the minimal number of bytes MUST be used, the most significant bit MUST be 0',
    isExplained: (stream) => frames(stream).some(({ isLengthValid }) => !isLengthValid),
  },
  {
    name: 'text that no further bytes can make UTF-8, before its end',
    why: 'TEXT_NOT_UTF8',
    code: 1007,
    reason: 'RFC 6455 section 8.1; nothing asks to wait for the end of the message, as ws does',
    isExplained: (_, rest) => rest.heard.every((each) => each.startsWith('ping') || each.startsWith('pong')),
  },
  {
    name: 'too many empty fragments',
    why: 'FRAGMENTS_EMPTY',
    code: 1008,
    reason:
      'RFC 6455 section 10.4: limits of the implementation; a message of nothing must not go on for ever',
    isExplained: (stream) =>
      frames(stream).filter(({ length, isLast }) => length === 0n && !isLast).length > MANY_EMPTY_FRAGMENTS,
  },
]

/**
 * Compares what both made of a stream.
 *
 * @returns undefined when it is the same, the name of the rule when GoWeb is stricter for a documented reason.
 * @throws when they differ in any other way.
 */
export function compareVerdicts(stream: Uint8Array, goweb: Verdict, ws: Verdict): string | undefined {
  const { end } = goweb
  const isPrefix = goweb.heard.every((line, index) => line === ws.heard[index])
  if (isPrefix && goweb.heard.length === ws.heard.length && isSameEnd(goweb, ws)) return undefined
  const rule = STRICTER_RULES.find(
    ({ why, code }) => end?.kind === 'failed' && end.why === why && end.code === code,
  )
  const rest = { heard: ws.heard.slice(goweb.heard.length), end: ws.end }
  if (isPrefix && rule?.isExplained(stream, rest) === true) return rule.name
  throw new Error(`GoWeb ${JSON.stringify(goweb, null, 1)}\nws ${JSON.stringify(ws, null, 1)}`)
}

/** Codes and reasons of close frames are the same, close codes of failures too; how errors are called is not. */
function isSameEnd({ end: one }: Verdict, { end: other }: Verdict): boolean {
  if (one === undefined || other === undefined) return one === other
  if (one.kind === 'closed')
    return other.kind === 'closed' && one.code === other.code && one.reason === other.reason
  return other.kind === 'failed' && one.code === other.code
}

interface FrameOutline {
  readonly length: bigint
  readonly isLast: boolean
  readonly isLengthValid: boolean
}

/** The outlines of the frames of a client as far as they can be told. */
function frames(stream: Uint8Array): FrameOutline[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const found: FrameOutline[] = []
  for (let at = 0; at + 2 <= stream.length;) {
    const short = view.getUint8(at + 1) & 0x7f
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    if (at + 2 + lengthBytes > stream.length) break
    let length = BigInt(short)
    if (lengthBytes === 2) length = BigInt(view.getUint16(at + 2))
    if (lengthBytes === 8) length = view.getBigUint64(at + 2)
    const shortest = lengthBytes === 0 ? 0n : lengthBytes === 2 ? 126n : 65_536n
    const isLengthValid = length >= shortest && length < 1n << 63n
    found.push({ length, isLast: view.getUint8(at) >= 0x80, isLengthValid })
    if (length > BigInt(stream.length)) break
    at += 2 + lengthBytes + 4 + Number(length)
  }
  return found
}

import { deflatedMessages, outlineFrames } from './frame-outline.ts'
import { MAX_PAYLOAD_BYTES, type Verdict } from './differential-peers.ts'

/** Where the verdicts of the two part. */
export interface Difference {
  readonly stream: Uint8Array
  /** What only GoWeb heard, and its end. */
  readonly goweb: Verdict
  /** What only ws heard, and its end. */
  readonly ws: Verdict
}

/** A class of streams of which GoWeb and ws may make different things. */
export interface DifferenceRule {
  /** What the class is, in the words of the report. */
  readonly name: string
  /** Why what GoWeb does is right. */
  readonly reason: string
  /** Whether it is of this class; the stream is looked at apart from both. */
  explains(difference: Difference): boolean
}

/** How many empty fragments a message may have before GoWeb refuses it; ws counts none by default. */
const MANY_EMPTY_FRAGMENTS = 1024

/** Classes in which GoWeb is stricter, or as strict and earlier. */
export const FRAME_RULES: readonly DifferenceRule[] = [
  {
    name: 'length not in its shortest form, or with the highest bit',
    reason:
      'RFC 6455 section 5.2: the minimal number of bytes MUST be used, the most significant bit MUST be 0',
    explains: ({ stream, goweb }) =>
      failsWith(goweb, 'FRAME_LENGTH_INVALID', 1002) &&
      outlineFrames(stream).some(({ isLengthValid }) => !isLengthValid),
  },
  {
    name: 'text that no further bytes can make UTF-8, before its end',
    reason: 'RFC 6455 section 8.1; nothing asks to wait for the end of the message, as ws does',
    explains: ({ goweb, ws }) => failsWith(goweb, 'TEXT_NOT_UTF8', 1007) && ws.heard.every(isControl),
  },
  {
    name: 'too many empty fragments',
    reason:
      'RFC 6455 section 10.4: limits of the implementation; a message of nothing must not go on for ever',
    explains: ({ stream, goweb }) =>
      failsWith(goweb, 'FRAGMENTS_EMPTY', 1008) &&
      outlineFrames(stream).filter(({ length, isLast }) => length === 0n && !isLast).length >
        MANY_EMPTY_FRAGMENTS,
  },
]

/** Classes of deflated messages; in all but the first two GoWeb is no stricter, but right. */
export const DEFLATE_RULES: readonly DifferenceRule[] = [
  {
    name: 'deflated data that is broken, cut off, or goes on behind its end',
    reason: 'RFC 7692 section 7.2.1: a message is whole blocks; ws takes what it could inflate',
    explains: ({ stream, goweb }) =>
      (failsWith(goweb, 'DEFLATE_INVALID', 1007) || failsWith(goweb, 'MESSAGE_TOO_LARGE', 1009)) &&
      deflatedMessages(stream).some(({ isWhole }) => !isWhole),
  },
  {
    name: 'deflated data that comes to too much and is broken',
    reason: 'both refuse it; which of the two is found first depends on the size of buffers',
    explains: ({ stream, goweb, ws }) =>
      failsWith(goweb, 'MESSAGE_TOO_LARGE', 1009) &&
      ws.heard.length === 0 &&
      ws.end?.kind === 'failed' &&
      ws.end.code === 1007 &&
      deflatedMessages(stream).length > 0,
  },
  {
    name: 'a last block',
    reason: 'RFC 7692 section 7.2.3.4 allows it; ws ignores what follows it and forgets what came before',
    explains: ({ stream }) => deflatedMessages(stream).some(({ hasLastBlock }) => hasLastBlock),
  },
  {
    name: 'a deflated message of no bytes at all',
    reason:
      'RFC 7692 section 7.2.3.6 makes one of it, some clients none; ws takes it too, but not what follows it',
    explains: ({ stream }) => deflatedMessages(stream).some(({ announcedBytes }) => announcedBytes === 0),
  },
  {
    name: 'a fragment that cannot be inflated, or to too much',
    reason:
      'RFC 7692 section 6.2: fragments are put together first; the limit holds at the end of the message',
    explains: ({ stream, goweb, ws }) =>
      ws.heard.length === 0 &&
      ws.end?.kind === 'failed' &&
      (ws.end.code === 1007 || ws.end.code === 1009) &&
      goweb.heard.every(isControl) &&
      deflatedMessages(stream).some(({ isFragmented }) => isFragmented),
  },
  {
    name: 'a message that deflating made longer than the limit',
    reason: 'the limit is of the message; ws also counts the deflated bytes',
    explains: ({ stream, ws }) =>
      ws.heard.length === 0 &&
      ws.end?.kind === 'failed' &&
      ws.end.code === 1009 &&
      deflatedMessages(stream).some(({ announcedBytes }) => announcedBytes > MAX_PAYLOAD_BYTES),
  },
]

/**
 * Compares what both made of a stream.
 *
 * @returns undefined when it is the same, the name of the rule when they differ for a documented reason.
 * @throws when they differ in any other way.
 */
export function compareVerdicts(
  stream: Uint8Array,
  verdicts: { readonly goweb: Verdict; readonly ws: Verdict },
  rules: readonly DifferenceRule[],
): string | undefined {
  const { goweb, ws } = verdicts
  let same = 0
  while (same < goweb.heard.length && goweb.heard[same] === ws.heard[same]) same++
  if (same === goweb.heard.length && same === ws.heard.length && isSameEnd(goweb, ws)) return undefined
  const difference = { stream, goweb: restOf(goweb, same), ws: restOf(ws, same) }
  const rule = rules.find((each) => each.explains(difference))
  if (rule === undefined)
    throw new Error(
      `After ${same} events\nGoWeb ${JSON.stringify(difference.goweb)}\nws ${JSON.stringify(difference.ws)}`,
    )
  return rule.name
}

function restOf({ heard, end }: Verdict, from: number): Verdict {
  return { heard: heard.slice(from), end }
}

function failsWith({ heard, end }: Verdict, why: string, code: number): boolean {
  return heard.length === 0 && end?.kind === 'failed' && end.why === why && end.code === code
}

function isControl(line: string): boolean {
  return line.startsWith('ping') || line.startsWith('pong')
}

/** Codes and reasons of close frames are the same, close codes of failures too; how errors are called is not. */
function isSameEnd({ end: one }: Verdict, { end: other }: Verdict): boolean {
  if (one === undefined || other === undefined) return one === other
  if (one.kind === 'closed')
    return other.kind === 'closed' && one.code === other.code && one.reason === other.reason
  return other.kind === 'failed' && one.code === other.code
}

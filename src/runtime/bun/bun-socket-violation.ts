import type { ErrorCode } from '../../errors/codes.ts'
import { GoWebError } from '../../errors/goweb-error.ts'

/** How the reasons begin that Bun gives for ending a connection whose peer broke a rule. */
const PREFIX = 'Received '

/** What Bun says, and what this engine calls it. */
const CODES: readonly (readonly [text: string, code: ErrorCode])[] = [
  ['invalid UTF-8', 'TEXT_NOT_UTF8'],
  ['too big message', 'MESSAGE_TOO_LARGE'],
  ['invalid compressed data', 'DEFLATE_INVALID'],
  ['an incorrectly masked frame', 'FRAME_MASK_INVALID'],
  ['invalid opcode', 'FRAME_OPCODE_UNKNOWN'],
  ['invalid close', 'CLOSE_FRAME_INVALID'],
  ['unexpected RSV', 'FRAME_RESERVED_BITS'],
  ['fragmented control', 'FRAME_CONTROL_INVALID'],
  ['too big control', 'FRAME_CONTROL_INVALID'],
  ['continuation', 'FRAME_SEQUENCE_INVALID'],
  ['message', 'FRAME_SEQUENCE_INVALID'],
]

/**
 * The error of a peer that broke the protocol; undefined where the connection ended in another way.
 *
 * Bun has told the peer already, with the close code that is due. It tells us 1006 and a sentence, which no peer can bring
 * about with a close frame of its own.
 */
export function violationOf(code: number, reason: string): GoWebError | undefined {
  if (code !== 1006 || !reason.startsWith(PREFIX)) return undefined
  const known = CODES.find(([text]) => reason.includes(text))
  return new GoWebError(known?.[1] ?? 'FRAME_SEQUENCE_INVALID', `Bun: ${reason}`)
}

import type { DeflateOffer } from '../wire/deflate-agreement.ts'
import { closePayload } from '../wire/frames.ts'
import { repeated, utf8 } from '../wire/bytes.ts'
import {
  INVALID_PAYLOAD,
  PING,
  PONG,
  answered,
  failed,
  frame,
  get,
  reply,
  send,
  type ConformanceCase,
} from './conformance-case.ts'
import type { EchoCase } from './echo-case.ts'
import { ACCEPT, type HandshakeCase } from './handshakes.ts'
import { MESSAGE_RESTS } from './utf8-fragments.ts'

/**
 * What it means that Bun's own engine does something else.
 *
 * `strict`: the specification allows it as well. `non-strict`: what is wrong is noticed later, or told in another way.
 * `unimplemented`: what the client asks for is declined.
 */
export type Verdict = 'strict' | 'non-strict' | 'unimplemented'

/** What Bun does in some cases, where their rows say something else; it is tested in their place. */
export interface Difference {
  readonly verdict: Verdict
  readonly does: string
}

/** A difference in a case that is played byte by byte. */
export interface FrameDifference extends Difference {
  readonly row: Pick<ConformanceCase, 'steps' | 'ending'>
}

/** A difference in the cases of a group that echo messages. */
export interface EchoDifference extends Difference {
  /** What is agreed to instead of the first offer. */
  readonly agrees: DeflateOffer | 'none'
}

const LATE = 'fails with 1007 when the message is complete, not before'
const REASON = 'answers with the code and the reason'

/** By case, of the sections that are played byte by byte. */
export const FRAMES_ON_BUN: Readonly<Record<string, (row: ConformanceCase) => FrameDifference>> = {
  '6.4.1': lateBetweenFragments,
  '6.4.2': lateBetweenFragments,
  '6.4.3': late,
  '6.4.4': late,
  '7.3.4': (row) => repeatsReason(row, utf8('See you tomorrow')),
  '7.3.5': (row) => repeatsReason(row, repeated(0x2a, 123)),
}

const WITHOUT_NAME = 'accepts without naming the window in its answer; it is of 32 KiB'

/** By group, of the sections that echo messages. */
export const ECHOES_ON_BUN: Readonly<Record<string, EchoDifference>> = {
  '13.3': { verdict: 'unimplemented', does: 'declines: its window is of 32 KiB', agrees: 'none' },
  '13.4': { verdict: 'non-strict', does: WITHOUT_NAME, agrees: { serverNoContextTakeover: false } },
  '13.5': { verdict: 'unimplemented', does: 'declines: its window is of 32 KiB', agrees: 'none' },
  '13.6': { verdict: 'non-strict', does: WITHOUT_NAME, agrees: { serverNoContextTakeover: true } },
  '13.7': { verdict: 'strict', does: 'accepts the second offer', agrees: { serverNoContextTakeover: true } },
}

/** By row, of opening handshakes: the status instead of that of the row. */
export const HANDSHAKES_ON_BUN: Readonly<Record<string, Difference & { readonly status: number }>> = {
  'HTTP/1.0': { verdict: 'non-strict', does: 'is accepted', status: 101 },
}

const isBun = process.versions['bun'] !== undefined

/** The case as it must pass on this runtime. */
export function onThisRuntime(row: ConformanceCase): ConformanceCase {
  const difference = isBun ? FRAMES_ON_BUN[row.id] : undefined
  return difference === undefined ? row : { ...row, ...difference(row).row }
}

/** What must be agreed to in a case on this runtime, where it is not the first offer. */
export function agreementOnThisRuntime({ id }: EchoCase): { readonly agrees?: DeflateOffer | 'none' } {
  const difference = isBun ? ECHOES_ON_BUN[id.split('.', 2).join('.')] : undefined
  return difference === undefined ? {} : { agrees: difference.agrees }
}

/** The opening handshake as it must end on this runtime. */
export function handshakeOnThisRuntime(row: HandshakeCase): HandshakeCase {
  const difference = isBun ? HANDSHAKES_ON_BUN[row.name] : undefined
  if (difference === undefined) return row
  const { name, lines, section } = row
  return { name, lines, section, status: difference.status, headers: { 'sec-websocket-accept': ACCEPT } }
}

function late({ id, steps }: ConformanceCase): FrameDifference {
  const rest = MESSAGE_RESTS[id] ?? Buffer.alloc(0)
  return {
    verdict: 'non-strict',
    does: LATE,
    row: { steps: [...steps, send(rest)], ending: failed(INVALID_PAYLOAD) },
  }
}

/** A ping that is answered shows that nothing has been noticed yet. */
function lateBetweenFragments(row: ConformanceCase): FrameDifference {
  const alive = [send(frame(PING, 'not noticed')), get(reply(PONG, 'not noticed'))]
  return late({ ...row, steps: [...row.steps, ...alive] })
}

function repeatsReason({ steps }: ConformanceCase, reason: Uint8Array): FrameDifference {
  return {
    verdict: 'strict',
    does: REASON,
    row: { steps, ending: answered(closePayload(1000, reason)) },
  }
}

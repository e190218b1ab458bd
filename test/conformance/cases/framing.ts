import { repeated } from '../wire/bytes.ts'
import {
  BINARY,
  CLEAN,
  TEXT,
  frame,
  get,
  reply,
  send,
  sendChopped,
  type ConformanceCase,
} from './conformance-case.ts'

/** Lengths at which RFC 6455 section 5.2 changes the encoding of the length, and their neighbours. */
const LENGTHS = [0, 125, 126, 127, 128, 65_535, 65_536]

/** Section 1: whole messages of every length encoding come back as they were. */
export const FRAMING: readonly ConformanceCase[] = [
  ...echoes('1.1', 'text', TEXT, 0x2a),
  ...echoes('1.2', 'binary', BINARY, 0xfe),
]

function echoes(group: string, type: string, first: number, byte: number): ConformanceCase[] {
  const rows = LENGTHS.map((length, index): ConformanceCase => {
    const payload = repeated(byte, length)
    return {
      id: `${group}.${index + 1}`,
      sends: length === 0 ? `An empty ${type} message` : `A ${type} message of ${length} octets`,
      steps: [send(frame(first, payload)), get(reply(first, payload))],
      ending: CLEAN,
    }
  })
  const payload = repeated(byte, 65_536)
  rows.push({
    id: `${group}.8`,
    sends: `A ${type} message of 65536 octets, in pieces of 997`,
    steps: [sendChopped(997, frame(first, payload)), get(reply(first, payload))],
    ending: CLEAN,
  })
  return rows
}

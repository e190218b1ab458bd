import { hex, repeated } from '../wire/bytes.ts'
import { closePayload } from '../wire/frames.ts'
import {
  CLOSE,
  INVALID_PAYLOAD,
  LAST,
  PING,
  PROTOCOL_ERROR,
  TEXT,
  TEXT_START,
  answered,
  closeFrame,
  failed,
  frame,
  get,
  reply,
  send,
  type ConformanceCase,
} from './conformance-case.ts'

const NORMAL = answered(closePayload(1000))
const REFUSED = failed(PROTOCOL_ERROR)
const LONG_TEXT = repeated(0x2a, 262_144)
const TORN_TEXT = hex('ceba e1bdb9 cf83 cebc ceb5 eda080 656469746564')

/** Codes of RFC 6455 section 7.4.1 that may be sent, and the borders of the ranges of section 7.4.2. */
const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
/** Codes that the suite once knew as unassigned; newer releases of it leave out those that have been assigned. */
const DUBIOUS_CODES = [0, 999, 1004, 1005, 1006, 1012, 1013, 1014, 1015, 1016, 1100, 2000, 2999]
const ASSIGNED_SINCE = new Set([1012, 1013, 1014])

/** Section 7: the closing handshake (RFC 6455 sections 5.5.1 and 7). */
export const CLOSING: readonly ConformanceCase[] = [
  {
    id: '7.1.1',
    sends: 'A text message and a close frame in one piece',
    steps: [send(frame(TEXT, 'and goodbye'), closeFrame(1000)), get(reply(TEXT, 'and goodbye'))],
    ending: NORMAL,
  },
  { id: '7.1.2', sends: 'Two close frames', steps: [send(closeFrame(1000), frame(CLOSE))], ending: NORMAL },
  {
    id: '7.1.3',
    sends: 'A close frame, then a ping',
    steps: [send(closeFrame(1000), frame(PING))],
    ending: NORMAL,
  },
  {
    id: '7.1.4',
    sends: 'A close frame, then a text message',
    steps: [send(closeFrame(1000), frame(TEXT, 'too late'))],
    ending: NORMAL,
  },
  {
    id: '7.1.5',
    sends: 'A first fragment of text, a close frame, the last fragment',
    steps: [send(frame(TEXT_START, 'one, '), closeFrame(1000), frame(LAST, 'two'))],
    ending: NORMAL,
  },
  {
    id: '7.1.6',
    sends: 'A text message of 262144 octets, a short one, a close frame, a ping; in one piece',
    steps: [
      send(frame(TEXT, LONG_TEXT), frame(TEXT, 'and goodbye'), closeFrame(1000), frame(PING)),
      get(reply(TEXT, LONG_TEXT), reply(TEXT, 'and goodbye')),
    ],
    ending: NORMAL,
    isInformational: true,
    note: 'the suite accepts lost messages here; this server loses none',
  },
  {
    id: '7.3.1',
    sends: 'A close frame without payload',
    steps: [send(frame(CLOSE))],
    ending: answered(hex('')),
  },
  {
    id: '7.3.2',
    sends: 'A close frame with one octet',
    steps: [send(frame(CLOSE, hex('03')))],
    ending: REFUSED,
  },
  { id: '7.3.3', sends: 'A close frame with a code', steps: [send(closeFrame(1000))], ending: NORMAL },
  {
    id: '7.3.4',
    sends: 'A close frame with a code and a reason',
    steps: [send(closeFrame(1000, 'See you tomorrow'))],
    ending: NORMAL,
  },
  {
    id: '7.3.5',
    sends: 'A close frame with a code and a reason of 123 octets, the most it may have',
    steps: [send(closeFrame(1000, repeated(0x2a, 123)))],
    ending: NORMAL,
  },
  {
    id: '7.3.6',
    sends: 'A close frame with a code and a reason of 124 octets',
    steps: [send(closeFrame(1000, repeated(0x2a, 124)))],
    ending: REFUSED,
  },
  {
    id: '7.5.1',
    sends: 'A close frame whose reason is no UTF-8',
    steps: [send(closeFrame(1000, TORN_TEXT))],
    ending: failed(INVALID_PAYLOAD),
  },
  ...VALID_CODES.map((code, index): ConformanceCase => ({
    id: `7.7.${index + 1}`,
    sends: `A close frame with the code ${code}`,
    steps: [send(closeFrame(code))],
    ending: answered(closePayload(code)),
  })),
  ...DUBIOUS_CODES.map((code, index): ConformanceCase => {
    const row = {
      id: `7.9.${index + 1}`,
      sends: `A close frame with the code ${code}`,
      steps: [send(closeFrame(code))],
    }
    if (!ASSIGNED_SINCE.has(code)) return { ...row, ending: REFUSED }
    return {
      ...row,
      ending: answered(closePayload(code)),
      note: 'assigned by IANA since; no longer in the suite',
    }
  }),
  ...[5000, 65_535].map((code, index): ConformanceCase => ({
    id: `7.13.${index + 1}`,
    sends: `A close frame with the code ${code}`,
    steps: [send(closeFrame(code))],
    ending: REFUSED,
    isInformational: true,
  })),
]

import { hex, utf8 } from '../wire/bytes.ts'
import {
  CLEAN,
  INVALID_PAYLOAD,
  LAST,
  MORE,
  PING,
  PONG,
  TEXT,
  TEXT_START,
  failed,
  frame,
  get,
  reply,
  send,
  type ConformanceCase,
} from './conformance-case.ts'
import { fragmentsOf } from './fragmentation.ts'

const UMLAUTS = utf8('Grüße-µ@ßöäüàá-aus-UTF-8!')
const GREEK = hex('ceba e1bdb9 cf83 cebc ceb5') // κόσμε
const SURROGATE = hex('eda080')
const BEYOND_UNICODE = hex('f4908080')
const TAIL = utf8('edited')
const WITH_SURROGATE = Buffer.concat([GREEK, SURROGATE, TAIL])
const WITH_BEYOND = Buffer.concat([GREEK, BEYOND_UNICODE, TAIL])
// F4 may begin a character, F4 90 may not: the thirteenth octet is the first that cannot be UTF-8.
const STILL_VALID = WITH_BEYOND.subarray(0, 12)
const CULPRIT = WITH_BEYOND.subarray(12, 13)

const ending = failed(INVALID_PAYLOAD)
const alive = [send(frame(PING, 'still there?')), get(reply(PONG, 'still there?'))]
const failFast =
  'the rest of the message is never sent, so only a server that checks as octets arrive can fail'

/** Sections 6.1 to 6.4: text in fragments, within and between characters, and invalid text that must fail at once. */
export const UTF8_FRAGMENTS: readonly ConformanceCase[] = [
  {
    id: '6.1.1',
    sends: 'An empty text message',
    steps: [send(frame(TEXT)), get(hex('8100'))],
    ending: CLEAN,
  },
  {
    id: '6.1.2',
    sends: 'Text in three empty fragments',
    steps: [send(frame(TEXT_START), frame(MORE), frame(LAST)), get(hex('8100'))],
    ending: CLEAN,
  },
  {
    id: '6.1.3',
    sends: 'Text in three fragments of which only the second has payload',
    steps: [
      send(frame(TEXT_START), frame(MORE, 'in the middle'), frame(LAST)),
      get(reply(TEXT, 'in the middle')),
    ],
    ending: CLEAN,
  },
  {
    id: '6.2.1',
    sends: 'Text with characters of one and two octets in one frame',
    steps: [send(frame(TEXT, UMLAUTS)), get(reply(TEXT, UMLAUTS))],
    ending: CLEAN,
  },
  {
    id: '6.2.2',
    sends: 'The same in two fragments, cut between two characters of two octets',
    // `Grüße-µ@ß` is 13 octets.
    steps: [
      send(frame(TEXT_START, UMLAUTS.subarray(0, 13)), frame(LAST, UMLAUTS.subarray(13))),
      get(reply(TEXT, UMLAUTS)),
    ],
    ending: CLEAN,
  },
  {
    id: '6.2.3',
    sends: 'The same in fragments of one octet, so that characters are cut',
    steps: [send(...fragmentsOf(UMLAUTS, 1)), get(reply(TEXT, UMLAUTS))],
    ending: CLEAN,
  },
  {
    id: '6.2.4',
    sends: 'Characters of two and three octets in fragments of one octet',
    steps: [send(...fragmentsOf(GREEK, 1)), get(reply(TEXT, GREEK))],
    ending: CLEAN,
  },
  {
    id: '6.3.1',
    sends: 'Text with a surrogate in the middle, in one frame',
    steps: [send(frame(TEXT, WITH_SURROGATE))],
    ending,
  },
  {
    id: '6.3.2',
    sends: 'The same in fragments of one octet',
    steps: [send(...fragmentsOf(WITH_SURROGATE, 1))],
    ending,
  },
  {
    id: '6.4.1',
    sends: 'A valid fragment, a ping, a fragment with a code point beyond U+10FFFF',
    steps: [send(frame(TEXT_START, GREEK)), ...alive, send(frame(MORE, BEYOND_UNICODE))],
    ending,
    note: failFast,
  },
  {
    id: '6.4.2',
    sends:
      'A fragment that ends within a character, a ping, a fragment of the one octet that makes it invalid',
    steps: [send(frame(TEXT_START, STILL_VALID)), ...alive, send(frame(MORE, CULPRIT))],
    ending,
    note: failFast,
  },
  {
    id: '6.4.3',
    sends:
      'The head of a frame and its valid part, then a code point beyond U+10FFFF; the frame is never finished',
    steps: cutFrame(GREEK.length, GREEK.length + BEYOND_UNICODE.length),
    ending,
    note: failFast,
  },
  {
    id: '6.4.4',
    sends:
      'The head of a frame and its part up to within a character, then the one octet that makes it invalid',
    steps: cutFrame(STILL_VALID.length, STILL_VALID.length + CULPRIT.length),
    ending,
    note: failFast,
  },
]

/** A frame of invalid text of which only the first octets are sent: up to `first`, then up to `second`. */
function cutFrame(first: number, second: number): ConformanceCase['steps'] {
  const whole = frame(TEXT, WITH_BEYOND)
  const head = whole.length - WITH_BEYOND.length
  return [send(whole.subarray(0, head + first)), send(whole.subarray(head + first, head + second))]
}

/** What the message of 6.4.1 to 6.4.4 lacks to its end. */
export const MESSAGE_RESTS: Readonly<Record<string, Buffer>> = {
  '6.4.1': frame(LAST, TAIL),
  '6.4.2': frame(LAST, TAIL),
  '6.4.3': restOfFrame(GREEK.length + BEYOND_UNICODE.length),
  '6.4.4': restOfFrame(STILL_VALID.length + CULPRIT.length),
}

function restOfFrame(sentOctets: number): Buffer {
  const whole = frame(TEXT, WITH_BEYOND)
  return whole.subarray(whole.length - WITH_BEYOND.length + sentOctets)
}

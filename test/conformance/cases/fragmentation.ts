import { repeated } from '../wire/bytes.ts'
import {
  CLEAN,
  LAST,
  MORE,
  PING,
  PONG,
  PROTOCOL_ERROR,
  TEXT,
  TEXT_START,
  failed,
  frame,
  get,
  reply,
  send,
  sendApart,
  sendChopped,
  type ConformanceCase,
  type Step,
} from './conformance-case.ts'

const ending = failed(PROTOCOL_ERROR)

/** The same frames in one piece, frame by frame and octet by octet. */
type Chopping = (...frames: readonly Buffer[]) => readonly Step[]
const CHOPPINGS: readonly (readonly [words: string, chop: Chopping])[] = [
  ['in one piece', (...frames) => [send(...frames)]],
  ['frame by frame', (...frames) => sendApart(...frames)],
  ['octet by octet', (...frames) => [sendChopped(1, ...frames)]],
]

/** Section 5: messages in fragments, with control frames between them (RFC 6455 section 5.4). */
export const FRAGMENTATION: readonly ConformanceCase[] = [
  {
    id: '5.1',
    sends: 'A ping in two fragments',
    steps: [send(frame(0x09, 'a ping '), frame(LAST, 'in halves'))],
    ending,
  },
  {
    id: '5.2',
    sends: 'A pong in two fragments',
    steps: [send(frame(0x0a, 'a pong '), frame(LAST, 'in halves'))],
    ending,
  },
  ...inAllChoppings(3, 'Text in two fragments', (chop) => ({
    steps: [...chop(frame(TEXT_START, 'one, '), frame(LAST, 'two')), get(reply(TEXT, 'one, two'))],
    ending: CLEAN,
  })),
  ...inAllChoppings(6, 'Text in two fragments with a ping in between', (chop) => ({
    steps: [
      ...chop(frame(TEXT_START, 'one, '), frame(PING, 'between'), frame(LAST, 'two')),
      get(reply(PONG, 'between'), reply(TEXT, 'one, two')),
    ],
    ending: CLEAN,
  })),
  ...inAllChoppings(9, 'A last fragment with nothing to continue, then a text message', (chop) => ({
    steps: chop(frame(LAST, 'of what?'), frame(TEXT, 'too late')),
    ending,
  })),
  ...inAllChoppings(
    12,
    'A fragment that is not the last, with nothing to continue, then a text message',
    (chop) => ({
      steps: chop(frame(MORE, 'of what?'), frame(TEXT, 'too late')),
      ending,
    }),
  ),
  {
    id: '5.15',
    sends: 'Text in two fragments, a fragment with nothing to continue, a text message; in one piece',
    steps: [
      send(frame(TEXT_START, 'one, '), frame(LAST, 'two'), frame(MORE, 'three, '), frame(TEXT, 'four')),
      get(reply(TEXT, 'one, two')),
    ],
    ending,
  },
  {
    id: '5.16',
    sends: 'Twice: a fragment, not the last, with nothing to continue, then text in two fragments',
    steps: [send(...twice(frame(MORE, 'of what?'), frame(TEXT_START, 'one, '), frame(LAST, 'two')))],
    ending,
  },
  {
    id: '5.17',
    sends: 'Twice: a last fragment with nothing to continue, then text in two fragments',
    steps: [send(...twice(frame(LAST, 'of what?'), frame(TEXT_START, 'one, '), frame(LAST, 'two')))],
    ending,
  },
  {
    id: '5.18',
    sends: 'Text in two fragments that both have the opcode for text',
    steps: [send(frame(TEXT_START, 'one, '), frame(TEXT, 'two'))],
    ending,
  },
  {
    id: '5.19',
    sends:
      'Text in five fragments with two pings in between; the first pong must come before the third fragment',
    steps: fiveFragments((...frames) => [send(...frames)]),
    ending: CLEAN,
  },
  {
    id: '5.20',
    sends: 'The same, frame by frame',
    steps: fiveFragments((...frames) => sendApart(...frames)),
    ending: CLEAN,
  },
]

/** Section 10: a long message in many fragments of equal length. */
export const AUTO_FRAGMENTATION: readonly ConformanceCase[] = [
  {
    id: '10.1.1',
    sends: 'A text message of 65536 octets in fragments of 1300',
    steps: [send(...fragmentsOf(repeated(0x2a, 65_536), 1300)), get(reply(TEXT, repeated(0x2a, 65_536)))],
    ending: CLEAN,
  },
]

/** A text message as fragments of at most `size` octets; one of that length or less is a whole frame. */
export function fragmentsOf(payload: Uint8Array, size: number): Buffer[] {
  const frames: Buffer[] = []
  for (let i = 0; i < payload.length; i += size) {
    const isLast = i + size >= payload.length
    frames.push(frame((i === 0 ? TEXT_START : MORE) | (isLast ? 0x80 : 0), payload.subarray(i, i + size)))
  }
  return frames
}

function inAllChoppings(
  from: number,
  words: string,
  make: (chop: Chopping) => Pick<ConformanceCase, 'steps' | 'ending'>,
): ConformanceCase[] {
  return CHOPPINGS.map(([how, chop], index) => ({
    id: `5.${from + index}`,
    sends: `${words}; ${how}`,
    ...make(chop),
  }))
}

function fiveFragments(chop: Chopping): Step[] {
  return [
    ...chop(frame(TEXT_START, 'one, '), frame(MORE, 'two, '), frame(PING, 'after two')),
    get(reply(PONG, 'after two')),
    ...chop(frame(MORE, 'three, '), frame(MORE, 'four, '), frame(PING, 'after four'), frame(LAST, 'five')),
    get(reply(PONG, 'after four'), reply(TEXT, 'one, two, three, four, five')),
  ]
}

function twice(...frames: readonly Buffer[]): Buffer[] {
  return [...frames, ...frames]
}

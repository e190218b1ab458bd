import { clientFrame, concat, hex } from '../unit/websocket/client-frame.ts'
import type { Random } from './random.ts'

const LENGTHS = [0, 1, 2, 3, 5, 8, 30, 124, 125, 126, 127, 128, 200, 1_000]
const CHARACTERS = [
  'a',
  'Z',
  '\0',
  '\u007f',
  'é',
  '\u07ff',
  '€',
  '\ud7ff',
  '\ue000',
  '\uffff',
  '𝄞',
  '\u{10ffff}',
  '\ufeff',
]
const CODES = [1000, 1001, 1003, 1007, 1011, 1014, 3000, 4999]

function mask(random: Random): readonly [number, number, number, number] {
  return [random.below(256), random.below(256), random.below(256), random.below(256)]
}

export function text(random: Random): Uint8Array {
  const length = random.pick(LENGTHS) >> random.below(3)
  const isAscii = random.chance(2)
  let result = ''
  for (let i = 0; i < length; i++) result += isAscii ? 'x' : random.pick(CHARACTERS)
  return new TextEncoder().encode(result)
}

export function controlFrame(random: Random): Uint8Array {
  return clientFrame(random.pick([9, 10]), random.bytes(random.below(126)), { mask: mask(random) })
}

/** A whole message, in fragments or not, perhaps with control frames in between. */
function message(random: Random): Uint8Array {
  const isText = random.chance(2)
  const payload = isText ? text(random) : random.bytes(random.pick(LENGTHS))
  return fragmented(random, isText ? 1 : 2, payload)
}

/** The frames of a message; `rsv` is for the first of them. */
export function fragmented(random: Random, opcode: number, payload: Uint8Array, rsv = 0): Uint8Array {
  const frames: Uint8Array[] = []
  const add = (part: Uint8Array, fin: boolean): void => {
    const isFirst = frames.length === 0
    frames.push(clientFrame(isFirst ? opcode : 0, part, { fin, rsv: isFirst ? rsv : 0, mask: mask(random) }))
  }
  let at = 0
  while (random.chance(2)) {
    const end = at + random.below(payload.length - at + 1)
    add(payload.subarray(at, end), false)
    if (random.chance(3)) frames.push(controlFrame(random))
    at = end
  }
  add(payload.subarray(at), true)
  return concat(...frames)
}

export function closeFrame(random: Random): Uint8Array {
  const code = random.pick(CODES)
  const reason = new TextEncoder().encode(random.pick(CHARACTERS).repeat(random.below(31)))
  const payload = random.chance(3) ? new Uint8Array(0) : concat(Uint8Array.of(code >> 8, code & 0xff), reason)
  return clientFrame(8, payload, { mask: mask(random) })
}

/** Short texts in a row, as clients that pipeline send them. */
function pipelined(random: Random): Uint8Array {
  const isAscii = random.chance(2)
  const short = (): string =>
    isAscii ? 'x'.repeat(random.below(60)) : random.pick(CHARACTERS).repeat(random.below(20))
  return concat(
    ...Array.from({ length: 2 + random.below(12) }, () => clientFrame(1, short(), { mask: mask(random) })),
  )
}

/** Messages, control frames and perhaps a close frame with bytes behind it, all as RFC 6455 allows. */
export function validStream(random: Random): Uint8Array {
  const make = (): Uint8Array => random.pick([controlFrame, message, message, pipelined])(random)
  const parts = Array.from({ length: 1 + random.below(6) }, make)
  if (random.chance(4)) parts.push(closeFrame(random), random.bytes(random.below(20)))
  return concat(...parts)
}

/** A whole frame that may break any rule, and often breaks none. */
export function oddFrame(random: Random): Uint8Array {
  const opcode = random.chance(8) ? random.below(16) : random.pick([0, 1, 2, 8, 9, 10])
  const payload = opcode === 8 ? oddClosePayload(random) : random.bytes(random.pick([0, 1, 5, 125, 126, 200]))
  const size = random.chance(4) ? random.pick([1, 2, 8] as const) : undefined
  const isShort = size !== 1 || payload.length < 126
  return clientFrame(opcode, payload, {
    fin: !random.chance(4),
    rsv: random.chance(8) ? random.below(8) : 0,
    mask: random.chance(8) ? false : mask(random),
    ...(size !== undefined && isShort && { lengthBytes: size }),
  })
}

function oddClosePayload(random: Random): Uint8Array {
  const code = random.chance(2) ? 995 + random.below(25) : random.pick([0, 2999, 3000, 4999, 5000, 65_535])
  const reason = random.chance(2) ? random.bytes(random.below(5)) : new Uint8Array(0)
  return concat(Uint8Array.of(code >> 8, code & 0xff), reason)
}

/** Changes that a hostile or broken peer might make. */
export function mutated(stream: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = stream.slice()
  for (let changes = 1 + random.below(4); changes > 0 && result.length > 0; changes--) {
    const at = random.below(result.length)
    switch (random.below(6)) {
      case 0:
        result[at] = random.below(256)
        break
      case 1:
        result[at]! ^= 1 << random.below(8)
        break
      case 2:
        result = concat(result.subarray(0, at), random.bytes(1 + random.below(12)), result.subarray(at))
        break
      case 3:
        result = concat(result.subarray(0, at), result.subarray(at + 1 + random.below(8)))
        break
      case 4:
        result = result.slice(0, at)
        break
      default:
        result = concat(result.subarray(0, at), random.pick(HOSTILE), result.subarray(at))
    }
  }
  return result
}

/** Beginnings of frames that break a rule, and frames at a border. */
export const HOSTILE = [
  '81ff ffffffffffffffff',
  '82ff 7fffffffffffffff',
  '82fe 0001',
  '81fe ffff',
  '0180 00000000',
  '0080 00000000',
  '8080 00000000',
  '8882 00000000 03ed',
  '8881 00000000 03',
  '8981',
  '89fe 007e',
  'c181',
  '8301',
  '8101 41',
  '8183 00000000 eda080',
  '818400000000f4908080',
].map(hex)

/** Cuts a stream into pieces. */
export function* cutAtRandom(stream: Uint8Array, random: Random): Generator<Uint8Array> {
  const largest = random.pick([1, 2, 8, 64, 1_000, stream.length + 1])
  for (let at = 0; at < stream.length;) {
    const size = 1 + random.below(largest)
    yield stream.subarray(at, at + size)
    at += size
  }
}

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_EMPTY_FRAGMENTS } from '../../src/websocket/frame-parser.ts'
import { clientFrame, concat, hex } from '../unit/websocket/client-frame.ts'
import { parseChunks, type ParserEvent } from '../unit/websocket/parse-stream.ts'
import { parseNaively } from './frames-oracle.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101)
const MAX_PAYLOAD_BYTES = 4_000

/** A small generator of numbers (mulberry32), so that a failure can be repeated from its seed. */
class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * limit)
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256))
  }
}

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

function text(random: Random): Uint8Array {
  const length = random.pick(LENGTHS) >> random.below(3)
  const isAscii = random.chance(2)
  let result = ''
  for (let i = 0; i < length; i++) result += isAscii ? 'x' : random.pick(CHARACTERS)
  return new TextEncoder().encode(result)
}

function controlFrame(random: Random): Uint8Array {
  return clientFrame(random.pick([9, 10]), random.bytes(random.below(126)), { mask: mask(random) })
}

/** A whole message, in fragments or not, perhaps with control frames in between. */
function message(random: Random): Uint8Array {
  const isText = random.chance(2)
  const payload = isText ? text(random) : random.bytes(random.pick(LENGTHS))
  const frames: Uint8Array[] = []
  let at = 0
  let opcode = isText ? 1 : 2
  while (random.chance(2)) {
    const end = at + random.below(payload.length - at + 1)
    frames.push(clientFrame(opcode, payload.subarray(at, end), { fin: false, mask: mask(random) }))
    if (random.chance(3)) frames.push(controlFrame(random))
    opcode = 0
    at = end
  }
  frames.push(clientFrame(opcode, payload.subarray(at), { mask: mask(random) }))
  return concat(...frames)
}

function closeFrame(random: Random): Uint8Array {
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

function validStream(random: Random): Uint8Array {
  const make = (): Uint8Array => random.pick([controlFrame, message, message, pipelined])(random)
  const parts = Array.from({ length: 1 + random.below(6) }, make)
  if (random.chance(4)) parts.push(closeFrame(random), random.bytes(random.below(20)))
  return concat(...parts)
}

/** Changes that a hostile or broken peer might make. */
function mutated(stream: Uint8Array, random: Random): Uint8Array {
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

const HOSTILE = [
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

function* cutAtRandom(stream: Uint8Array, random: Random): Generator<Uint8Array> {
  const largest = random.pick([1, 2, 8, 64, 1_000, stream.length + 1])
  for (let at = 0; at < stream.length;) {
    const size = 1 + random.below(largest)
    yield stream.subarray(at, at + size)
    at += size
  }
}

function check(stream: Uint8Array, random: Random, seed: number): ParserEvent[] {
  const options = { maxPayloadBytes: MAX_PAYLOAD_BYTES }
  const expected = parseNaively(stream, { ...options, maxEmptyFragments: MAX_EMPTY_FRAGMENTS })
  const why = `FUZZ_RUNS=1 FUZZ_SEED=${seed}: ${Buffer.from(stream).toString('hex')}`
  assert.deepEqual(parseChunks([stream], options), expected, why)
  assert.deepEqual(parseChunks(cutAtRandom(stream, random), options), expected, why)
  return expected
}

describe('frames, against a parser that has the whole stream at hand', () => {
  test('valid streams, cut anywhere', () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new Random(SEED + run)
      const events = check(validStream(random), random, SEED + run)
      assert.ok(
        events.every(([kind]) => kind !== 'error'),
        `seed ${SEED + run}`,
      )
    }
  })

  test('streams with mutations, cut anywhere', () => {
    const errors = new Set<string>()
    for (let run = 0; run < RUNS; run++) {
      const random = new Random(SEED + run)
      const last = check(mutated(validStream(random), random), random, SEED + run).at(-1)
      if (last?.[0] === 'error') errors.add(last[1])
    }
    // The mutations are worth something only if they provoke every rule.
    if (RUNS >= 2_000) {
      const all = new Set([
        'CLOSE_FRAME_INVALID',
        'FRAME_CONTROL_INVALID',
        'FRAME_LENGTH_INVALID',
        'FRAME_MASK_INVALID',
        'FRAME_OPCODE_UNKNOWN',
        'FRAME_RESERVED_BITS',
        'FRAME_SEQUENCE_INVALID',
        'MESSAGE_TOO_LARGE',
        'TEXT_NOT_UTF8',
      ])
      assert.deepEqual(errors, all)
    }
  })

  test('bytes at random', () => {
    for (let run = 0; run < RUNS; run++) {
      const random = new Random(SEED + run)
      check(random.bytes(random.below(60)), random, SEED + run)
    }
  })
})

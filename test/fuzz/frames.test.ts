import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MAX_EMPTY_FRAGMENTS } from '../../src/websocket/frame-parser.ts'
import { parseChunks, type ParserEvent } from '../unit/websocket/parse-stream.ts'
import { cutAtRandom, mutated, validStream } from './frame-streams.ts'
import { parseNaively } from './frames-oracle.ts'
import { Random } from './random.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 2_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101)
const MAX_PAYLOAD_BYTES = 4_000

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

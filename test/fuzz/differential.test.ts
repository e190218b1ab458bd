// not on bun: its ws is not the package but a part of Bun
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientFrame, concat } from '../unit/websocket/client-frame.ts'
import { GoWebPeer } from './differential-peers.ts'
import { FRAME_RULES } from './differential-rules.ts'
import { hearByWs, judge, Tally } from './differential-run.ts'
import { cutAtRandom, HOSTILE, mutated, oddFrame, validStream } from './frame-streams.ts'
import { fuzzOptions } from './fuzz-options.ts'
import { Random } from './random.ts'

const { numRuns, seed: firstSeed } = fuzzOptions(20_000)

type Kind = 'valid' | 'mutated' | 'spliced' | 'random' | 'flood'

function makeStream(random: Random): readonly [Kind, Uint8Array] {
  if (random.chance(1_000)) return ['flood', floodOfEmptyFragments(random)]
  const dice = random.below(10)
  if (dice < 4) return ['valid', validStream(random)]
  if (dice < 7) return ['mutated', mutated(validStream(random), random)]
  if (dice === 9) return ['random', random.bytes(random.below(80))]
  const odd = random.chance(3) ? random.pick(HOSTILE) : oddFrame(random)
  // Cut off, so that it must be refused as soon as it can be.
  if (random.chance(4))
    return ['spliced', concat(validStream(random), odd.subarray(0, random.below(odd.length)))]
  return ['spliced', concat(validStream(random), odd, validStream(random))]
}

function floodOfEmptyFragments(random: Random): Uint8Array {
  const count = 1_000 + random.below(60)
  const more = Array.from({ length: count }, (_, index) =>
    clientFrame(index === 0 ? 2 : 0, '', { fin: false }),
  )
  return concat(...more, clientFrame(0, 'end'), validStream(random))
}

test('sockets and ws make the same of any stream, or sockets are stricter for a documented reason', () => {
  const kinds = new Tally()
  const outcomes = new Tally()
  for (let seed = firstSeed; seed < firstSeed + numRuns; seed++) {
    const random = new Random(seed)
    const [kind, stream] = makeStream(random)
    const chunks = [...cutAtRandom(stream, random)]
    try {
      const outcome = judge(chunks, { ws: hearByWs(chunks), rules: FRAME_RULES, open: () => new GoWebPeer() })
      if (kind === 'valid') assert.match(outcome, /^same, (?:still open|closed)/)
      kinds.add(kind)
      outcomes.add(outcome)
    } catch (error) {
      const bytes = Buffer.from(stream).toString('hex')
      throw new Error(`FUZZ_RUNS=1 FUZZ_SEED=${seed}: ${kind} ${bytes}`, { cause: error })
    }
  }
  console.log(`note: ${numRuns} streams from seed ${firstSeed}: ${kinds.toString()}`)
  console.log(`note: ${outcomes.toString()}`)
  // Streams that provoke no difference would prove nothing about the table.
  if (numRuns >= 20_000) for (const { name } of FRAME_RULES) assert.ok(outcomes.has(name), name)
})

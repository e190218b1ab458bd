// not on bun: its ws is not the package but a part of Bun
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientFrame, concat } from '../unit/websocket/client-frame.ts'
import { hearByGoWeb, hearByWs } from './differential-peers.ts'
import { compareVerdicts, STRICTER_RULES } from './differential-rules.ts'
import { cutAtRandom, HOSTILE, mutated, oddFrame, validStream } from './frame-streams.ts'
import { fuzzOptions } from './fuzz-options.ts'
import { Random } from './random.ts'

const { numRuns, seed: firstSeed } = fuzzOptions(20_000)
/** ws refuses a length before it has seen the mask, and a close frame of one byte before that byte: this much later. */
const REST_OF_HEADER = new Uint8Array(5)

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
  const kinds = new Map<string, number>()
  const outcomes = new Map<string, number>()
  const count = (counts: Map<string, number>, key: string): unknown =>
    counts.set(key, (counts.get(key) ?? 0) + 1)
  for (let seed = firstSeed; seed < firstSeed + numRuns; seed++) {
    const random = new Random(seed)
    const [kind, stream] = makeStream(random)
    const chunks = [...cutAtRandom(stream, random)]
    try {
      const ws = hearByWs(chunks)
      let goweb = hearByGoWeb(chunks)
      const isPending = ws.end?.kind === 'failed' && goweb.end === undefined
      if (isPending) goweb = hearByGoWeb([...chunks, REST_OF_HEADER])
      const rule = compareVerdicts(stream, goweb, ws)
      if (kind === 'valid') assert.deepEqual([rule, ws.end?.kind ?? 'closed'], [undefined, 'closed'])
      count(kinds, kind)
      count(outcomes, rule ?? (isPending ? 'same, some bytes later' : `same, ${showEnd(ws.end)}`))
    } catch (error) {
      const bytes = Buffer.from(stream).toString('hex')
      throw new Error(`FUZZ_RUNS=1 FUZZ_SEED=${seed}: ${kind} ${bytes}`, { cause: error })
    }
  }
  console.log(`note: ${numRuns} streams from seed ${firstSeed}: ${show(kinds)}`)
  console.log(`note: ${show(outcomes)}`)
  // Streams that provoke no difference would prove nothing about the table.
  if (numRuns >= 20_000) for (const { name } of STRICTER_RULES) assert.ok(outcomes.has(name), name)
})

function showEnd(end: { readonly kind: string; readonly code: number } | undefined): string {
  return end === undefined ? 'still open' : `${end.kind} with ${end.code}`
}

function show(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([key, count]) => `${count} ${key}`).join(', ')
}

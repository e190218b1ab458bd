// not on bun: its ws is not the package but a part of Bun
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ws from 'ws'
import { ZlibCodec } from '../../src/runtime/zlib-codec.ts'
import { resolveCompression } from '../../src/websocket/compression-options.ts'
import type { CompressionSetup } from '../../src/websocket/compression-setup.ts'
import type { DeflateCodec, InflateRequest, InflateResult } from '../../src/websocket/deflate-codec.ts'
import { acceptDeflateOffer } from '../../src/websocket/deflate-offer.ts'
import { brokenDeflatedStream, deflatedStream } from './deflated-streams.ts'
import { GoWebPeer, MAX_PAYLOAD_BYTES, WsPeer, type Verdict } from './differential-peers.ts'
import { DEFLATE_RULES, FRAME_RULES } from './differential-rules.ts'
import { judge, Tally } from './differential-run.ts'
import { cutAtRandom, mutated } from './frame-streams.ts'
import { fuzzOptions } from './fuzz-options.ts'
import { Random } from './random.ts'

const { numRuns, seed: firstSeed } = fuzzOptions(4_000)
const codec = new ZlibCodec()

/** Inflates at once, but tells it later: while some further chunks have come already. */
class LateCodec implements DeflateCodec {
  readonly maxBytesAtOnce: number = codec.maxBytesAtOnce
  #tell: (() => void) | undefined

  inflate(request: InflateRequest, onResult: (result: InflateResult) => void): undefined {
    const result = codec.inflate(request, () => assert.fail('such short messages are inflated at once'))
    assert.ok(result !== undefined && this.#tell === undefined, 'one at a time')
    this.#tell = () => onResult(result)
  }

  deflateAtOnce(): never {
    throw new Error('Nothing is to be deflated')
  }

  deflate(): never {
    throw new Error('Nothing is to be deflated')
  }

  /** Tells what is due: all of it, or what chance wants. */
  tell(chance: () => boolean): void {
    while (this.#tell !== undefined && chance()) {
      const tell = this.#tell
      this.#tell = undefined
      tell()
    }
  }
}

/** A socket whose messages are inflated late. */
class LatePeer extends GoWebPeer {
  readonly #codec: LateCodec
  readonly #random: Random

  constructor(setup: CompressionSetup, random: Random) {
    const lateCodec = new LateCodec()
    super({ ...setup, codec: lateCodec })
    this.#codec = lateCodec
    this.#random = random
  }

  override feed(chunk: Uint8Array): void {
    super.feed(chunk)
    this.#codec.tell(() => this.#random.chance(2))
    this.endTurn()
  }

  override finish(): Verdict {
    this.#codec.tell(() => true)
    this.endTurn()
    return super.finish()
  }
}

function setupOf(hasTakeover: boolean): CompressionSetup {
  const settings = resolveCompression('test', { clientNoContextTakeover: !hasTakeover })
  const agreement = settings && acceptDeflateOffer([{ name: 'permessage-deflate', parameters: [] }], settings)
  assert.ok(settings !== undefined && agreement?.hasClientTakeover === hasTakeover)
  return { settings, agreement, codec }
}

// The package exports it; its types do not tell.
const { PerMessageDeflate } = ws as unknown as {
  readonly PerMessageDeflate: new (options: Readonly<Record<string, unknown>>) => {
    accept(offers: readonly object[]): unknown
    cleanup(): void
  }
}

async function hearByWs(chunks: readonly Uint8Array[], hasTakeover: boolean): Promise<Verdict> {
  const deflate = new PerMessageDeflate({ isServer: true, maxPayload: MAX_PAYLOAD_BYTES })
  deflate.accept([hasTakeover ? {} : { client_no_context_takeover: [true] }])
  const peer = new WsPeer({ 'permessage-deflate': deflate })
  for (const chunk of chunks) {
    await new Promise<void>((resolve) => peer.feed(chunk, resolve))
    if (peer.verdict.end !== undefined) break
  }
  deflate.cleanup()
  return peer.verdict
}

type Kind = 'valid' | 'broken data' | 'mutated frames'

function makeStream(random: Random, hasTakeover: boolean): readonly [Kind, Uint8Array] {
  const dice = random.below(4)
  if (dice < 2) return ['valid', deflatedStream(random, hasTakeover)]
  if (dice === 2) return ['broken data', brokenDeflatedStream(random, hasTakeover)]
  return ['mutated frames', mutated(deflatedStream(random, hasTakeover), random)]
}

test('sockets and ws make the same of deflated messages, or differ for a documented reason', async () => {
  const kinds = new Tally()
  const outcomes = new Tally()
  const setups = [setupOf(false), setupOf(true)]
  for (let seed = firstSeed; seed < firstSeed + numRuns; seed++) {
    const random = new Random(seed)
    const hasTakeover = random.chance(2)
    const setup = setups[hasTakeover ? 1 : 0] as CompressionSetup
    const [kind, stream] = makeStream(random, hasTakeover)
    const chunks = [...cutAtRandom(stream, random)]
    const isLate = random.chance(2)
    const open = (): GoWebPeer => (isLate ? new LatePeer(setup, random) : new GoWebPeer(setup))
    try {
      const theirs = await hearByWs(chunks, hasTakeover)
      const rules = kind === 'valid' ? VALID_RULES : [...FRAME_RULES, ...DEFLATE_RULES]
      const outcome = judge(chunks, { ws: theirs, rules, open })
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
  if (numRuns >= 4_000) for (const name of FREQUENT) assert.ok(outcomes.has(name), name)
})

/** Of the others a long session has some. */
const FREQUENT = DEFLATE_RULES.map(({ name }) => name).filter(
  (name) => !/longer than|too much and/.test(name),
)

/** Streams that nobody broke may end early: by a text that is none, or by too large a message. */
const VALID_RULES = [...FRAME_RULES, ...DEFLATE_RULES.slice(4)]

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientFrame, concat } from '../unit/websocket/client-frame.ts'
import { deflated } from '../unit/websocket/deflating-client.ts'
import { FakeServer } from '../unit/websocket/fake-server.ts'
import { compression, ManualCodec } from '../unit/websocket/manual-codec.ts'

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 1_500)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_101)
/** Some valid messages are larger than the second. */
const MAX_PAYLOAD_BYTES = [4_000, 2_000] as const
const RSV1 = 4

type Random = (limit: number) => number

/** Numbers from 0 to below `limit`, the same for the same seed (mulberry32). */
function randomNumbers(seed: number): Random {
  let state = seed >>> 0
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000) * limit)
  }
}

function bytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random(256))
}

/** A stream of messages, compressed with takeover or plain, in fragments or whole; and what is to be heard of it. */
function validStream(random: Random): { stream: Uint8Array; expected: string[] } {
  const frames: Uint8Array[] = []
  const expected: string[] = []
  let history = Buffer.alloc(0)
  for (let count = 1 + random(6); count > 0; count--) {
    const text = `${random(1_000)} words and €words `.repeat(random(4) === 0 ? random(120) : random(5))
    expected.push(text)
    const isDeflated = random(4) > 0
    const payload = isDeflated ? deflated(text, history) : Buffer.from(text)
    if (isDeflated) history = Buffer.concat([history, Buffer.from(text)]).subarray(-32_768)
    const middle = random(payload.length + 1)
    const rsv = isDeflated ? RSV1 : 0
    if (random(2) === 0) frames.push(clientFrame(1, payload, { rsv }))
    else {
      frames.push(clientFrame(1, payload.subarray(0, middle), { rsv, fin: false }))
      if (random(3) === 0) {
        frames.push(clientFrame(9, 'ping'))
        expected.splice(-1, 0, 'ping')
      }
      frames.push(clientFrame(0, payload.subarray(middle)))
    }
  }
  return { stream: concat(...frames), expected }
}

function mutated(stream: Uint8Array, random: Random): Uint8Array {
  let result: Uint8Array = stream.slice()
  for (let changes = 1 + random(3); changes > 0 && result.length > 0; changes--) {
    const at = random(result.length)
    const kind = random(4)
    if (kind === 0) result[at] = random(256)
    else if (kind === 1) result[at]! ^= 1 << random(8)
    else if (kind === 2)
      result = concat(result.subarray(0, at), bytes(random, 1 + random(6)), result.subarray(at))
    else result = concat(result.subarray(0, at), result.subarray(at + 1 + random(6)))
  }
  return result
}

/** What a socket hears of a stream that arrives in pieces, while messages are inflated at once or at some time later. */
function hear(
  stream: Uint8Array,
  random: Random | undefined,
  maxPayloadBytes: number = MAX_PAYLOAD_BYTES[0],
): string[] {
  const server = new FakeServer()
  const heard: string[] = []
  const codec = new ManualCodec(random === undefined ? Infinity : random(200))
  const options = { serverNoContextTakeover: false, clientNoContextTakeover: false }
  const { socket } = server.open(
    {
      message: (_socket, message) => heard.push(String(message)),
      ping: () => heard.push('ping'),
    },
    { maxPayloadBytes },
    compression(options, codec),
  )
  for (let at = 0; at < stream.length;) {
    const size = random === undefined ? stream.length : 1 + random(random(2) === 0 ? 4 : 300)
    socket.receive(Uint8Array.from(stream.subarray(at, at + size)))
    at += size
    if (random !== undefined && random(3) === 0 && codec.waiting.length > 0) codec.finish()
  }
  while (codec.waiting.length > 0) codec.finish()
  for (const { error } of server.errors) heard.push((error as { code: string }).code)
  socket.handleClose()
  return heard
}

test('compressed messages are heard as they were sent, however they arrive', () => {
  for (let run = 0; run < RUNS; run++) {
    const random = randomNumbers(SEED + run)
    const { stream, expected } = validStream(random)
    const why = `FUZZ_RUNS=1 FUZZ_SEED=${SEED + run}`
    assert.deepEqual(hear(stream, undefined), expected, why)
    assert.deepEqual(hear(stream, random), expected, why)
  }
})

test('broken streams are heard alike, however they arrive', () => {
  const errors = new Set<string>()
  for (let run = 0; run < RUNS; run++) {
    const random = randomNumbers(SEED + run)
    const stream = mutated(validStream(random).stream, random)
    const heard = hear(stream, undefined, MAX_PAYLOAD_BYTES[1])
    assert.deepEqual(hear(stream, random, MAX_PAYLOAD_BYTES[1]), heard, `FUZZ_RUNS=1 FUZZ_SEED=${SEED + run}`)
    errors.add(heard.at(-1) ?? '')
  }
  if (RUNS >= 1_500) {
    for (const code of ['DEFLATE_INVALID', 'TEXT_NOT_UTF8', 'FRAME_RESERVED_BITS', 'MESSAGE_TOO_LARGE']) {
      assert.ok(errors.has(code), `no stream provoked ${code}`)
    }
  }
})

test('random bytes in compressed frames are a message or an error, never a crash', () => {
  for (let run = 0; run < RUNS; run++) {
    const random = randomNumbers(SEED + run)
    const frame = clientFrame(1 + random(2), bytes(random, random(60)), { rsv: RSV1 })
    const stream = concat(frame, clientFrame(1, 'behind'))
    const heard = hear(stream, undefined)
    assert.deepEqual(hear(stream, random), heard)
    const isError = /^(?:DEFLATE_INVALID|TEXT_NOT_UTF8|MESSAGE_TOO_LARGE)$/.test(heard.at(-1) ?? '')
    assert.equal(heard.at(-1) === 'behind', !isError)
    assert.equal(heard.length, isError ? 1 : 2)
  }
})

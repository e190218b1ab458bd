import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { ZlibCodec } from '../../../src/runtime/zlib-codec.ts'
import type { DeflateRequest, InflateRequest, InflateResult } from '../../../src/websocket/deflate-codec.ts'
import { concat, hex } from './client-frame.ts'
import { deflated } from './deflating-client.ts'

const EMPTY = new Uint8Array(0)
const codec = new ZlibCodec()

function inflate(payload: Uint8Array, rest: Partial<InflateRequest> = {}): Promise<InflateResult> {
  const request = {
    payload,
    history: EMPTY,
    windowBits: 15,
    maxBytes: 1_048_576,
    isAtOnce: true,
    isWanted: true,
    ...rest,
  }
  return new Promise((resolve) => {
    const result = codec.inflate(request, resolve)
    if (result !== undefined) resolve(result)
  })
}

async function inflatedText(payload: Uint8Array, rest?: Partial<InflateRequest>): Promise<string> {
  const result = await inflate(payload, rest)
  return typeof result === 'string' ? result : Buffer.from(result).toString()
}

function deflateRequest(payload: Uint8Array, rest: Partial<DeflateRequest> = {}): DeflateRequest {
  return { payload, history: EMPTY, windowBits: 15, level: 6, memLevel: 8, isWanted: true, ...rest }
}

/** Bytes that repeat only at the given distance. */
function repeating(distance: number): Buffer {
  let state = 1
  const block = Uint8Array.from({ length: distance }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
  return Buffer.concat([block, block])
}

describe('inflating', () => {
  // RFC 7692 section 7.2.3.
  const hello: [name: string, payload: string][] = [
    ['one block', 'f248cdc9c90700'],
    ['a block without compression', '000500faff48656c6c6f00'],
    ['a last block', 'f348cdc9c9070000'],
    ['two blocks', 'f24805000000ffffcac9c90700'],
  ]
  for (const [name, payload] of hello) {
    test(`Hello as ${name}`, async () => assert.equal(await inflatedText(hex(payload)), 'Hello'))
  }

  test('an empty message', async () => assert.equal(await inflatedText(hex('00')), ''))

  test('Hello once more, by reference to the first', async () => {
    const history = Buffer.from('Hello')
    assert.equal(await inflatedText(hex('f200110000'), { history }), 'Hello')
    assert.equal(await inflate(hex('f200110000')), 'invalid')
  })

  test('goes on behind a last block, and refers across it', async () => {
    const last = hex('f348cdc9c90700')
    assert.equal(await inflatedText(concat(last, hex('f248cdc9c90700'))), 'HelloHello')
    assert.equal(await inflatedText(concat(last, hex('f200110000'))), 'HelloHello')
  })

  const invalid: [name: string, payload: Uint8Array][] = [
    ['a reserved block type', hex('07')],
    ['a block that is cut off', hex('f248cdc9c9').subarray(0, 4)],
    ['a large message that is cut off', deflated(repeating(40_000)).subarray(0, -1_000)],
    ['lengths of a stored block that differ', hex('000500faf048656c6c6f00')],
    ['garbage behind a last block', concat(hex('f348cdc9c90700'), hex('ffffff'))],
    ['garbage behind the tail', concat(hex('f248cdc9c907000000ffff'), hex('ee'))],
    ['more last blocks than 64', concat(...Array.from({ length: 70 }, () => hex('0300')), hex('00'))],
    ['a distance before the beginning', hex('f200110000')],
  ]
  for (const [name, payload] of invalid) {
    test(`refuses ${name}`, async () => assert.equal(await inflate(payload), 'invalid'))
  }

  test('stops at the limit, small or large', async () => {
    for (const size of [100, 70_000, 3_000_000]) {
      const payload = deflated(Buffer.alloc(size))
      assert.equal(await inflate(payload, { maxBytes: size - 1 }), 'too large')
      const result = await inflate(payload, { maxBytes: size })
      assert.ok(result instanceof Uint8Array && result.length === size)
    }
    assert.equal(await inflate(deflated('a'), { maxBytes: 0 }), 'too large')
    assert.equal(await inflatedText(hex('00'), { maxBytes: 0 }), '')
  })

  test('keeps to the limit across last blocks', async () => {
    const payload = concat(hex('f348cdc9c90700'), hex('f348cdc9c90700'), hex('00'))
    assert.equal(await inflatedText(payload, { maxBytes: 10 }), 'HelloHello')
    assert.equal(await inflate(payload, { maxBytes: 9 }), 'too large')
  })

  test('does not hold the event loop with a small message when it must not', async () => {
    const request = {
      payload: deflated('small'),
      history: EMPTY,
      windowBits: 15,
      maxBytes: 100,
      isWanted: true,
    }
    const result = await new Promise<InflateResult>((resolve) => {
      assert.equal(codec.inflate({ ...request, isAtOnce: false }, resolve), undefined)
    })
    assert.ok(typeof result !== 'string')
    assert.equal(Buffer.from(result).toString(), 'small')
  })

  test('works on many large messages at a time, in the order that they came', async () => {
    const payload = deflated(repeating(20_000))
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        assert.ok((await inflate(payload)) instanceof Uint8Array)
        order.push(index)
      }),
    )
    assert.equal(order.length, 30)
  })

  test('does not start what nobody waits for any more', async () => {
    assert.equal(await inflate(deflated(repeating(20_000)), { isWanted: false }), 'failed')
  })
})

describe('deflating', () => {
  test('makes Hello of RFC 7692 section 7.2.3.1', () => {
    const result = codec.deflateAtOnce(deflateRequest(Buffer.from('Hello')))
    assert.equal(Buffer.from(result!).toString('hex'), 'f248cdc9c90700')
  })

  test('refers to the history', async () => {
    const history = repeating(1_000)
    const payload = history.subarray(0, 1_000)
    const alone = codec.deflateAtOnce(deflateRequest(payload))!
    const after = codec.deflateAtOnce(deflateRequest(payload, { history }))!
    assert.ok(after.length < alone.length / 10)
    assert.equal(await inflatedText(after, { history }), payload.toString())
  })

  test('of every size, with every window and memory', async () => {
    for (const size of [1, 100, 250, 1_000, 40_000]) {
      const payload = repeating(size)
      for (const windowBits of [8, 9, 12, 15]) {
        for (const memLevel of [1, 9]) {
          const request = deflateRequest(payload, { windowBits, memLevel, level: memLevel })
          const result = await new Promise<Uint8Array>((resolve, reject) => {
            codec.deflate(request, (bytes) =>
              bytes === undefined ? reject(new Error('failed')) : resolve(bytes),
            )
          })
          assert.equal(await inflatedText(result, { windowBits }), payload.toString())
          assert.deepEqual(codec.deflateAtOnce(request), result)
        }
      }
    }
  })

  test('does not refer farther back than the window, not even of 8 bits', () => {
    // The second half is found in the first only where the window reaches.
    for (const [windowBits, near, far] of [
      [8, 200, 257],
      [9, 200, 513],
      [11, 1_700, 2_049],
    ] as const) {
      for (const level of [1, 6, 9]) {
        const size = (distance: number): number =>
          codec.deflateAtOnce(deflateRequest(repeating(distance), { windowBits, level }))!.length
        assert.ok(size(near) < near * 1.5, `${near} with ${windowBits} bits`)
        assert.ok(size(far) > far * 2, `${far} with ${windowBits} bits`)
        const history = repeating(far).subarray(0, far)
        const after = codec.deflateAtOnce(deflateRequest(history, { windowBits, level, history }))!
        assert.ok(after.length > far, `${far} back in the history with ${windowBits} bits`)
      }
    }
  })

  test('does not start what nobody waits for any more', async () => {
    const result = await new Promise((resolve) => {
      codec.deflate(deflateRequest(repeating(20_000), { isWanted: false }), resolve)
    })
    assert.equal(result, undefined)
  })

  test('tells when zlib cannot be set up', () => {
    assert.equal(codec.deflateAtOnce(deflateRequest(Buffer.from('a'), { level: 99 })), undefined)
  })

  test('is plain DEFLATE', () => {
    const result = codec.deflateAtOnce(deflateRequest(Buffer.from('plain '.repeat(100))))!
    assert.equal(inflateRawSync(concat(result, hex('0000ffff 0300'))).toString(), 'plain '.repeat(100))
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { constants, deflateRawSync } from 'node:zlib'
import { Random } from '../fuzz/random.ts'
import { hex } from './wire/bytes.ts'
import { offerHeader, readAgreement } from './wire/deflate-agreement.ts'
import { outlineDeflate } from './wire/deflate-outline.ts'
import { MessageDeflater } from './wire/message-deflater.ts'

const NO_TAKEOVER = {
  hasServerTakeover: false,
  hasClientTakeover: false,
  serverWindowBits: 15,
  clientWindowBits: 15,
}

/** How far back the farthest reference of flushed data goes. */
function longestDistance(flushed: Uint8Array): number | undefined {
  return outlineDeflate(flushed.subarray(0, -4))?.longestDistance
}

describe('the outline of DEFLATE data', () => {
  test('is right for the examples of RFC 7692 section 7.2.3', () => {
    const examples: readonly (readonly [bytes: string, distance: number, hasLastBlock: boolean])[] = [
      ['f2 48 cd c9 c9 07 00', 0, false],
      ['f2 00 11 00 00', 5, false],
      ['00 05 00 fa ff 48 65 6c 6c 6f 00', 0, false],
      ['f3 48 cd c9 c9 07 00 00', 0, true],
      ['f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 0, false],
    ]
    for (const [bytes, longestDistance, hasLastBlock] of examples)
      assert.deepEqual(outlineDeflate(hex(bytes)), { longestDistance, hasLastBlock }, bytes)
  })

  test('is none when the data is cut off or none', () => {
    const whole = hex('f2 48 cd c9 c9 07 00')
    for (let length = 1; length < whole.length - 1; length++)
      assert.equal(outlineDeflate(whole.subarray(0, length)), undefined, String(length))
    assert.equal(outlineDeflate(hex('07 ff')), undefined)
    assert.equal(outlineDeflate(hex('00 05 00 fa fe 48 65 6c 6c 6f 00')), undefined)
  })

  test('is that of the only repetition there is', () => {
    for (const distance of [64, 65, 256, 257, 512, 1_000, 4_096, 16_385, 32_000]) {
      // Random octets repeat three in a row only by a rare chance, which another seed would avoid.
      const block = new Random(distance).bytes(distance)
      const bytes = deflateRawSync(Buffer.concat([block, block.subarray(0, 64)]), {
        level: 9,
        finishFlush: constants.Z_SYNC_FLUSH,
      })
      assert.equal(longestDistance(bytes), distance)
    }
  })

  test('is within the window that zlib was given, and beyond that with a larger one', () => {
    const random = new Random(2)
    const words = Array.from({ length: 500 }, () =>
      Buffer.from(random.bytes(3 + random.below(9))).toString('base64'),
    )
    const text = Buffer.from(Array.from({ length: 9_000 }, () => random.pick(words)).join(' '))
    for (const windowBits of [9, 10, 12, 14, 15]) {
      const distance = longestDistance(
        deflateRawSync(text, { windowBits, finishFlush: constants.Z_SYNC_FLUSH }),
      )
      assert.ok(
        distance !== undefined && distance <= 2 ** windowBits && distance > 2 ** (windowBits - 2),
        `${distance} with ${windowBits} bits`,
      )
    }
  })
})

describe('the agreement on permessage-deflate', () => {
  const offer = { serverNoContextTakeover: true, serverMaxWindowBits: 10 }

  test('is offered and read', () => {
    assert.equal(
      offerHeader([offer, { serverNoContextTakeover: false }]),
      'Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits; server_no_context_takeover; server_max_window_bits=10, permessage-deflate; client_no_context_takeover; client_max_window_bits',
    )
    assert.deepEqual(
      readAgreement(
        'permessage-deflate; server_no_context_takeover;server_max_window_bits=9; client_max_window_bits=8',
        offer,
      ),
      { hasServerTakeover: false, hasClientTakeover: true, serverWindowBits: 9, clientWindowBits: 8 },
    )
  })

  test('is refused when it is not one', () => {
    const base = 'permessage-deflate; server_no_context_takeover'
    const bad = [
      undefined,
      'permessage-deflate',
      `${base}; server_max_window_bits=11`,
      `${base}; server_max_window_bits`,
      `${base}; server_max_window_bits=09`,
      `${base}; server_max_window_bits=10; server_max_window_bits=10`,
      `${base}; server_max_window_bits=10; client_max_window_bits`,
      `${base}; server_max_window_bits=10; client_no_context_takeover=1`,
      `${base}; server_max_window_bits=10; other`,
      `${base}; server_max_window_bits=10, permessage-deflate`,
      'permessage-bzip2; server_no_context_takeover; server_max_window_bits=10',
    ]
    for (const header of bad) assert.throws(() => readAgreement(header, offer), String(header))
  })
})

describe('the client of permessage-deflate', () => {
  test('deflates as in RFC 7692 section 7.2.3.1, and again the same without takeover', async () => {
    const client = new MessageDeflater(NO_TAKEOVER)
    const hello = Buffer.from('Hello')
    assert.equal((await client.deflate(hello)).toString('hex'), 'f248cdc9c90700')
    assert.equal((await client.deflate(hello)).toString('hex'), 'f248cdc9c90700')
    client.close()
  })

  test('refers to the message before with takeover, as in section 7.2.3.2', async () => {
    const client = new MessageDeflater({ ...NO_TAKEOVER, hasServerTakeover: true, hasClientTakeover: true })
    const [first, second] = [
      await client.deflate(Buffer.from('Hello')),
      await client.deflate(Buffer.from('Hello')),
    ]
    assert.equal(second.toString('hex'), 'f200110000')
    assert.equal((await client.inflate(first)).toString(), 'Hello')
    assert.equal((await client.inflate(second)).toString(), 'Hello')
    client.close()
  })

  test('notices a server that breaks the agreement', async () => {
    const cases: readonly (readonly [what: string, bytes: string])[] = [
      ['a reference to the message before', 'f2 00 11 00 00'],
      ['the end of the flush', 'f2 48 cd c9 c9 07 00 00 00 ff ff'],
      ['no DEFLATE data', '07 ff'],
    ]
    for (const [what, bytes] of cases) {
      const client = new MessageDeflater(NO_TAKEOVER)
      await client.inflate(hex('f2 48 cd c9 c9 07 00'))
      await assert.rejects(client.inflate(hex(bytes)), what)
      client.close()
    }
  })

  test('notices a reference beyond the window', async () => {
    const far = Buffer.concat([
      Buffer.from('GHIJKLMNOP'),
      Buffer.from(Buffer.from(new Random(3).bytes(300)).toString('hex')),
      Buffer.from('GHIJKLMNOP'),
    ])
    const bytes = deflateRawSync(far, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
    const client = new MessageDeflater({ ...NO_TAKEOVER, serverWindowBits: 9 })
    await assert.rejects(client.inflate(bytes), /A reference over 610 octets with 9 bits/)
    client.close()
    const wide = new MessageDeflater({ ...NO_TAKEOVER, serverWindowBits: 10 })
    assert.deepEqual(await wide.inflate(bytes), far)
    wide.close()
  })
})

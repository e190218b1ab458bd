import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test, type TestContext } from 'node:test'
import { WebSocket } from 'ws'
import { resolveCompression, type CompressionOptions } from '../../../src/websocket/compression-options.ts'
import { clientFrame, concat, hex } from '../../unit/websocket/client-frame.ts'
import { deflated } from '../../unit/websocket/deflating-client.ts'
import { accept, DriverServer } from './driver-server.ts'
import { handshake, RawClient } from './raw-client.ts'

const MIB = 1_048_576
const RSV1 = 4
const BOTH: CompressionOptions = { serverNoContextTakeover: false, clientNoContextTakeover: false }

function serve(t: TestContext, options: CompressionOptions = BOTH): Promise<DriverServer> {
  const compression = resolveCompression('compression', options)
  return DriverServer.start(t, {
    upgrade: () => accept({ message: (socket, message) => socket.send(message) }, { compression }),
  })
}

async function open(server: DriverServer, parameters = ''): Promise<RawClient> {
  const client = new RawClient(server)
  client.write(
    handshake({
      headers: { 'Sec-WebSocket-Extensions': `permessage-deflate; client_max_window_bits${parameters}` },
    }),
  )
  assert.match(await client.head(), /\r\nSec-WebSocket-Extensions: permessage-deflate/)
  return client
}

/** A gibibyte of zeros in one mebibyte: blocks that were flushed, one after another. */
function bomb(): Uint8Array {
  const part = deflated(Buffer.alloc(16 * MIB))
  const flushed = concat(part, hex('0000ffff'))
  return concat(...Array.from({ length: 63 }, () => flushed), part)
}

/** The most that buffers took while `work` ran. */
async function peakBytes(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().arrayBuffers
  let most = before
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 2)
  await work().finally(() => clearInterval(timer))
  return most - before
}

async function expectClose(client: RawClient, code: number, reason: string): Promise<void> {
  await client.ended()
  assert.deepEqual(client.events.at(-1), ['close', code, reason])
}

describe('compression bombs', () => {
  const payload = bomb()
  const frames: [name: string, bytes: Uint8Array][] = [
    ['in one frame', clientFrame(2, payload, { rsv: RSV1 })],
    [
      'in fragments',
      concat(
        ...Array.from({ length: 500 }, (_, index) => {
          const size = Math.ceil(payload.length / 500)
          return clientFrame(index === 0 ? 2 : 0, payload.subarray(index * size, (index + 1) * size), {
            rsv: index === 0 ? RSV1 : 0,
            fin: index === 499,
          })
        }),
      ),
    ],
  ]
  for (const [name, bytes] of frames) {
    test(`${name} end with 1009, in bounded memory and without harm to others`, async (t) => {
      const server = await serve(t)
      const other = new WebSocket(`ws://127.0.0.1:${server.port}/`)
      await once(other, 'open')
      const clients = await Promise.all(Array.from({ length: 8 }, () => open(server)))
      const peak = await peakBytes(async () => {
        for (const client of clients) client.write(bytes)
        other.send('hello '.repeat(1_000))
        await once(other, 'message')
        await Promise.all(clients.map((client) => expectClose(client, 1009, 'MESSAGE_TOO_LARGE')))
      })
      // Each may have its compressed message twice and what it comes to once.
      assert.ok(peak < 8 * 6 * MIB, `${Math.round(peak / MIB)} MiB`)
      other.terminate()
    })
  }

  test('of many messages are inflated one after the other', async (t) => {
    const server = await serve(t)
    const client = await open(server)
    const large = clientFrame(2, deflated(Buffer.alloc(MIB)), { rsv: RSV1 })
    const peak = await peakBytes(async () => {
      for (let i = 0; i < 100; i++) client.write(large)
      await client.untilEvents(100)
    })
    assert.ok(peak < 60 * MIB, `${Math.round(peak / MIB)} MiB`)
  })
})

describe('wrong data', () => {
  let state = 1
  const history = Buffer.from(
    Array.from({ length: 3_000 }, () => (state = (state * 48_271) % 2_147_483_647) % 251),
  )
  const cases: [name: string, parameters: string, frames: Uint8Array, reason: string][] = [
    [
      'a reference beyond the window that was agreed on',
      '=9',
      concat(
        clientFrame(2, deflated(history), { rsv: RSV1 }),
        clientFrame(2, deflated(history, history, 15), { rsv: RSV1 }),
      ),
      'DEFLATE_INVALID',
    ],
    ['random bytes', '', clientFrame(2, hex('deadbeefcafe'), { rsv: RSV1 }), 'DEFLATE_INVALID'],
    [
      'a message that is cut off',
      '',
      clientFrame(2, deflated(history).subarray(0, -20), { rsv: RSV1 }),
      'DEFLATE_INVALID',
    ],
    ['text that is not UTF-8', '', clientFrame(1, deflated(hex('48ff')), { rsv: RSV1 }), 'TEXT_NOT_UTF8'],
  ]
  for (const [name, parameters, frames, reason] of cases) {
    test(`${name} fails with 1007, and nothing behind it is taken`, async (t) => {
      const server = await serve(t)
      const client = await open(server, parameters)
      client.write(concat(frames, clientFrame(1, deflated('after'), { rsv: RSV1 }), clientFrame(1, 'after')))
      await expectClose(client, 1007, reason)
      assert.ok(!client.events.some(([kind]) => kind.includes('text')))
    })
  }

  test('a malformed header is answered with 400', async (t) => {
    const server = await serve(t)
    const client = new RawClient(server)
    client.write(handshake({ headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; =' } }))
    assert.match(await client.head(), /^HTTP\/1\.1 400 /)
  })

  test('a declined offer leaves the connection uncompressed', async (t) => {
    const server = await serve(t)
    const client = new RawClient(server)
    client.write(handshake({ headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; unheard_of' } }))
    assert.doesNotMatch(await client.head(), /extensions/i)
    client.write(clientFrame(1, deflated('a'), { rsv: RSV1 }))
    await expectClose(client, 1002, 'FRAME_RESERVED_BITS')
  })

  test('a client that leaves while its message is inflated is forgotten', async (t) => {
    const server = await serve(t)
    const client = await open(server)
    client.write(clientFrame(2, deflated(Buffer.alloc(MIB)), { rsv: RSV1 }))
    client.socket.resetAndDestroy()
    await client.closed
    while (server.registry.size > 0) await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(server.errors, [])
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test, type TestContext } from 'node:test'
import { WebSocket, type PerMessageDeflateOptions } from 'ws'
import { resolveCompression, type CompressionOptions } from '../../../src/websocket/compression-options.ts'
import type { SocketHooks } from '../../../src/websocket/socket-hooks.ts'
import { accept, DriverServer } from './driver-server.ts'

const BOTH: CompressionOptions = {
  thresholdBytes: 0,
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
}
const ECHO: SocketHooks = { message: (socket, message) => socket.send(message) }
const TOPIC: SocketHooks = {
  open: (socket) => socket.subscribe('t'),
  // Directly sent and published messages alternate, and all refer to what came before where they may.
  message: (socket, message) => {
    socket.send(message)
    socket.publish('t', message, { toSelf: true })
    socket.send(message)
  },
}

/** Messages that are alike, small and large, and some that are not compressed. */
const MESSAGES: readonly string[] = Array.from({ length: 60 }, (_, index) => {
  if (index % 7 === 3) return `${'large and €larger '.repeat(index * 250)}${index}`
  return index % 5 === 0
    ? ''
    : JSON.stringify({ index, text: 'hello hello '.repeat(index % 9), id: index ** 5 })
})

function serve(t: TestContext, hooks: SocketHooks, options: CompressionOptions): Promise<DriverServer> {
  const compression = resolveCompression('compression', options)
  return DriverServer.start(t, {
    upgrade: () => accept(hooks, { compression, limits: { maxPayloadBytes: 1 << 24 } }),
  })
}

/** Sends all messages with the client of Node and waits for as many as are expected. */
async function exchange(
  client: Pick<globalThis.WebSocket, 'send' | 'addEventListener'>,
  expected: number,
): Promise<unknown[]> {
  const received: unknown[] = []
  const all = new Promise<void>((resolve, reject) => {
    client.addEventListener('message', ({ data }) => {
      if (received.push(data) === expected) resolve()
    })
    client.addEventListener('close', ({ code, reason }) => {
      reject(new Error(`closed with ${code} ${reason}`))
    })
  })
  for (const message of MESSAGES) client.send(message)
  await all
  return received
}

describe('the ws client', () => {
  const modes: [name: string, offer: PerMessageDeflateOptions, agreed: string][] = [
    ['both takeovers', {}, 'permessage-deflate'],
    [
      'no takeover by the server',
      { serverNoContextTakeover: true },
      'permessage-deflate; server_no_context_takeover',
    ],
    [
      'no takeover by the client',
      { clientNoContextTakeover: true },
      'permessage-deflate; client_no_context_takeover',
    ],
    ['a server window of 8 bits', { serverMaxWindowBits: 8 }, 'permessage-deflate; server_max_window_bits=8'],
    [
      'windows of 9 and 10 bits',
      { serverMaxWindowBits: 9, clientMaxWindowBits: 10 },
      'permessage-deflate; server_max_window_bits=9; client_max_window_bits=10',
    ],
    [
      'no takeover and windows of 12 bits',
      {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        serverMaxWindowBits: 12,
        clientMaxWindowBits: 12,
      },
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=12',
    ],
  ]
  for (const [name, offer, agreed] of modes) {
    test(`gets back what it sends with ${name}`, async (t) => {
      const server = await serve(t, ECHO, BOTH)
      const client = new WebSocket(`ws://127.0.0.1:${server.port}/`, {
        perMessageDeflate: { threshold: 0, ...offer },
      })
      const [[answer]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')])
      assert.equal(answer.headers['sec-websocket-extensions'], agreed)
      assert.deepEqual(await exchange(client as never, MESSAGES.length), MESSAGES)
      client.terminate()
    })
  }

  test('is told what the server wants', async (t) => {
    const server = await serve(t, ECHO, { serverMaxWindowBits: 11, clientMaxWindowBits: 11 })
    const client = new WebSocket(`ws://127.0.0.1:${server.port}/`, { perMessageDeflate: { threshold: 0 } })
    const [[answer]] = await Promise.all([once(client, 'upgrade'), once(client, 'open')])
    assert.equal(
      answer.headers['sec-websocket-extensions'],
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; ' +
        'server_max_window_bits=11; client_max_window_bits=11',
    )
    assert.deepEqual(await exchange(client as never, MESSAGES.length), MESSAGES)
    client.terminate()
  })

  test('gets messages of topics and its own in order, with takeover', async (t) => {
    const server = await serve(t, TOPIC, BOTH)
    const client = new WebSocket(`ws://127.0.0.1:${server.port}/`)
    await once(client, 'open')
    const thrice = MESSAGES.flatMap((message) => [message, message, message])
    assert.deepEqual(await exchange(client as never, thrice.length), thrice)
    client.terminate()
  })

  test('is not compressed with when it does not offer it', async (t) => {
    const server = await serve(t, TOPIC, BOTH)
    const plain = new WebSocket(`ws://127.0.0.1:${server.port}/`, { perMessageDeflate: false })
    await once(plain, 'open')
    assert.equal(plain.extensions, '')
    const thrice = MESSAGES.flatMap((message) => [message, message, message])
    assert.deepEqual(await exchange(plain as never, thrice.length), thrice)
    plain.terminate()
  })
})

describe('the WebSocket of Node', () => {
  for (const [name, hooks, times] of [
    ['an echo', ECHO, 1],
    ['a topic', TOPIC, 3],
  ] as const) {
    test(`inflates ${name}`, async (t) => {
      const server = await serve(t, hooks, BOTH)
      const client = new globalThis.WebSocket(`ws://127.0.0.1:${server.port}/`)
      await once(client, 'open')
      assert.match(client.extensions, /^permessage-deflate/)
      const expected = MESSAGES.flatMap((message) => Array.from({ length: times }, () => message))
      assert.deepEqual(await exchange(client, expected.length), expected)
      client.close()
      await once(client, 'close')
    })
  }
})

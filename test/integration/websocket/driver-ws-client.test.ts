// not on bun: it looks at the driver of Node's connections
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { WebSocket, type ClientOptions } from 'ws'
import { Reply } from '../../../src/http/reply.ts'
import { handleUpgrade } from '../../../src/runtime/node/web-socket-upgrade.ts'
import type { SocketHooks } from '../../../src/websocket/socket-hooks.ts'
import { accept, DriverServer } from './driver-server.ts'
import { TEST_CERTIFICATE, TEST_KEY } from './test-certificate.ts'

const ECHO: SocketHooks = { message: (socket, message) => socket.send(message) }

async function open(url: string, options: ClientOptions & { protocols?: string[] } = {}): Promise<WebSocket> {
  const { protocols = [], ...rest } = options
  const client = new WebSocket(url, protocols, { perMessageDeflate: false, ...rest })
  await once(client, 'open')
  return client
}

async function nextMessage(client: WebSocket): Promise<string | Buffer> {
  const [data, isBinary] = (await once(client, 'message')) as [Buffer, boolean]
  return isBinary ? data : data.toString()
}

describe('the ws client', () => {
  test('gets back what it sends, of every size', async (t) => {
    const server = await DriverServer.start(t, {
      upgrade: () => accept(ECHO, { limits: { maxPayloadBytes: 1 << 24 } }),
    })
    const client = await open(`ws://127.0.0.1:${server.port}/`)
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 1_000_000, 1 << 24]) {
      const bytes = Buffer.alloc(size, 'GoWeb €')
      client.send(bytes)
      assert.deepEqual(await nextMessage(client), bytes)
      if (size > 1_000_000) continue
      const text = 'ä€𝄞x'.repeat(size / 8)
      client.send(text)
      assert.equal(await nextMessage(client), text)
    }
    client.terminate()
  })

  test('sends fragments, pings and pongs', async (t) => {
    const seen: string[] = []
    const server = await DriverServer.start(t, {
      upgrade: () =>
        accept({
          ...ECHO,
          ping: (_socket, payload) => seen.push(`ping ${Buffer.from(payload).toString()}`),
          pong: (_socket, payload) => seen.push(`pong ${Buffer.from(payload).toString()}`),
          open: (socket) => socket.ping('are you there'),
        }),
    })
    const client = new WebSocket(`ws://127.0.0.1:${server.port}/`, { perMessageDeflate: false })
    await once(client, 'ping')
    client.ping('hello')
    const [pong] = (await once(client, 'pong')) as [Buffer]
    assert.equal(pong.toString(), 'hello')
    client.send('one ', { fin: false })
    client.ping()
    client.send('two ', { fin: false })
    client.send('three')
    assert.equal(await nextMessage(client), 'one two three')
    assert.deepEqual(seen, ['pong are you there', 'ping hello', 'ping '])
    client.terminate()
  })

  test('closes with its code, and is closed with the server’s', async (t) => {
    const closed = Promise.withResolvers<readonly [number, string]>()
    const server = await DriverServer.start(t, {
      upgrade: (request) =>
        request.path === '/server'
          ? accept({ open: (socket) => socket.close(4321, 'going') })
          : accept({ close: (_socket, code, reason) => closed.resolve([code, reason]) }),
    })
    const first = await open(`ws://127.0.0.1:${server.port}/`)
    first.close(4000, 'tschüß')
    assert.deepEqual(await closed.promise, [4000, 'tschüß'])
    const second = new WebSocket(`ws://127.0.0.1:${server.port}/server`, { perMessageDeflate: false })
    const [code, reason] = (await once(second, 'close')) as [number, Buffer]
    assert.deepEqual([code, reason.toString()], [4321, 'going'])
  })

  test('agrees on a subprotocol, and offers compression in vain', async (t) => {
    const server = await DriverServer.start(t, { upgrade: () => accept(ECHO, { protocol: 'b' }) })
    const client = await open(`ws://127.0.0.1:${server.port}/`, {
      protocols: ['a', 'b'],
      perMessageDeflate: true,
    })
    assert.equal(client.protocol, 'b')
    assert.equal(client.extensions, '')
    client.send('x'.repeat(5_000))
    assert.equal((await nextMessage(client)).length, 5_000)
    client.terminate()
  })

  test('is told why it was refused', async (t) => {
    const server = await DriverServer.start(t, { upgrade: () => new Reply(401, 'who are you', 'text/plain') })
    const client = new WebSocket(`ws://127.0.0.1:${server.port}/`)
    const [, response] = (await once(client, 'unexpected-response')) as [unknown, { statusCode: number }]
    assert.equal(response.statusCode, 401)
    client.on('error', () => {})
    client.terminate()
  })

  test('connects over TLS', async (t) => {
    const server = new DriverServer({ upgrade: () => accept(ECHO) })
    const https = createTlsServer({ key: TEST_KEY, cert: TEST_CERTIFICATE })
    https.on('upgrade', (req, socket, head) => {
      handleUpgrade({ req, socket, head, dispatcher: server, registry: server.registry })
    })
    https.listen(0, '127.0.0.1')
    await once(https, 'listening')
    t.after(() => {
      server.registry.terminateAll()
      https.close()
    })
    const { port } = https.address() as AddressInfo
    const client = await open(`wss://127.0.0.1:${port}/`, { ca: TEST_CERTIFICATE })
    for (const size of [10, 100_000, 1_000_000]) {
      client.send('x'.repeat(size))
      assert.equal((await nextMessage(client)).length, size)
    }
    const closed = once(client, 'close')
    client.close(1000)
    await closed
    assert.equal(server.registry.size, 0)
  })
})

test('nothing of the request is kept while the socket lives', async (t) => {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  const requests: WeakRef<object>[] = []
  const server = await DriverServer.start(t, {
    upgrade: async (request) => {
      requests.push(new WeakRef(request))
      assert.equal(request.signal.aborted, false)
      await new Promise(setImmediate)
      return accept(ECHO)
    },
    onUpgrade: (req) => void requests.push(new WeakRef(req)),
  })
  const clients = await Promise.all(Array.from({ length: 20 }, () => open(`ws://127.0.0.1:${server.port}/`)))
  assert.equal(requests.length, 40)
  // Collected when nothing refers to them; how many rounds that takes is the collector's affair.
  const isGone = (): boolean => requests.filter((request) => request.deref() !== undefined).length <= 2
  for (let round = 0; round < 200 && !isGone(); round++) {
    await new Promise(setImmediate)
    gc()
  }
  assert.ok(
    isGone(),
    `${requests.filter((request) => request.deref() !== undefined).length} of 40 are still there`,
  )
  assert.equal(server.registry.size, 20)
  for (const client of clients) client.terminate()
})

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, type ListenOptions, type Server } from 'goweb'
import { assertEnds, assertStays, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { SocketClient, handshakeRequest } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { skipOn } from '../../skip-on.ts'

/** Longer than any test may take: a close that waits for it fails by the time-out of its test. */
const FOREVER_MS = 600_000
const within = { timeout: 60_000 }

/** A server whose `/held` answers when it is let, and `/upgrade` decides when it is let. */
async function makeServer(options: ListenOptions = {}) {
  const called = Promise.withResolvers<void>()
  const letAnswer = Promise.withResolvers<void>()
  const closes: number[] = []
  const app = new GoWeb({ report: (error) => assert.fail(String(error)) })
    .get('/hello', (c) => c.text('hello'))
    .get('/held', async (c) => {
      called.resolve()
      await letAnswer.promise
      return c.text('held')
    })
    .get('/stream', async function* () {
      yield 'first'
      called.resolve()
      await letAnswer.promise
      yield 'last'
    })
    .ws('/echo', {
      closeTimeoutMs: FOREVER_MS,
      message: (socket, message) => void socket.send(message),
      close: (_socket, code) => void closes.push(code),
    })
    .ws('/undecided', {
      upgrade: async () => {
        called.resolve()
        await letAnswer.promise
      },
    })
    .ws('/refused', { upgrade: (c) => c.text('x'.repeat(20_000_000), 403) })
  const server = await app.listen({ port: 0, host: '127.0.0.1', closeTimeoutMs: FOREVER_MS, ...options })
  return { server, called: called.promise, letAnswer: letAnswer.resolve, closes }
}

async function assertRefuses(server: Server): Promise<void> {
  await assert.rejects(TcpClient.connect({ port: server.port }), { code: 'ECONNREFUSED' })
}

describe('close', () => {
  test('without connections resolves, and so does closed', within, async () => {
    const { server } = await makeServer()
    const closing = server.close()
    assert.equal(server.close(), closing, 'the same promise')
    await closing
    await server.closed
    assert.equal(server.close(), closing)
    await assertRefuses(server)
  })

  test('lets a request in flight finish, and takes no new connection meanwhile', within, async () => {
    const { server, called, letAnswer } = await makeServer()
    const client = await TcpClient.connect({ port: server.port })
    await client.write(request('GET /held'))
    await called
    const closing = server.close(Infinity)
    await assertRefuses(server)
    letAnswer()
    const response = await takeResponse(client)
    assert.deepEqual([response.body.toString(), response.header('connection')], ['held', 'close'])
    await assertEnds(client)
    await closing
    await client.close()
  })

  test('lets an answer in flight finish', within, async () => {
    const { server, called, letAnswer } = await makeServer()
    const client = await TcpClient.connect({ port: server.port })
    await client.write(request('GET /stream'))
    await called
    const closing = server.close()
    letAnswer()
    assert.equal((await takeResponse(client)).body.toString(), 'firstlast')
    await assertEnds(client)
    await closing
    await client.close()
  })

  test('ends idle connections at once', within, async () => {
    const { server } = await makeServer()
    const clients = await Promise.all(
      Array.from({ length: 5 }, () => TcpClient.connect({ port: server.port })),
    )
    for (const client of clients) await assertStays(client)
    await server.close()
    for (const client of clients) await assertEnds(client)
  })

  const outlives = skipOn('bun', 'Bun has no way to end a connection that never sent anything')
  test('ends connections that never sent anything at once', { ...within, skip: outlives }, async () => {
    const { server } = await makeServer()
    const client = await TcpClient.connect({ port: server.port })
    const other = await TcpClient.connect({ port: server.port })
    await assertStays(other)
    await server.close()
    await assertEnds(client)
    await assertEnds(other)
  })

  for (const [name, bytes] of [
    ['headers that never end', 'GET /hello HTTP/1.1\r\nHost: lo'],
    ['an answer that never comes', request('GET /held')],
    ['an answer that never ends', request('GET /stream')],
    ['a handshake that is never decided on', handshakeRequest('/undecided')],
    ['the refusal of a handshake that nobody reads', handshakeRequest('/refused')],
  ] as const) {
    test(`is bounded: ${name}`, within, async () => {
      const { server } = await makeServer()
      const client = await TcpClient.connect({ port: server.port, isPaused: true })
      await client.write(bytes)
      const other = await TcpClient.connect({ port: server.port })
      // Its answer tells that the bytes of the first have been read.
      await assertStays(other)
      await server.close(100)
      await client.close()
      await other.close()
    })
  }

  test('with 0 ends everything at once', within, async () => {
    const { server, called } = await makeServer()
    const client = await TcpClient.connect({ port: server.port })
    const socket = await SocketClient.open({ port: server.port })
    await client.write(request('GET /held'))
    await called
    await server.close(0)
    assert.equal((await client.takeRest()).toString(), '')
    await socket.tcp.takeRest()
    await client.close()
    await socket.tcp.close()
  })

  test('lets sockets say last words and a code of their own', within, async () => {
    const errors: unknown[] = []
    const app = new GoWeb({ report: (error) => assert.fail(String(error)) }).ws('/last/{what}', {
      upgrade: (c) => ({ what: c.params.what }),
      shutdown: (socket) => {
        socket.send('bye')
        if (socket.data.what === 'code') socket.close(1012, 'back soon')
        if (socket.data.what === 'throw') throw new Error('a mistake')
      },
      error: (_socket, error) => errors.push(error),
    })
    const server = await app.listen({ port: 0, host: '127.0.0.1' })
    const clients = await Promise.all(
      ['words', 'code', 'throw'].map((what) =>
        SocketClient.open({ port: server.port, target: `/last/${what}` }),
      ),
    )
    const closing = server.close()
    const codes: number[] = []
    for (const client of clients) {
      assert.equal(await client.takeText(), 'bye')
      const code = await client.takeClose()
      codes.push(code)
      await client.sendClose(code)
      assert.equal((await client.tcp.takeRest()).length, 0)
    }
    await closing
    for (const client of clients) await client.tcp.close()
    assert.deepEqual(codes, [1001, 1012, 1001])
    assert.deepEqual(
      errors.map((error) => (error as Error).message),
      ['a mistake'],
    )
  })

  test('closes sockets with 1001, and waits for their answers', within, async () => {
    const { server, closes } = await makeServer()
    const clients = await Promise.all([1, 2, 3].map(() => SocketClient.open({ port: server.port })))
    const closing = server.close()
    for (const client of clients) {
      assert.equal(await client.takeClose(), 1001)
      await client.sendClose(1001)
      assert.equal((await client.tcp.takeRest()).length, 0)
    }
    await closing
    assert.deepEqual(closes, [1001, 1001, 1001])
    for (const client of clients) await client.tcp.close()
  })

  test('waits no longer than it was told for a socket that does not answer', within, async () => {
    const { server, closes } = await makeServer()
    const client = await SocketClient.open({ port: server.port })
    const closing = server.close(100)
    assert.equal(await client.takeClose(), 1001)
    await closing
    assert.equal(closes.length, 1)
    await client.tcp.close()
  })

  test('refuses a handshake that is decided on too late', within, async () => {
    const { server, called, letAnswer } = await makeServer()
    const client = await TcpClient.connect({ port: server.port })
    await client.write(handshakeRequest('/undecided'))
    await called
    const closing = server.close()
    letAnswer()
    assert.equal((await takeResponse(client)).status, 503)
    await assertEnds(client)
    await closing
    await client.close()
  })

  test('serves no further request on a connection whose request it lets finish', within, async () => {
    const { server, called, letAnswer } = await makeServer()
    const client = await TcpClient.connect({ port: server.port })
    await client.write(request('GET /held'))
    await called
    const closing = server.close()
    letAnswer()
    await takeResponse(client)
    await client.write(request('GET /hello'))
    assert.equal((await client.takeRest()).toString(), '')
    await closing
    await client.close()
  })

  test(
    'answers requests that were sent together with the one in flight, or ends the connection',
    within,
    async () => {
      const { server, called, letAnswer } = await makeServer()
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request('GET /held') + request('GET /hello'))
      await called
      const closing = server.close()
      letAnswer()
      assert.equal((await takeResponse(client)).body.toString(), 'held')
      assert.match((await client.takeRest()).toString(), /^(?:HTTP\/1\.1 200 [^]*hello)?$/)
      await closing
      await client.close()
    },
  )

  test('of one of two servers leaves the other alone', within, async () => {
    const app = new GoWeb()
      .get('/hello', (c) => c.text('hello'))
      .ws('/echo', { message: (socket, message) => void socket.send(message) })
    const [first, second] = await Promise.all([
      app.listen({ port: 0, host: '127.0.0.1' }),
      app.listen({ port: 0, host: '127.0.0.1' }),
    ])
    const client = await SocketClient.open({ port: second.port })
    await first.close()
    await client.sendText('still there')
    assert.equal(await client.takeText(), 'still there')
    await client.close()
    await second.close()
  })

  describe('while clients of a server come and go', () => {
    let server: Server
    before(async () => ({ server } = await makeServer()))
    after(() => server.close(0))

    test('the app survives connections that break off at every point', within, async () => {
      const bytes = Buffer.from(handshakeRequest('/echo'))
      for (let cut = 0; cut <= bytes.length; cut += 7) {
        for (const how of ['reset', 'end'] as const) {
          const client = await TcpClient.connect({ port: server.port })
          await client.write(bytes.subarray(0, cut))
          client[how]()
          await client.close()
        }
      }
      const client = await SocketClient.open({ port: server.port })
      await client.close()
    })
  })
})

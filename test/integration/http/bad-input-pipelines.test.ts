import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { GoWeb, GoWebError, type Server } from 'goweb'
import {
  assertEnds,
  assertProblem,
  assertRefused,
  assertStays,
  post,
  request,
} from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { SocketClient, handshakeRequest } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { skipOn } from '../../skip-on.ts'

/** Node from 22.21 and 24.9 on asks whether to upgrade; before, it has stopped parsing when it tells of a handshake. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
const isAsked = (major === 22 && minor >= 21) || (major === 24 && minor >= 9) || major > 24

const skip = skipOn(
  'bun',
  'Bun ends a connection on which another request comes before the one before it is answered',
)

const answered = skipOn(
  'bun',
  'Bun has answered the request before it by then, so that it is a handshake like any other',
)

describe('several requests on one connection', () => {
  let server: Server
  let client: TcpClient
  /** Lets the handlers of `/held` answer, in the order they were called. */
  const held: (() => void)[] = []
  const arrived: (() => void)[] = []

  before(async () => {
    const app = new GoWeb({ bodyLimitBytes: 1000, report: () => {} })
      .get('/hello', (c) => c.text('hello'))
      .get('/number/{n}', (c) => c.text(c.params.n))
      .get('/held', async (c) => {
        const answer = new Promise<void>((resolve) => held.push(resolve))
        arrived.shift()?.()
        await answer
        return c.text('held')
      })
      .get('/broken', () => {
        throw new TypeError('broken')
      })
      .get('/refused', () => {
        throw new GoWebError('FORBIDDEN')
      })
      .post('/json', async (c) => c.json(await c.body.json()))
      .ws('/echo', { message: (socket, message) => void socket.send(message) })
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  afterEach(() => client.close())
  after(() => server.close(0))

  async function connect(): Promise<void> {
    client = await TcpClient.connect({ port: server.port })
  }

  /** Sends a request that is held together with what follows it, and waits until its handler runs. */
  async function sendBehindHeld(bytes: string): Promise<void> {
    await connect()
    const running = new Promise<void>((resolve) => arrived.push(resolve))
    await client.write(request('GET /held') + bytes)
    await running
  }

  /** Waits until the server has handled everything that was sent before: it answers on another connection. */
  async function settle(): Promise<void> {
    const other = await TcpClient.connect({ port: server.port })
    for (let i = 0; i < 3; i++) await assertStays(other)
    await other.close()
  }

  async function takeHeld(): Promise<void> {
    const response = await takeResponse(client)
    assert.deepEqual([response.status, response.body.toString()], [200, 'held'])
  }

  test('a hundred in one packet are answered in order', async () => {
    await connect()
    await client.write(Array.from({ length: 100 }, (_, n) => request(`GET /number/${n}`)).join(''))
    for (let n = 0; n < 100; n++) assert.equal((await takeResponse(client)).body.toString(), String(n))
    await assertStays(client)
  })

  test('answers keep their order when a later one is ready first', { skip }, async () => {
    await sendBehindHeld(request('GET /number/1') + request('GET /number/2'))
    await settle()
    assert.equal(client.available, 0)
    held.shift()?.()
    await takeHeld()
    assert.equal((await takeResponse(client)).body.toString(), '1')
    assert.equal((await takeResponse(client)).body.toString(), '2')
  })

  test('a malformed request is answered after the one before it', { skip }, async () => {
    await sendBehindHeld('GARBAGE\r\n\r\n')
    await settle()
    held.shift()?.()
    await takeHeld()
    assertProblem(await takeResponse(client), 400, 'REQUEST_MALFORMED')
    await assertEnds(client)
  })

  test('a malformed body is answered after the request before it', { skip }, async () => {
    await sendBehindHeld(request('POST /json', ['Transfer-Encoding: chunked'], 'xyz\r\n'))
    await settle()
    held.shift()?.()
    await takeHeld()
    assertProblem(await takeResponse(client), 400, 'REQUEST_MALFORMED')
    await assertEnds(client)
  })

  test('a handshake behind an unanswered request does not get into its answer', { skip }, async () => {
    await sendBehindHeld(handshakeRequest('/echo'))
    await settle()
    held.shift()?.()
    if (!isAsked) return assertEnds(client)
    await takeHeld()
    assertProblem(await takeResponse(client), 426, 'UPGRADE_REQUIRED')
    return assertStays(client)
  })

  for (const [name, handshake, status] of [
    ['of an unknown path', handshakeRequest('/nowhere'), 404],
    ['of another version', handshakeRequest('/echo').replace('Version: 13', 'Version: 12'), 426],
    ['without a key', handshakeRequest('/echo').replace(/Sec-WebSocket-Key.*\r\n/, ''), 426],
  ] as const) {
    test(`a handshake ${name} behind an unanswered request harms nobody`, { skip }, async () => {
      await sendBehindHeld(handshake)
      await settle()
      held.shift()?.()
      if (!isAsked) return assertEnds(client)
      await takeHeld()
      assert.equal((await takeResponse(client)).status, status)
      return assertStays(client)
    })
  }

  for (const [name, handshake] of [
    ['of an unknown path', handshakeRequest('/nowhere')],
    ['of another version', handshakeRequest('/echo').replace('Version: 13', 'Version: 12')],
    ['that is good', handshakeRequest('/echo')],
  ] as const) {
    test(
      `a handshake ${name} in one packet with a request that is answered at once harms nobody`,
      { skip: answered },
      async () => {
        await connect()
        await client.write(request('GET /hello') + handshake)
        const response = await takeResponse(client)
        assert.equal(response.body.toString(), 'hello')
        if (!isAsked) return assertEnds(client)
        assert.ok([404, 426].includes((await takeResponse(client)).status))
        return assertStays(client)
      },
    )
  }

  test('a handshake after an answered request is accepted', async () => {
    await connect()
    await assertStays(client)
    await client.write(handshakeRequest('/echo'))
    const socket = new SocketClient(client, await takeResponse(client))
    assert.equal(socket.response.status, 101)
    await socket.sendText('late')
    assert.equal(await socket.takeText(), 'late')
  })

  test('CONNECT behind an unanswered request ends the connection and harms nobody', async () => {
    await sendBehindHeld(request('CONNECT example.com:443'))
    await client.takeRest()
    held.shift()?.()
    await settle()
  })

  test('a request behind Connection: close is not served', async () => {
    await connect()
    await client.write(request('GET /hello', ['Connection: close']) + request('GET /number/1'))
    const response = await takeResponse(client)
    // Bun ends the connection without having told.
    if (process.versions['bun'] === undefined) assert.equal(response.header('connection'), 'close')
    await assertEnds(client)
  })

  test('a request on HTTP/1.0 without keep-alive ends the connection', async () => {
    await connect()
    await client.write('GET /hello HTTP/1.0\r\n\r\n')
    assert.equal((await takeResponse(client)).body.toString(), 'hello')
    await assertEnds(client)
  })

  test('garbage in many packets gets one answer and an orderly end', async () => {
    await connect()
    await client.writeInChops(Buffer.alloc(100_000, 'garbage '), 10_000)
    assertRefused(await takeResponse(client), 400, 'REQUEST_MALFORMED')
    await assertEnds(client)
  })

  test('a client that leaves between two requests harms nobody', async () => {
    await sendBehindHeld(request('GET /number/1'))
    client.reset()
    held.shift()?.()
    await settle()
  })

  for (const [name, sent, status] of [
    ['an unknown path', request('GET /nowhere'), 404],
    ['a method that is not allowed', request('DELETE /hello'), 405],
    ['a bad path', request('GET /%zz'), 400],
    ['a refusal', request('GET /refused'), 403],
    ['a handler that throws', request('GET /broken'), 500],
    ['bad JSON', post('/json', '{'), 400],
    ['a body of another type', post('/json', '{}', 'text/plain'), 415],
    ['a body over the limit that has arrived', post('/json', JSON.stringify('a'.repeat(1000))), 413],
    ['a body that nobody reads', post('/nowhere', '{}'), 404],
    ['a HEAD request that fails', request('HEAD /nowhere'), 404],
  ] as const) {
    test(`the connection serves on after ${name}`, async () => {
      await connect()
      await client.write(sent)
      const response = await takeResponse(client, { isHead: sent.startsWith('HEAD') })
      assert.equal(response.status, status)
      await assertStays(client)
    })
  }
})

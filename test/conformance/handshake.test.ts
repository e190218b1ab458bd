import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, GoWebError, type Server } from 'goweb'
import { TEXT, frame, reply } from './cases/conformance-case.ts'
import { HANDSHAKES, type HandshakeCase } from './cases/handshakes.ts'
import { handshakeOnThisRuntime } from './cases/on-bun.ts'
import { clientFrame } from './wire/frames.ts'
import { takeResponse } from './wire/http-response.ts'
import { SocketClient, handshakeRequest } from './wire/socket-client.ts'
import { TcpClient } from './wire/tcp-client.ts'

const isBun = process.versions['bun'] !== undefined

describe('opening handshake (RFC 6455 section 4.2)', () => {
  let server: Server
  const reported: unknown[] = []

  before(async () => {
    const app = new GoWeb({
      allowedOrigins: ['https://app.example.net'],
      report: (error) => reported.push(error),
    })
      .ws('/echo', { message: (socket, message) => void socket.send(message) })
      .ws('/chat', { protocols: ['chat.v2', 'chat.v1'], open: (socket) => void socket.send(socket.protocol) })
      .ws('/refused', {
        upgrade: () => {
          throw new GoWebError('UNAUTHORIZED', 'Who are you?')
        },
      })
      .ws('/broken', {
        upgrade: () => {
          throw new TypeError('a secret of the server')
        },
      })
      .ws('/moved', { upgrade: (c) => c.redirect('/echo', 307) })
      .get('/hello', (c) => c.text('hello over HTTP'))
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  after(() => server.close(0))

  for (const row of HANDSHAKES.map(handshakeOnThisRuntime)) {
    test(`${row.name}: ${row.status}`, () => runHandshake(row, server.port, false))
    test(`${row.name}, octet by octet: ${row.status}`, () => runHandshake(row, server.port, true))
  }

  test('errors of the app are reported, refusals are not', () => {
    const broken = HANDSHAKES.filter(({ status }) => status === 500).length * 2
    assert.equal(reported.length, broken)
    assert.ok(reported.every((error) => error instanceof TypeError))
  })

  test('frames in the same packet as the request are served', async () => {
    const tcp = await TcpClient.connect({ port: server.port })
    const request = Buffer.from(handshakeRequest('/echo'))
    await tcp.write(Buffer.concat([request, frame(TEXT, 'first'), frame(TEXT, 'second')]))
    assert.equal((await takeResponse(tcp)).status, 101)
    const expected = Buffer.concat([reply(TEXT, 'first'), reply(TEXT, 'second')])
    assert.deepEqual(await tcp.take(expected.length), expected)
    await tcp.close()
  })

  test('the first half of a frame in the same packet as the request is kept', async () => {
    const tcp = await TcpClient.connect({ port: server.port })
    const whole = frame(TEXT, 'in two packets')
    await tcp.write(Buffer.concat([Buffer.from(handshakeRequest('/echo')), whole.subarray(0, 9)]))
    assert.equal((await takeResponse(tcp)).status, 101)
    await tcp.write(whole.subarray(9))
    const expected = reply(TEXT, 'in two packets')
    assert.deepEqual(await tcp.take(expected.length), expected)
    await tcp.close()
  })

  test('a bad frame in the same packet as the request fails the connection after the answer', async () => {
    const tcp = await TcpClient.connect({ port: server.port })
    await tcp.write(Buffer.concat([Buffer.from(handshakeRequest('/echo')), clientFrame(0xff)]))
    const response = await takeResponse(tcp)
    assert.equal(response.status, 101)
    assert.equal(await new SocketClient(tcp, response).takeClose(), 1002)
    assert.equal((await tcp.takeRest()).length, 0)
    await tcp.close()
  })

  test('frames that a client sends before its refusal are never taken for a request', async () => {
    const tcp = await TcpClient.connect({ port: server.port })
    const smuggled = 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'
    await tcp.write(handshakeRequest('/refused') + smuggled)
    assert.equal((await takeResponse(tcp)).status, 401)
    assert.equal((await tcp.takeRest()).toString(), '')
    await tcp.close()
  })

  test('a plain request after a refused handshake without an upgrade is served on the same connection', async () => {
    const tcp = await TcpClient.connect({ port: server.port })
    await tcp.write('GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.equal((await takeResponse(tcp)).status, 426)
    await tcp.write('GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n')
    assert.equal((await takeResponse(tcp)).body.toString(), 'hello over HTTP')
    await tcp.close()
  })

  test('a request that asks for h2c is answered over HTTP/1.1, and so is the next one', async () => {
    const tcp = await TcpClient.connect({ port: server.port })
    const request =
      'GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n'
    await tcp.write(request)
    const response = await takeResponse(tcp)
    assert.equal(response.status, 200)
    assert.equal(response.body.toString(), 'hello over HTTP')
    await tcp.close()
  })

  test('the body of a request that asks for h2c arrives', async () => {
    const app = new GoWeb().post('/length', async (c) => c.text(String((await c.body.bytes()).length)))
    const other = await app.listen({ port: 0, host: '127.0.0.1' })
    const tcp = await TcpClient.connect({ port: other.port })
    await tcp.write(
      'POST /length HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello',
    )
    assert.equal((await takeResponse(tcp)).body.toString(), '5')
    await tcp.close()
    await other.close()
  })
})

async function runHandshake(row: HandshakeCase, port: number, isOctetwise: boolean): Promise<void> {
  const tcp = await TcpClient.connect({ port })
  const request = Buffer.from(`${row.lines.join('\r\n')}\r\n\r\n`, 'latin1')
  try {
    await tcp.writeInChops(request, isOctetwise ? 1 : request.length)
    const response = await takeResponse(tcp)
    assert.equal(response.status, row.status)
    for (const [name, value] of Object.entries(row.headers ?? {})) {
      if (value === null) assert.equal(response.headers.has(name), false, name)
      else assert.deepEqual(response.headers.get(name), [value], name)
    }
    if (row.status === 101) {
      await assertServes(new SocketClient(tcp, response), row)
      return
    }
    // An ordinary answer: its length is told, and all of it arrives. Bun's parser tells none of an empty one.
    const length = response.header('content-length')
    if (!isBun || length !== undefined) assert.equal(length, String(response.body.length))
    if (row.code !== undefined) {
      assert.equal(response.header('content-type'), 'application/problem+json')
      const problem = response.json() as { status: number; code: string }
      assert.deepEqual([problem.status, problem.code], [row.status, row.code])
    }
    assert.ok(!response.body.includes('secret'))
  } finally {
    await tcp.close()
  }
}

async function assertServes(client: SocketClient, row: HandshakeCase): Promise<void> {
  if (row.headers?.['sec-websocket-accept'] === undefined) {
    assert.equal(await client.takeText(), row.headers?.['sec-websocket-protocol'] ?? '')
  } else {
    await client.sendText('served')
    assert.equal(await client.takeText(), 'served')
  }
  await client.close()
}

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, isGoWebError, type Server } from 'goweb'
import { makeCertificate, type TestCertificate } from '../../conformance/wire/certificate.ts'
import { assertEnds, assertStays, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { SocketClient } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'

describe('https and wss', () => {
  let certificate: TestCertificate
  let server: Server
  const closes: number[] = []

  const listen = (tls: Parameters<GoWeb['listen']>[0] & object): Promise<Server> =>
    new GoWeb({ report: (error) => assert.fail(String(error)) })
      .get('/hello', (c) => c.text('hello'))
      .get('/scheme', (c) => {
        c.cookies.set('id', '1')
        return c.json({ scheme: c.scheme, url: c.url.href })
      })
      .get('/large', (c) => c.text('x'.repeat(3_000_000)))
      .ws('/echo', {
        maxPayloadBytes: 8_000_000,
        message: (socket, message) => void socket.send(message),
        close: (_socket, code) => void closes.push(code),
      })
      .listen({ port: 0, host: '127.0.0.1', ...tls })

  const connect = (): Promise<TcpClient> => TcpClient.connect({ port: server.port, ca: certificate.cert })

  before(async () => {
    certificate = makeCertificate()
    server = await listen({ tls: certificate })
  })
  after(() => server.close(0))

  test('https is served, and known as such', async () => {
    assert.equal(server.url, `https://127.0.0.1:${server.port}`)
    const client = await connect()
    await assertStays(client)
    await client.write(request('GET /scheme'))
    const response = await takeResponse(client)
    assert.deepEqual(response.json(), { scheme: 'https', url: 'https://localhost/scheme' })
    assert.match(response.header('set-cookie') ?? '', /; Secure/)
    await client.close()
  })

  test('a large answer arrives whole', async () => {
    const client = await connect()
    await client.write(request('GET /large'))
    assert.equal((await takeResponse(client)).body.length, 3_000_000)
    await client.close()
  })

  test('wss is served, with the same origin check', async () => {
    const options = { port: server.port, ca: certificate.cert }
    const client = await SocketClient.open({ ...options, headers: ['Origin: https://localhost'] })
    await client.sendText('over TLS')
    assert.equal(await client.takeText(), 'over TLS')
    await client.close()
    await assert.rejects(
      SocketClient.open({ ...options, headers: ['Origin: http://localhost'] }),
      /Refused with 403/,
    )
  })

  test('large messages pass over wss', async () => {
    const client = await SocketClient.open({ port: server.port, ca: certificate.cert })
    const payload = Buffer.alloc(5_000_000, 'binary')
    await client.send(0x82, payload)
    const frame = await client.takeFrame()
    assert.ok(frame.payload.equals(payload))
    await client.close()
  })

  test('a bad request over TLS is answered', async () => {
    const client = await connect()
    await client.write('GARBAGE\r\n\r\n')
    assert.equal((await takeResponse(client)).status, 400)
    await assertEnds(client)
    await client.close()
  })

  test('plain HTTP, garbage and clients that break off the handshake harm nobody', async () => {
    for (const bytes of [request('GET /hello'), 'garbage', '', '\x16\x03\x01\x00\xa5\x01']) {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(Buffer.from(bytes, 'latin1'))
      if (bytes === '' || bytes.startsWith('\x16')) client.reset()
      else await client.takeRest()
      await client.close()
    }
    const client = await connect()
    await assertStays(client)
    await client.close()
  })

  test('a key with a passphrase is taken, bytes are as good as text', async () => {
    const { cert, key } = makeCertificate({ passphrase: 'open sesame' })
    const tls = {
      cert: new TextEncoder().encode(cert),
      key: new TextEncoder().encode(key),
      passphrase: 'open sesame',
    }
    const other = await listen({ tls })
    const client = await TcpClient.connect({ port: other.port, ca: cert })
    await assertStays(client)
    await client.close()
    await other.close()
    await assert.rejects(
      listen({ tls: { cert, key, passphrase: 'wrong' } }),
      (error) => isGoWebError(error) && error.code === 'LISTEN_OPTIONS_INVALID',
    )
  })

  test('a key that does not belong to the certificate is refused', async () => {
    const tls = { cert: certificate.cert, key: makeCertificate().key }
    await assert.rejects(
      listen({ tls }),
      (error) => isGoWebError(error) && error.code === 'LISTEN_OPTIONS_INVALID',
    )
  })

  test(
    'close ends idle connections, sockets with 1001, and is bounded for handshakes that never end',
    { timeout: 60_000 },
    async () => {
      const other = await listen({ tls: certificate, closeTimeoutMs: 600_000 })
      const silent = await TcpClient.connect({ port: other.port })
      const idle = await TcpClient.connect({ port: other.port, ca: certificate.cert })
      await assertStays(idle)
      const socket = await SocketClient.open({ port: other.port, ca: certificate.cert })
      closes.length = 0
      const closing = other.close(300)
      assert.equal(await socket.takeClose(), 1001)
      await socket.sendClose(1001)
      await assertEnds(idle)
      await closing
      assert.deepEqual(closes, [1001])
      await silent.close()
      await socket.tcp.close()
    },
  )
})

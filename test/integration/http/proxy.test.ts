import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { GoWeb, type GoWebOptions, type Server } from 'goweb'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { handshakeRequest, SocketClient } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'

const HEADERS = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'example.com',
}

async function listen(t: TestContext, options: GoWebOptions): Promise<Server> {
  const app = new GoWeb({ ...options, report: () => {} })
    .get('/who', (c) => {
      c.cookies.set('session', 'x')
      return c.json({ ip: c.ip, url: c.url.href, request: c.request.url })
    })
    .get('/where', { match: { host: 'example.com' } }, () => 'the site')
    .ws('/echo', {
      upgrade: (c) => c.ip,
      message: (socket) => void socket.send(socket.data),
    })
    .channel('open/{room}', { delivery: 'live', public: true, events: {} })
  const server = await app.listen({ port: 0, host: '127.0.0.1' })
  t.after(() => server.close(0))
  return server
}

async function status(server: Server, headers: readonly string[], target = '/echo'): Promise<number> {
  const client = await TcpClient.connect({ port: server.port })
  await client.write(handshakeRequest(target, headers))
  const { status } = await takeResponse(client)
  await client.close()
  return status
}

test('behind a trusted proxy a request is what reached the proxy', async (t) => {
  const server = await listen(t, { proxy: { trust: ['loopback'] } })
  const response = await fetch(`${server.url}/who?a=1`, { headers: HEADERS })
  assert.deepEqual(await response.json(), {
    ip: '203.0.113.7',
    url: 'https://example.com/who?a=1',
    request: 'https://example.com/who?a=1',
  })
  assert.match(response.headers.get('set-cookie') ?? '', /; Secure/)
  const site = await fetch(`${server.url}/where`, { headers: HEADERS })
  assert.equal(await site.text(), 'the site')
})

test('without the setting nobody is believed', async (t) => {
  const server = await listen(t, {})
  const response = await fetch(`${server.url}/who`, { headers: HEADERS })
  const { ip, url } = (await response.json()) as { ip: string; url: string }
  assert.equal(ip, '127.0.0.1')
  assert.equal(url, `${server.url}/who`)
  assert.doesNotMatch(response.headers.get('set-cookie') ?? '', /Secure/)
  assert.equal((await fetch(`${server.url}/where`, { headers: HEADERS })).status, 404)
})

test('origins are compared with the host and scheme that reached the proxy', async (t) => {
  const server = await listen(t, { proxy: { trust: 1 } })
  const forwarded = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}`)
  for (const target of ['/echo', '/connection/websocket']) {
    assert.equal(await status(server, [...forwarded, 'Origin: https://example.com'], target), 101)
    assert.equal(await status(server, [...forwarded, 'Origin: http://example.com'], target), 403)
    assert.equal(await status(server, [...forwarded, 'Origin: http://localhost'], target), 403)
    assert.equal(await status(server, ['Origin: https://example.com'], target), 403)
  }
})

test('limits for an address are those of the client and not of the proxy', async (t) => {
  const server = await listen(t, { proxy: { trust: 1 }, sockets: { maxSocketsPerAddress: 1 } })
  const from = (ip: string): readonly string[] => [`X-Forwarded-For: ${ip}`]
  const first = await SocketClient.open({ port: server.port, headers: from('203.0.113.7') })
  const second = await SocketClient.open({ port: server.port, headers: from('203.0.113.8') })
  await second.sendText('who am I?')
  assert.equal(await second.takeText(), '203.0.113.8')
  assert.equal(await status(server, from('203.0.113.7')), 429)
  await first.tcp.close()
  await second.tcp.close()
})

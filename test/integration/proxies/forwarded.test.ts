import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { GoWeb, type ListenOptions, type ProxyOptions, type Server } from 'goweb'
import { request } from '../../conformance/wire/exchange.ts'
import { takeResponse, type HttpResponse } from '../../conformance/wire/http-response.ts'
import { handshakeRequest, SocketClient } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { PROXIES } from './proxies.ts'
import type { RunningProxy } from './running-proxy.ts'

/** What a client may say of itself, and nobody may believe. */
const MADE_UP = [
  'X-Forwarded-For: 203.0.113.66',
  'X-Forwarded-For: 10.0.0.1, 127.0.0.1',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: evil.example',
  'Forwarded: for=203.0.113.66;proto=https;host=evil.example',
  'X-Real-IP: 203.0.113.66',
]

/** Another address than that of the proxy, which the app trusts. */
const CLIENT = '127.0.0.2'

interface Seen {
  readonly ip: string
  readonly url: string
  readonly chain: string
  readonly forwarded: string | null
}

function makeApp(trust: ProxyOptions['trust']) {
  return new GoWeb({ proxy: { trust } })
    .get('/who', (c) => {
      const chain = c.header('x-forwarded-for') ?? ''
      return c.json({ ip: c.ip, url: c.url.href, chain, forwarded: c.header('forwarded') ?? null })
    })
    .get('/files/{path...}', (c) => c.text(c.path))
    .ws('/echo', { upgrade: (c) => c.ip, message: (socket) => void socket.send(socket.data) })
}

const folder = mkdtempSync(join(tmpdir(), 'goweb-forwarded-'))
after(() => rmSync(folder, { recursive: true, force: true }))

for (const [name, startProxy] of Object.entries(PROXIES)) {
  const places: readonly {
    readonly where: string
    readonly listen: ListenOptions
    readonly trust: ProxyOptions['trust']
  }[] = [
    { where: 'on a port', listen: { port: 0, host: '127.0.0.1' }, trust: ['127.0.0.1'] },
    { where: 'on a UNIX socket', listen: { path: join(folder, `${name}.sock`) }, trust: ['unix'] },
  ]
  for (const { where, listen, trust } of places) {
    describe(`behind ${name}, ${where}`, () => {
      let server: Server
      let proxy: RunningProxy
      before(async () => {
        server = await makeApp(trust).listen(listen)
        const upstream = 'path' in listen ? server.url : `127.0.0.1:${server.port}`
        proxy = await startProxy({ upstreams: [upstream] })
      })
      after(async () => {
        await proxy.stop()
        await server.close(0)
      })

      async function ask(text: string): Promise<HttpResponse> {
        const client = await TcpClient.connect({ port: proxy.port, localAddress: CLIENT })
        await client.write(text)
        const response = await takeResponse(client)
        await client.close()
        return response
      }

      async function who(lines: readonly string[]): Promise<Seen> {
        return (await ask(request('GET /who', lines))).json() as Seen
      }

      test('the app knows whom a request is from', async () => {
        const seen = { ip: CLIENT, url: 'http://localhost/who', chain: CLIENT, forwarded: null }
        assert.deepEqual(await who([]), seen)
      })

      test('what a client makes up is not believed', async () => {
        const { ip, url, chain, forwarded } = await who(MADE_UP)
        assert.deepEqual([ip, url, forwarded], [CLIENT, 'http://localhost/who', null])
        // nginx appends to what the client said, Caddy does not pass it on.
        const made = name === 'nginx' ? '203.0.113.66, 10.0.0.1, 127.0.0.1, ' : ''
        assert.equal(chain, made + CLIENT)
      })

      test('a WebSocket is of whom it is from, too, and of the page that it is from', async () => {
        const socket = await SocketClient.open({ port: proxy.port, localAddress: CLIENT, headers: MADE_UP })
        await socket.sendText('who am I?')
        assert.equal(await socket.takeText(), CLIENT)
        await socket.close()
        assert.equal((await ask(handshakeRequest('/echo', ['Origin: http://localhost']))).status, 101)
        const refused = await ask(handshakeRequest('/echo', ['Origin: https://evil.example', ...MADE_UP]))
        assert.equal(refused.status, 403)
        assert.equal((refused.json() as { code: string }).code, 'ORIGIN_NOT_ALLOWED')
      })

      test('a path is what the client sent', async () => {
        const { body } = await ask(request('GET /files/a%2Fb%20c/d'))
        assert.equal(body.toString(), '/files/a%2Fb%20c/d')
      })
    })
  }

  test(`${name} keeps its connection to the app from one request to the next`, async (t) => {
    const server = await makeApp(1).listen({ port: 0, host: '127.0.0.1' })
    t.after(() => server.close(0))
    let connections = 0
    const relay = createServer((near) => {
      connections++
      const far = connect(server.port, '127.0.0.1')
      near.pipe(far).pipe(near)
      for (const socket of [near, far]) socket.on('error', () => socket.destroy())
    }).listen(0, '127.0.0.1')
    await once(relay, 'listening')
    t.after(() => relay.close())
    const proxy = await startProxy({ upstreams: [`127.0.0.1:${(relay.address() as AddressInfo).port}`] })
    t.after(() => proxy.stop())
    const client = await TcpClient.connect({ port: proxy.port })
    for (let n = 0; n < 5; n++) {
      await client.write(request('GET /who'))
      assert.equal((await takeResponse(client)).status, 200)
    }
    await client.close()
    assert.equal(connections, 1)
  })
}

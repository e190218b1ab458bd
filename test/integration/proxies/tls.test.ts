import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { GoWeb, type Server } from 'goweb'
import { SocketClient } from '../../conformance/wire/socket-client.ts'
import { Certificate } from '../interop/certificate.ts'
import { NginxProcess } from './nginx-process.ts'

const app = new GoWeb({ proxy: { trust: ['loopback'] } })
  .get('/who', (c) => {
    c.cookies.set('session', 'x')
    return c.json({ url: c.url.href })
  })
  .ws('/echo', {
    upgrade: (c) => c.url.href,
    message: (socket) => void socket.send(socket.data),
  })

describe('an nginx that ends TLS', () => {
  const certificate = new Certificate()
  let server: Server
  let nginx: NginxProcess
  let session: ClientHttp2Session
  before(async () => {
    server = await app.listen({ port: 0, host: '127.0.0.1' })
    const tls = { certFile: certificate.file, keyFile: join(certificate.file, '../key.pem') }
    nginx = await NginxProcess.start({ upstreams: [`127.0.0.1:${server.port}`], tls })
    const { port } = nginx
    const options = {
      host: '127.0.0.1',
      servername: 'localhost',
      ALPNProtocols: ['h2'],
      ca: certificate.cert,
    }
    session = connect(`https://localhost:${port}`, {
      createConnection: () => connectTls({ port, ...options }),
    })
    await once(session, 'connect')
  })
  after(async () => {
    session.destroy()
    await nginx.stop()
    await server.close(0)
    certificate.remove()
  })

  test('speaks HTTP/2 with the client, and the app knows where the client was', async () => {
    const stream = session.request({ ':path': '/who' })
    const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders]
    const seen = JSON.parse(Buffer.concat(await stream.toArray()).toString()) as { url: string }
    assert.equal(session.alpnProtocol, 'h2')
    assert.equal(headers[':status'], 200)
    assert.equal(seen.url, `https://localhost:${nginx.port}/who`)
    assert.match(headers['set-cookie']?.[0] ?? '', /; Secure/)
  })

  test('passes on WebSockets of pages of its own, over a connection of HTTP/1.1', async () => {
    const headers = ['Origin: https://localhost', 'X-Forwarded-Host: evil.example']
    const socket = await SocketClient.open({ port: nginx.port, ca: certificate.cert, headers })
    await socket.sendText('where am I?')
    assert.equal(await socket.takeText(), 'https://localhost/echo')
    await socket.close()
  })

  test('sends requests without TLS on to https', async () => {
    const url = `http://127.0.0.1:${nginx.redirectPort}/who?a=1`
    const sent = request(url, { headers: { host: 'localhost' }, agent: false }).end()
    const [response] = (await once(sent, 'response')) as [
      { statusCode: number; headers: { location: string } },
    ]
    sent.destroy()
    assert.deepEqual(
      [response.statusCode, response.headers.location],
      [308, `https://localhost:${nginx.port}/who?a=1`],
    )
  })
})

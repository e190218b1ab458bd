import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { GoWeb, type GoWebOptions, type Server } from 'goweb'
import { takeResponse, type HttpResponse } from '../../conformance/wire/http-response.ts'
import { handshakeRequest, SocketClient } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'

describe('limits on sockets', () => {
  let server: Server
  let app: GoWeb
  /** Close codes of the sockets that are gone. */
  let closed: number[]
  let wake: () => void
  afterEach(() => server.close(0))

  async function listen(
    sockets: GoWebOptions['sockets'] & {},
    upgrade: (c: { readonly signal: AbortSignal }) => unknown = () => undefined,
  ): Promise<void> {
    closed = []
    wake = () => {}
    app = new GoWeb({ sockets, report: () => {} })
    app
      .get('/', () => 'hello')
      .ws('/echo', {
        upgrade,
        message: (socket, message) => void socket.send(message),
        close: (_socket, code) => {
          closed.push(code)
          wake()
        },
      })
    server = await app.listen({ port: 0 })
  }

  const open = (host = '127.0.0.1'): Promise<SocketClient> => SocketClient.open({ port: server.port, host })

  async function ask(host = '127.0.0.1'): Promise<HttpResponse> {
    const client = await TcpClient.connect({ port: server.port, host })
    await client.write(handshakeRequest())
    const response = await takeResponse(client)
    await client.takeRest()
    await client.close()
    return response
  }

  async function gone(count: number): Promise<void> {
    while (closed.length < count) await new Promise<void>((resolve) => (wake = resolve))
  }

  async function assertServes(client: SocketClient): Promise<void> {
    await client.sendText('still here')
    assert.equal(await client.takeText(), 'still here')
  }

  test('maxSockets: 503 with Retry-After beyond it, until one has left', async () => {
    await listen({ maxSockets: 2 })
    const [first, second] = [await open(), await open()]
    const refused = await ask()
    assert.equal(refused.status, 503)
    assert.equal(refused.header('retry-after'), '10')
    assert.equal((refused.json() as { code: string }).code, 'SOCKETS_TOO_MANY')
    await assertServes(first)
    assert.equal(await (await fetch(server.url)).text(), 'hello')
    await first.close()
    await gone(1)
    const third = await open()
    assert.equal((await ask()).status, 503)
    await assertServes(second)
    await assertServes(third)
    assert.equal(app.stats().socketsRefusedForTotal, 2)
    await second.close()
    await third.close()
  })

  test('maxSocketsPerAddress: 429 with Retry-After beyond it; other addresses pass', async () => {
    await listen({ maxSocketsPerAddress: 2 })
    const clients = [await open(), await open()]
    const refused = await ask()
    assert.equal(refused.status, 429)
    assert.equal(refused.header('retry-after'), '10')
    assert.equal((refused.json() as { code: string }).code, 'SOCKETS_TOO_MANY_FROM_ADDRESS')
    const other = await SocketClient.open({ port: server.port, localAddress: '127.0.0.2' })
    for (const client of [...clients, other]) await assertServes(client)
    clients[0]?.tcp.reset()
    await gone(1)
    clients.push(await open())
    assert.equal((await ask()).status, 429)
    assert.equal(app.stats().socketsRefusedForAddress, 2)
    for (const client of [...clients.slice(1), other]) await client.close()
  })

  test('handshakes that are being decided count, also those whose client has left for as long as it is not noticed', async () => {
    const arrived = Promise.withResolvers<AbortSignal>()
    await listen({ maxSockets: 1 }, ({ signal }) => {
      arrived.resolve(signal)
      return new Promise(() => {})
    })
    const waiting = await TcpClient.connect({ port: server.port })
    await waiting.write(handshakeRequest())
    const signal = await arrived.promise
    assert.equal((await ask()).status, 503)
    const left = new Promise((resolve) => signal.addEventListener('abort', resolve))
    await waiting.close()
    await left
    const next = await TcpClient.connect({ port: server.port })
    await next.write(handshakeRequest())
    // Taken in and undecided: not refused.
    assert.equal((await ask()).status, 503)
    assert.equal(next.available, 0)
    await next.close()
  })

  test('handshakes that the app refuses leave their place', async () => {
    await listen({ maxSockets: 1, maxSocketsPerAddress: 1 }, () => new Response(null, { status: 403 }))
    for (let i = 0; i < 5; i++) assert.equal((await ask()).status, 403)
    assert.equal(app.stats().socketsRefusedForTotal, 0)
  })

  test('are refused when they are none', () => {
    for (const [sockets, part] of [
      [null, /sockets/],
      [5, /sockets/],
      [{ max: 5 }, /max.*maxSockets/],
      [{ maxSockets: -1 }, /sockets\.maxSockets/],
      [{ maxSocketsPerAddress: 1.5 }, /sockets\.maxSocketsPerAddress/],
      [{ messagesPerSecond: '1' }, /sockets\.messagesPerSecond/],
      [{ bytesPerSecond: Infinity }, /sockets\.bytesPerSecond/],
    ] as const) {
      assert.throws(() => new GoWeb({ sockets } as never), { code: 'OPTION_INVALID', message: part })
    }
  })
})

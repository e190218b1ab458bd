import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { GoWeb, GoWebError, type Server } from 'goweb'
import { assertEnds, assertProblem, assertStays, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { skipOn } from '../../skip-on.ts'

const isBun = process.versions['bun'] !== undefined
/** Also of tests in which only the time is too long. */
const skip = skipOn('bun', 'Bun ends slow headers after 12 s by itself, without an answer')

describe('slow clients', () => {
  let server: Server
  /** What the handler of `/body` ended with. */
  let bodyEnds: Promise<{ readonly error: unknown; readonly isAborted: boolean }>
  const reported: unknown[] = []

  before(async () => {
    let tell: (end: { error: unknown; isAborted: boolean }) => void
    bodyEnds = new Promise((resolve) => (tell = resolve))
    const app = new GoWeb({ report: (error) => reported.push(error) })
      .get('/hello', (c) => c.text('hello'))
      .post('/body', async (c) => {
        const { signal } = c
        try {
          return c.text(String((await c.body.bytes()).length))
        } catch (error) {
          tell({ error, isAborted: signal.aborted })
          throw error
        }
      })
      .post('/answers-first', async function* () {
        yield 'begun'
        await new Promise(() => {})
      })
    server = await app.listen({
      port: 0,
      host: '127.0.0.1',
      headersTimeoutMs: 400,
      requestTimeoutMs: 800,
      keepAliveTimeoutMs: 100,
    })
  })
  after(() => server.close(0))

  /** Sends one octet after the other until the server has had enough. */
  async function drip(client: TcpClient, bytes: string): Promise<void> {
    for (const byte of bytes) {
      if (client.available > 0 || !client.socket.writable) return
      await client.write(byte)
      await wait(20)
    }
  }

  test('headers that stop half-way are answered with 408', { skip }, async () => {
    const client = await TcpClient.connect({ port: server.port })
    await client.write('GET /hello HTTP/1.1\r\nHost: local')
    assertProblem(await takeResponse(client), 408, 'REQUEST_ARRIVAL_TIMEOUT')
    await assertEnds(client)
    await client.close()
  })

  test('headers that drip are answered with 408', { skip }, async () => {
    const client = await TcpClient.connect({ port: server.port })
    await client.write('GET /hello HTTP/1.1\r\nHost: localhost\r\n')
    await drip(client, 'X-Slow: 1\r\n'.repeat(2_000))
    assertProblem(await takeResponse(client), 408, 'REQUEST_ARRIVAL_TIMEOUT')
    await assertEnds(client)
    await client.close()
  })

  test('a body that stops half-way is answered with 408, and the handler is told', async () => {
    const client = await TcpClient.connect({ port: server.port })
    await client.write(request('POST /body', ['Content-Length: 100'], 'only some'))
    assertProblem(await takeResponse(client), 408, 'REQUEST_ARRIVAL_TIMEOUT')
    await assertEnds(client)
    await client.close()
    const { error, isAborted } = await bodyEnds
    assert.ok(error instanceof GoWebError)
    // On Bun it is the error that the handler gets that is answered.
    assert.equal(error.code, isBun ? 'REQUEST_ARRIVAL_TIMEOUT' : 'BODY_ABORTED')
    assert.equal(isAborted, !isBun)
  })

  test('a body that drips is answered with 408', async () => {
    const client = await TcpClient.connect({ port: server.port })
    await client.write(request('POST /body', ['Content-Length: 100000']))
    await drip(client, 'x'.repeat(100_000))
    assertProblem(await takeResponse(client), 408, 'REQUEST_ARRIVAL_TIMEOUT')
    await assertEnds(client)
    await client.close()
  })

  test('a body in chunks that drips is answered with 408', async () => {
    const client = await TcpClient.connect({ port: server.port })
    await client.write(request('POST /body', ['Transfer-Encoding: chunked']))
    await drip(client, '1\r\nx\r\n'.repeat(10_000))
    assertProblem(await takeResponse(client), 408, 'REQUEST_ARRIVAL_TIMEOUT')
    await assertEnds(client)
    await client.close()
  })

  const goesOn = skipOn('bun', 'Bun cannot break off an answer whose handler does not end')
  test('a body that stops after the answer has begun breaks the answer off', { skip: goesOn }, async () => {
    const client = await TcpClient.connect({ port: server.port })
    await client.write(request('POST /answers-first', ['Content-Length: 100'], 'only some'))
    const rest = (await client.takeRest()).toString()
    assert.match(rest, /^HTTP\/1\.1 200 OK\r\n/)
    assert.ok(rest.endsWith('5\r\nbegun\r\n'), 'there is no last chunk')
    await client.close()
  })

  test('a connection that never sends anything is ended', { skip }, async () => {
    const client = await TcpClient.connect({ port: server.port })
    const rest = (await client.takeRest()).toString()
    assert.match(rest, /^(?:HTTP\/1\.1 408 [^]*)?$/)
    await client.close()
  })

  test('a second request that does not come is waited for only so long', async () => {
    const client = await TcpClient.connect({ port: server.port })
    await assertStays(client)
    assert.equal((await client.takeRest()).toString(), '')
    await client.close()
  })

  test('a second request that stops half-way is answered with 408', { skip }, async () => {
    const client = await TcpClient.connect({ port: server.port })
    await assertStays(client)
    await client.write('GET /hello HTTP/1.1\r\n')
    assertProblem(await takeResponse(client), 408, 'REQUEST_ARRIVAL_TIMEOUT')
    await assertEnds(client)
    await client.close()
  })

  test('300 slow connections keep nobody else waiting, and all of them end', { skip }, async () => {
    const slow = await Promise.all(
      Array.from({ length: 300 }, () => TcpClient.connect({ port: server.port })),
    )
    await Promise.all(slow.map((client) => client.write('GET /hello HTTP/1.1\r\nHost: l')))
    const quick = await TcpClient.connect({ port: server.port })
    await assertStays(quick)
    await quick.close()
    for (const client of slow) {
      assertProblem(await takeResponse(client), 408, 'REQUEST_ARRIVAL_TIMEOUT')
      await client.close()
    }
  })

  test('none of this is an error of the server', () => assert.deepEqual(reported, []))
})

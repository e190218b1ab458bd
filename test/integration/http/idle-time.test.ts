import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GoWeb } from 'goweb'
import { assertStays, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'

test(
  'the time for idle connections is not that of handlers, streams and bodies',
  { timeout: 60_000 },
  async (t) => {
    const gate = Promise.withResolvers<void>()
    const arrived = { held: Promise.withResolvers<void>(), streamed: Promise.withResolvers<void>() }
    const server = await new GoWeb()
      .get('/hello', (c) => c.text('hello'))
      .get('/held', async (c) => {
        arrived.held.resolve()
        await gate.promise
        return c.text('held')
      })
      .get('/stream', async function* () {
        yield 'first '
        arrived.streamed.resolve()
        await gate.promise
        yield 'last'
      })
      .post('/body', async (c) => c.text(await c.body.text()))
      .listen({ port: 0, host: '127.0.0.1', keepAliveTimeoutMs: 100 })
    t.after(() => server.close(0))
    const connect = (): Promise<TcpClient> => TcpClient.connect({ port: server.port })

    const [held, stream, body] = [await connect(), await connect(), await connect()]
    await held.write(request('GET /held'))
    await stream.write(request('GET /stream'))
    await body.write(request('POST /body', ['Content-Length: 4'], 'bo'))
    await Promise.all([arrived.held.promise, arrived.streamed.promise])
    // Since they began, the server has found an idle connection too old.
    const idle = await connect()
    await assertStays(idle)
    assert.equal((await idle.takeRest()).toString(), '')
    await idle.close()
    gate.resolve()
    await body.write('dy')
    assert.equal((await takeResponse(held)).body.toString(), 'held')
    assert.equal((await takeResponse(stream)).body.toString(), 'first last')
    assert.equal((await takeResponse(body)).body.toString(), 'body')
    // From now on they are idle, too.
    for (const client of [held, stream, body]) {
      assert.equal((await client.takeRest()).toString(), '')
      await client.close()
    }
  },
)

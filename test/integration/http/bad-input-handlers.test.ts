import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, GoWebError, type Server } from 'goweb'
import { ask, assertProblem, assertStays, exchange, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'

/** Things that are thrown but are no errors, or errors that defend themselves. */
const THROWN: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  string: () => 'a secret',
  number: () => 404,
  symbol: () => Symbol('a secret'),
  bigint: () => 1n,
  function: () => () => 'a secret',
  frozen: () => Object.freeze({ status: 200, message: 'a secret' }),
  bare: () => Object.create(null) as unknown,
  error: () => new TypeError('a secret'),
  frozenError: () => Object.freeze(new Error('a secret')),
  getters: () =>
    Object.defineProperties(new Error('a secret'), {
      message: { get: () => fail() },
      stack: { get: () => fail() },
      status: { get: () => fail() },
      expose: { get: () => fail() },
      cause: { get: () => fail() },
    }),
  proxy: () =>
    new Proxy(
      {},
      { get: fail, has: fail, getPrototypeOf: fail, ownKeys: fail, getOwnPropertyDescriptor: fail },
    ),
  statusInfinity: () => Object.assign(new Error('a secret'), { status: Infinity, expose: true }),
  promise: () => Promise.resolve('a secret'),
}

function fail(): never {
  throw new RangeError('a trap')
}

describe('bad handlers', () => {
  let server: Server
  const reported: unknown[] = []
  const events = new Map<string, () => void>()

  /** Resolves when a handler calls `happened` with this name. */
  const next = (name: string): Promise<void> => new Promise((resolve) => events.set(name, resolve))
  const happened = (name: string): void => events.get(name)?.()

  before(async () => {
    const app = new GoWeb({ report: (error) => reported.push(error) })
      .get('/hello', (c) => c.text('hello'))
      .get('/sync/{what}', (c) => {
        throw THROWN[c.params.what]?.()
      })
      .get('/async/{what}', async (c) => {
        await Promise.resolve()
        throw THROWN[c.params.what]?.()
      })
      .get('/rejected/{what}', (c) => Promise.reject<string>(THROWN[c.params.what]?.()))
      .get('/known', () => {
        throw new GoWebError('CONFLICT', 'Somebody was quicker')
      })
      .get('/then', () => ({
        get then(): never {
          throw new Error('a secret')
        },
      }))
      .get('/never', async (c) => {
        c.signal.addEventListener('abort', () => happened('never aborted'))
        happened('never called')
        await new Promise(() => {})
      })
      .get('/late', async (c) => {
        const gone = new Promise((resolve) => c.signal.addEventListener('abort', resolve))
        happened('late called')
        await gone
        happened('late aborted')
        return c.text('too late')
      })
      .get('/partial', async function* () {
        yield 'the first half'
        await next('fail now')
        throw new Error('a secret')
      })
      .get('/partial-stream', () => {
        return new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(Buffer.from('the first half'))
            void next('fail now').then(() => controller.error(new Error('a secret')))
          },
        })
      })
      .get(
        '/at-once',
        () =>
          new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('a secret')) }),
      )
      .get('/endless', async function* () {
        try {
          for (;;) {
            yield 'x'.repeat(10_000)
            happened('endless yielded')
          }
        } finally {
          happened('endless over')
        }
      })
      .get('/endless-stream', () => {
        return new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(Buffer.alloc(10_000)),
          cancel: () => happened('stream cancelled'),
        })
      })
      .get('/waiting-stream', () => {
        return new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(Buffer.from('begun')),
          cancel: () => happened('stream cancelled'),
        })
      })
      .get('/bad-header', (c) => {
        c.setHeader('x-name', 'a\r\nInjected: b')
        return c.text('hello')
      })
      .get('/echo-header', (c) => {
        c.setHeader('x-name', c.query.get('name') ?? '')
        return c.text('hello')
      })
      .get('/bad-status', (c) => c.text('hello', 99))
      .get('/bad-redirect', (c) => c.redirect(c.query.get('to') ?? '/'))
      .get('/cycle', () => {
        const value: { self?: unknown } = {}
        value.self = value
        return value
      })
      .get('/wrong', () => Symbol('a secret'))
      .post('/upload', async (c) => {
        try {
          await c.body.bytes()
        } catch (error) {
          if (error instanceof GoWebError) happened(`upload ${error.code}`)
          throw error
        }
        return c.empty()
      })
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  after(() => server.close(0))

  for (const what of Object.keys(THROWN)) {
    for (const how of ['sync', 'async', 'rejected']) {
      test(`${how}: thrown ${what} is answered with 500 and reported, and the connection serves on`, async () => {
        reported.length = 0
        const { client, response } = await exchange(server.port, request(`GET /${how}/${what}`))
        assertProblem(response, 500, 'INTERNAL')
        assert.ok(!response.body.includes('secret'))
        assert.equal(reported.length, 1)
        await assertStays(client)
        await client.close()
      })
    }
  }

  test('a GoWebError is answered with its status and message, and not reported', async () => {
    reported.length = 0
    const response = await ask(server.port, request('GET /known'))
    assertProblem(response, 409, 'CONFLICT')
    assert.ok(response.body.includes('Somebody was quicker'))
    assert.deepEqual(reported, [])
  })

  for (const [path, what] of [
    ['/then', 'returns an object whose then throws'],
    ['/bad-header', 'sets a header with a line break'],
    ['/echo-header?name=a%0d%0aInjected:%20b', 'sets a header to what the client sent'],
    ['/bad-status', 'answers with a status that does not exist'],
    ['/bad-redirect?to=/a%0d%0aInjected:%20b', 'redirects to what the client sent'],
    ['/cycle', 'returns a cycle'],
    ['/wrong', 'returns a symbol'],
    ['/at-once', 'returns a stream that has failed'],
  ] as const) {
    test(`a handler that ${what} harms nobody`, async () => {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request(`GET ${path}`, ['Connection: close']))
      const bytes = (await client.takeRest()).toString()
      assert.doesNotMatch(bytes, /a secret|^injected/im)
      if (path !== '/at-once') assert.match(bytes, /^HTTP\/1\.1 500 /)
      await client.close()
      await ask(server.port, request('GET /hello'))
    })
  }

  for (const path of ['/partial', '/partial-stream']) {
    test(`${path}: an answer that fails half-way is broken off, not finished`, async () => {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request(`GET ${path}`))
      await client.takeThrough('\r\n\r\ne\r\nthe first half\r\n')
      happened('fail now')
      // The last chunk, which would end the answer as if it were complete, does not come.
      assert.equal((await client.takeRest()).toString(), '')
      await client.close()
    })
  }

  describe('clients that leave', () => {
    for (const how of ['reset', 'end'] as const) {
      test(`(${how}) while a handler runs that never answers: its signal is aborted`, async () => {
        const called = next('never called')
        const aborted = next('never aborted')
        const client = await TcpClient.connect({ port: server.port })
        await client.write(request('GET /never'))
        await called
        client[how]()
        await aborted
        await client.close()
      })

      test(`(${how}) while a handler runs: its late answer harms nobody`, async () => {
        const called = next('late called')
        const aborted = next('late aborted')
        const client = await TcpClient.connect({ port: server.port })
        await client.write(request('GET /late'))
        await called
        client[how]()
        await aborted
        await client.close()
        await ask(server.port, request('GET /hello'))
      })
    }

    for (const [path, event] of [
      ['/endless', 'endless over'],
      ['/endless-stream', 'stream cancelled'],
      ['/waiting-stream', 'stream cancelled'],
    ] as const) {
      test(`in the middle of ${path}: its source is told`, async () => {
        const over = next(event)
        const client = await TcpClient.connect({ port: server.port })
        await client.write(request(`GET ${path}`))
        await client.take(100)
        client.reset()
        await over
        await client.close()
      })
    }

    test('that never read: the source of an endless answer is not drained into memory, and told when they leave', async () => {
      let yielded = 0
      const over = next('endless over')
      events.set('endless yielded', () => yielded++)
      const client = await TcpClient.connect({ port: server.port, isPaused: true })
      await client.write(request('GET /endless'))
      // The server has had its turns when it has served others often; what it wrote fits into buffers of the system and its own.
      for (let i = 0; i < 200; i++) await ask(server.port, request('GET /hello'))
      assert.ok(yielded < 5_000, `${yielded} pieces of 10 kB`)
      client.reset()
      await over
      events.delete('endless yielded')
      await client.close()
    })

    test('in the middle of a body: the handler is told', async () => {
      const told = next('upload BODY_ABORTED')
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request('POST /upload', ['Content-Length: 100'], 'only some'))
      client.reset()
      await told
      await client.close()
    })

    test('in the middle of a body in chunks: the handler is told', async () => {
      const told = next('upload BODY_ABORTED')
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request('POST /upload', ['Transfer-Encoding: chunked'], '5\r\nhello\r\n'))
      client.end()
      await told
      await client.close()
    })

    test('in the middle of the headers: nothing happens', async () => {
      for (const how of ['reset', 'end'] as const) {
        const client = await TcpClient.connect({ port: server.port })
        await client.write('GET /hello HTTP/1.1\r\nHost: loc')
        client[how]()
        await client.close()
      }
      await ask(server.port, request('GET /hello'))
    })
  })

  test('a server with handlers that never answer closes in bounded time', async () => {
    const called = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    const app = new GoWeb().get('/never', async (c) => {
      c.signal.addEventListener('abort', () => aborted.resolve())
      called.resolve()
      await new Promise(() => {})
    })
    const other = await app.listen({ port: 0, host: '127.0.0.1' })
    const client = await TcpClient.connect({ port: other.port })
    await client.write(request('GET /never'))
    await called.promise
    await other.close(50)
    await aborted.promise
    assert.equal((await client.takeRest()).toString(), '')
    await client.close()
  })

  test('an error while the error is handled is answered all the same', async () => {
    const errors: unknown[] = []
    const app = new GoWeb({ report: (error) => errors.push(error) })
      .onError(() => {
        throw new RangeError('in the handler of errors')
      })
      .get('/broken', () => {
        throw new TypeError('broken')
      })
    const other = await app.listen({ port: 0, host: '127.0.0.1' })
    const { client, response } = await exchange(other.port, request('GET /broken'))
    assertProblem(response, 500, 'INTERNAL')
    assert.ok(errors.length === 1 && errors[0] instanceof RangeError)
    await client.write(request('GET /nowhere'))
    assertProblem(await takeResponse(client), 500, 'INTERNAL')
    await client.close()
    await other.close()
  })
})

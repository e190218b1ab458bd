import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { GoWebError, Reply } from 'goweb'
import { timeout, type TimeoutOptions } from 'goweb/middleware/timeout'
import { hasCode } from '../unit/http/has-code.ts'
import { problemOf } from './answer.ts'
import { onBoth, onServer, signal } from './on-both.ts'

// Long enough that no machine is so slow; what should end early is awaited, not timed.
const NEVER = 2_147_483_647

describe('timeout', () => {
  onBoth('answers 503 when the handler is too slow, and drops its late result', async (world) => {
    const late = signal()
    const cancelled = signal()
    const app = world
      .makeApp()
      .use(timeout(20))
      .get('/slow', async () => {
        await late.promise
        return new ReadableStream({ cancel: () => cancelled.resolve() })
      })
    const client = await world.serve(app)
    const answer = await client.send('GET /slow')
    assert.deepEqual(answer.problem, problemOf('REQUEST_TIMEOUT', 503))
    assert.doesNotMatch(answer.text, /20 ms/)
    late.resolve()
    await cancelled.promise
    await world.reports.takeCode('REQUEST_TIMEOUT')
  })

  onBoth('ends late streams of every make', async (world) => {
    const late = signal()
    const returned = signal()
    const readable = Readable.from(['never read'])
    const iterable = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: false as const, value: 'never read' }),
        return: () => {
          returned.resolve()
          return Promise.resolve({ done: true as const, value: undefined })
        },
      }),
    }
    const app = world
      .makeApp()
      .use(timeout(20))
      .get('/readable', async () => {
        await late.promise
        return new Reply(200, readable, undefined)
      })
      .get('/iterable', async () => {
        await late.promise
        return new Reply(200, iterable, undefined)
      })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /readable')).status, 503)
    assert.equal((await client.send('GET /iterable')).status, 503)
    const closed = once(readable, 'close')
    late.resolve()
    await Promise.all([closed, returned.promise])
    await world.reports.takeCode('REQUEST_TIMEOUT')
    await world.reports.takeCode('REQUEST_TIMEOUT')
  })

  onBoth('tells the handler by a signal, and a late error to onLateError alone', async (world) => {
    const told = signal<readonly [error: unknown, path: string]>()
    const app = world
      .makeApp()
      .use(
        timeout({
          ms: 20,
          status: 504,
          retryAfterSeconds: 7,
          onLateError: (error, c) => {
            told.resolve([error, c.path])
            throw new Error('from the callback')
          },
        }),
      )
      .get('/slow', async (c) => {
        await once(c.deadline.signal, 'abort')
        assert.equal(c.deadline.remainingMs, 0)
        throw c.deadline.signal.reason
      })
    const client = await world.serve(app)
    const answer = await client.send('GET /slow')
    assert.deepEqual(answer.problem, problemOf('REQUEST_TIMEOUT', 504))
    assert.equal(answer.headers.get('retry-after'), '7')
    const [error, path] = await told.promise
    assert.ok(error instanceof GoWebError && error.code === 'REQUEST_TIMEOUT')
    assert.equal(path, '/slow')
    await world.reports.takeCode('REQUEST_TIMEOUT')
  })

  onBoth('drops a late error without onLateError', async (world) => {
    const late = signal()
    const app = world
      .makeApp()
      .use(timeout(20))
      .get('/slow', async () => {
        await late.promise
        throw new Error('too late')
      })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /slow')).status, 503)
    await world.reports.takeCode('REQUEST_TIMEOUT')
    late.resolve()
    // An unhandled rejection would end the process before the next request is answered.
    assert.equal((await client.send('GET /nowhere')).status, 404)
  })

  onBoth('leaves answers in time alone, errors and bodies that take long too', async (world) => {
    const go = signal()
    async function* slowly(): AsyncGenerator<string> {
      yield 'first '
      await go.promise
      yield 'second'
    }
    const app = world
      .makeApp()
      .use(timeout(NEVER))
      .get('/', (c) =>
        c.json({ left: c.deadline.remainingMs > 1_000_000, isAborted: c.deadline.signal.aborted }),
      )
      .get('/fails', () => {
        throw new GoWebError('CONFLICT')
      })
      .mount(
        '/stream',
        world
          .makeApp()
          .use(timeout(50))
          .get('/', () => slowly()),
      )
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /')).json, { left: true, isAborted: false })
    assert.equal((await client.send('GET /fails')).status, 409)
    const open = await client.start('GET /stream').answer
    assert.equal(open.status, 200)
    assert.equal(Buffer.from((await open.read()) ?? []).toString(), 'first ')
    // The timer is gone with the start of the answer; this wait is longer than it was.
    await new Promise((resolve) => {
      setTimeout(resolve, 100)
    })
    go.resolve()
    assert.equal(Buffer.from((await open.read()) ?? []).toString(), 'second')
    assert.equal(await open.read(), undefined)
  })

  onBoth('nests: the nearer deadline holds, and the outer one reaches the inner signal', async (world) => {
    const reasons: unknown[] = []
    const ended = signal()
    const inner = world
      .makeApp()
      .use(timeout(NEVER))
      .get('/', async (c) => {
        assert.ok(c.deadline.remainingMs <= 20)
        await once(c.deadline.signal, 'abort')
        reasons.push(c.deadline.signal.reason)
        ended.resolve()
        return 'late'
      })
    const app = world.makeApp().use(timeout(20)).mount('/inner', inner)
    const client = await world.serve(app)
    assert.equal((await client.send('GET /inner')).status, 503)
    await ended.promise
    assert.ok(reasons[0] instanceof GoWebError && reasons[0].code === 'REQUEST_TIMEOUT')
    await world.reports.takeCode('REQUEST_TIMEOUT')
  })

  onBoth('aborts the signal when the client leaves', async (world) => {
    const arrived = signal()
    const aborted = signal()
    const app = world
      .makeApp()
      .use(timeout(NEVER))
      .get('/', async (c) => {
        const { signal: gone } = c.deadline
        arrived.resolve()
        if (!gone.aborted) await once(gone, 'abort')
        aborted.resolve()
        return 'nobody reads this'
      })
    const client = await world.serve(app)
    const exchange = client.start('GET /')
    await arrived.promise
    exchange.leave()
    await aborted.promise
  })

  onServer('refuses a handshake that takes too long', async (world) => {
    const late = signal()
    const app = world
      .makeApp()
      .use(timeout(20))
      .ws('/', {
        async upgrade(c) {
          await late.promise
          return c.deadline.remainingMs
        },
      })
    const client = await world.serve(app)
    const handshake = 'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n'
    const key = 'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
    const answer = await client.sendRaw(`GET / HTTP/1.1\r\nhost: x\r\n${handshake}${key}\r\n`)
    assert.match(answer, /^HTTP\/1\.1 503 /)
    assert.match(answer, /REQUEST_TIMEOUT/)
    late.resolve()
    await world.reports.takeCode('REQUEST_TIMEOUT')
  })

  test('refuses wrong options when it is made', () => {
    const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
      [undefined, /ms.*missing/],
      [0, /1 to 2147483647; got 0/],
      [NaN, /got NaN/],
      [Infinity, /got Infinity/],
      [{ ms: '5s' }, /got "5s"/],
      [{ ms: 5, status: 500 }, /one of 503, 504/],
      [{ ms: 5, retryAfterSeconds: 1.5 }, /integer/],
      [{ ms: 5, onLateError: true }, /a function/],
      [{ milliseconds: 5 }, /unknown option/],
    ]
    for (const [options, message] of wrong) {
      assert.throws(() => timeout(options as TimeoutOptions), hasCode('TIMEOUT_OPTIONS_INVALID', message))
    }
  })
})

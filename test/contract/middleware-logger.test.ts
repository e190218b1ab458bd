import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWebError } from 'goweb'
import { createLog, logger, type LoggerOptions } from 'goweb/middleware/logger'
import { pino } from 'pino'
import { hasCode } from '../unit/http/has-code.ts'
import { onBoth, onServer, signal } from './on-both.ts'

type Line = Readonly<Record<string, unknown>>

/** Where lines of a test go, parsed, each strictly one line. */
class Lines {
  readonly all: Line[] = []
  #wake: (() => void) | undefined

  write(text: string): void {
    assert.match(text, /^[^\r\n]+\n$/)
    this.all.push(JSON.parse(text) as Line)
    this.#wake?.()
  }

  /** The next request's line, which may come after its answer. */
  async take(): Promise<Line> {
    while (this.all.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.all.shift() as Line // There is one.
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** What is written to the console while something runs. */
async function consoleErrors(run: () => Promise<void>): Promise<unknown[][]> {
  const calls: unknown[][] = []
  const { error } = console
  console.error = (...values: unknown[]) => void calls.push(values)
  try {
    await run()
  } finally {
    console.error = error
  }
  return calls
}

describe('logger', () => {
  onBoth('writes failures instead of the default report, which has the others', async (world) => {
    const destination = new Lines()
    const boom = new Error('boom')
    const fails = (): never => {
      throw boom
    }
    const app = world
      .makeApp({ report: undefined } as never)
      .get('/before', fails)
      .use(logger({ destination, skip: () => true }))
      .get('/fails', fails)
      .get('/breaks', async function* () {
        yield 'first'
        throw boom
      })
    const client = await world.serve(app)
    const printed = await consoleErrors(async () => {
      await client.send('GET /fails')
      assert.equal((await destination.take())['route'], '/fails')
      await assert.rejects(client.send('GET /breaks'))
      assert.equal((await destination.take())['route'], '/breaks')
      await client.send('GET /before')
    })
    assert.deepEqual(printed, [['goweb: GET /before:', boom]])
  })

  onBoth('leaves the report of an app that has its own as it is', async (world) => {
    const destination = new Lines()
    const boom = new Error('boom')
    const app = world
      .makeApp()
      .use(logger({ destination }))
      .get('/fails', () => {
        throw boom
      })
    const client = await world.serve(app)
    await client.send('GET /fails')
    assert.equal((await destination.take())['level'], 'error')
    assert.deepEqual(await world.reports.take(), { error: boom, where: 'GET /fails' })
  })

  onBoth('writes one line for each request, at its end', async (world) => {
    const destination = new Lines()
    const app = world
      .makeApp()
      .use(logger({ destination }))
      .get('/users/{id}', (c) => c.json({ id: c.params.id, requestId: c.requestId }))
    const client = await world.serve(app)
    const answer = await client.send('GET /users/7?token=secret#x')
    const line = await destination.take()
    const { time, requestId, durationMs, ...rest } = line
    assert.deepEqual(rest, {
      level: 'info',
      method: 'GET',
      path: '/users/7',
      route: '/users/{id}',
      status: 200,
      ip: '127.0.0.1',
      msg: 'request',
    })
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 3_600_000)
    assert.ok(typeof durationMs === 'number' && durationMs >= 0)
    assert.match(String(requestId), UUID)
    assert.equal(answer.headers.get('x-request-id'), requestId)
    assert.deepEqual(answer.json, { id: '7', requestId })
    assert.deepEqual(Object.keys(line).slice(0, 3), ['level', 'time', 'requestId'])
  })

  onBoth('tells errors by whose fault they are, and never to the client', async (world) => {
    const destination = new Lines()
    const app = world
      .makeApp()
      .use(logger({ destination }))
      .get('/fails', () => {
        throw new Error('outer', { cause: new TypeError('inner', { cause: 'deepest' }) })
      })
      .get('/conflict', () => {
        throw new GoWebError('CONFLICT', 'taken by ann@example.com')
      })
    const client = await world.serve(app)
    const answer = await client.send('GET /fails')
    assert.equal(answer.status, 500)
    assert.doesNotMatch(answer.text, /outer|inner|deepest/)
    const line = await destination.take()
    assert.equal(line['level'], 'error')
    const error = line['error'] as { type: string; message: string; stack: string; cause: Line }
    assert.equal(error.type, 'Error')
    assert.equal(error.message, 'outer')
    assert.match(error.stack, /middleware-logger\.test/)
    assert.equal(error.cause['type'], 'TypeError')
    assert.equal(error.cause['message'], 'inner')
    assert.equal(error.cause['cause'], 'deepest')
    assert.equal(answer.headers.get('x-request-id'), line['requestId'])
    await world.reports.take()

    await client.send('GET /conflict')
    const conflict = await destination.take()
    assert.equal(conflict['level'], 'info')
    assert.equal(conflict['code'], 'CONFLICT')
    assert.equal(conflict['status'], 409)
    assert.doesNotMatch(JSON.stringify(conflict), /ann@example/)

    await client.send('GET /nowhere')
    const missing = await destination.take()
    assert.deepEqual(
      [missing['level'], missing['status'], missing['code'], missing['route']],
      ['info', 404, 'ROUTE_NOT_FOUND', undefined],
    )
  })

  onBoth('gives the handler a log that knows the request', async (world) => {
    const destination = new Lines()
    const app = world
      .makeApp()
      .use(logger({ destination, fields: { service: 'shop' }, redact: ['iban', 'user.address'] }))
      .get('/', (c) => {
        const user = { name: 'Ann', password: 'p', address: 'x', 'x-csrf-token': 't' }
        c.log.info(
          { user, requestId: 'forged', level: 'forged', iban: 'DE1' },
          'line\nfeed \u2028 \u001b[31m',
        )
        c.log.child({ part: 'db' }).warn('slow')
        c.log.error(new Error('oops'))
        return 'ok'
      })
    const client = await world.serve(app)
    const requestId = (await client.send('GET /')).headers.get('x-request-id')
    const { time: _time, ...first } = await destination.take()
    assert.deepEqual(first, {
      level: 'info',
      service: 'shop',
      requestId,
      user: { name: 'Ann', password: '[redacted]', address: '[redacted]', 'x-csrf-token': '[redacted]' },
      requestId_: 'forged',
      level_: 'forged',
      iban: '[redacted]',
      msg: 'line\nfeed \u2028 \u001b[31m',
    })
    const second = await destination.take()
    assert.deepEqual(
      [second['level'], second['requestId'], second['part'], second['msg']],
      ['warn', requestId, 'db', 'slow'],
    )
    const third = await destination.take()
    assert.equal(third['msg'], 'oops')
    assert.equal((third['error'] as Line)['type'], 'Error')
    assert.equal((await destination.take())['msg'], 'request')
  })

  onBoth('takes an id from a header that it is told, if it is fit', async (world) => {
    const destination = new Lines()
    const app = world
      .makeApp()
      .use(logger({ destination, requestIdHeader: 'X-Trace-Id', responseHeader: 'X-Trace-Id' }))
    const client = await world.serve(app)
    for (const [sent, isTaken] of [
      ['01J9-abc_DEF.7:8@9=+/;', true],
      ['a'.repeat(200), true],
      ['a'.repeat(201), false],
      ['with space', false],
      ['quote"', false],
      ['', false],
    ] as const) {
      const answer = await client.send('GET /', { headers: { 'x-trace-id': sent, 'x-request-id': 'other' } })
      const { requestId } = (await destination.take()) as { requestId: string }
      assert.equal(answer.headers.get('x-trace-id'), requestId)
      if (isTaken) assert.equal(requestId, sent)
      else assert.match(requestId, UUID)
    }
  })

  onBoth('takes no id by default, and makes them as it is told', async (world) => {
    const destination = new Lines()
    let count = 0
    const app = world
      .makeApp()
      .use(logger({ destination, createRequestId: () => `r${++count}`, responseHeader: false }))
    const client = await world.serve(app)
    const answer = await client.send('GET /', { headers: { 'x-request-id': 'mine' } })
    assert.equal(answer.headers.has('x-request-id'), false)
    assert.equal((await destination.take())['requestId'], 'r1')
  })

  onBoth(
    'hides a path whose variable is secret, and skips what it is told, unless it fails',
    async (world) => {
      const destination = new Lines()
      const app = world
        .makeApp()
        .use(logger({ destination, skip: (c) => c.route.startsWith('/health') }))
        .get('/reset/{resetToken}', () => 'ok')
        .get('/health', () => 'ok')
        .get('/health/deep', () => {
          throw new Error('down')
        })
      const client = await world.serve(app)
      await client.send('GET /health')
      await client.send('GET /reset/s3cret')
      assert.equal((await destination.take())['path'], '/reset/{resetToken}')
      await client.send('GET /health/deep')
      assert.equal((await destination.take())['status'], 500)
      await world.reports.take()
    },
  )

  onBoth('notices that the client left', async (world) => {
    const destination = new Lines()
    async function* forever(): AsyncGenerator<string> {
      for (;;) {
        yield 'x'
        await new Promise((resolve) => {
          setImmediate(resolve)
        })
      }
    }
    const app = world
      .makeApp()
      .use(logger({ destination }))
      .get('/', () => forever())
    const client = await world.serve(app)
    const exchange = client.start('GET /')
    const open = await exchange.answer
    await open.read()
    exchange.leave()
    const line = await destination.take()
    assert.deepEqual([line['status'], line['aborted'], line['level']], [200, true, 'info'])
  })

  onBoth('writes to a pino instance, whose child the handler gets', async (world) => {
    const destination = new Lines()
    const log = pino({ base: null, customLevels: { audit: 35 } }, destination)
    const app = world
      .makeApp()
      .use(logger({ log }))
      .get('/', (c) => {
        c.log.audit({ who: 'Ann' }, 'did it')
        throw new Error('outer', { cause: new Error('inner') })
      })
    const client = await world.serve(app)
    const requestId = (await client.send('GET /')).headers.get('x-request-id')
    const own = await destination.take()
    assert.deepEqual(
      [own['level'], own['who'], own['requestId'], own['msg']],
      [35, 'Ann', requestId, 'did it'],
    )
    const line = await destination.take()
    assert.deepEqual([line['level'], line['status'], line['requestId']], [50, 500, requestId])
    const error = line['error'] as { message: string; stack: string; cause: { message: string } }
    assert.deepEqual([error.message, error.cause.message], ['outer', 'inner'])
    await world.reports.take()
  })

  onBoth('writes to anything with info, warn and error, and survives its failures', async (world) => {
    const calls: unknown[] = []
    const log = {
      info: (fields: object, message?: string) => void calls.push(['info', fields, message]),
      warn: (fields: object, message?: string) => void calls.push(['warn', fields, message]),
      error: () => {
        throw new Error('disk full')
      },
    }
    const app = world
      .makeApp()
      .use(logger({ log, createRequestId: () => 'r1' }))
      .get('/', (c) => {
        c.log.warn('careful')
        c.log.info({ a: 1 })
        c.log.debug('not known there')
        return 'ok'
      })
      .get('/fails', () => {
        throw new Error('x')
      })
    const client = await world.serve(app)
    await client.send('GET /')
    assert.deepEqual(calls.slice(0, 2), [
      ['warn', { requestId: 'r1' }, 'careful'],
      ['info', { requestId: 'r1', a: 1 }, undefined],
    ])
    assert.equal((await client.send('GET /fails')).status, 500)
    await world.reports.take()
  })

  onServer('logs upgrades, taken and refused', async (world) => {
    const destination = new Lines()
    const app = world
      .makeApp()
      .use(logger({ destination }))
      .use(['upgrade'], (c, next) => {
        if (c.query.has('no')) throw new GoWebError('FORBIDDEN')
        return next()
      })
      .ws('/echo', { message: (socket, data) => void socket.send(data) })
    const client = await world.serve(app)
    const socket = new WebSocket(`ws://127.0.0.1:${client.port}/echo?token=secret`)
    const opened = signal()
    socket.addEventListener('open', () => opened.resolve())
    await opened.promise
    const line = await destination.take()
    assert.deepEqual(
      [line['kind'], line['status'], line['path'], line['route']],
      ['upgrade', 101, '/echo', '/echo'],
    )
    const closed = signal()
    socket.addEventListener('close', () => closed.resolve())
    socket.close()
    await closed.promise
    const refused = new WebSocket(`ws://127.0.0.1:${client.port}/echo?no`)
    refused.addEventListener('error', () => undefined)
    const other = await destination.take()
    assert.deepEqual([other['kind'], other['status'], other['code']], ['upgrade', 403, 'FORBIDDEN'])
  })

  test('refuses wrong options when it is made', () => {
    const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
      [null, /object of options/],
      [{ level: 'loud' }, /"silent"; got "loud"/],
      [{ redact: 'password' }, /list of names and paths/],
      [{ redact: [''] }, /one item is ""/],
      [{ fields: 7 }, /an object/],
      [{ destination: () => undefined }, /write\(line\)/],
      [{ log: {} }, /info, warn and error/],
      [{ log: null }, /info, warn and error/],
      [{ log: console, level: 'info' }, /business of that log/],
      [{ requestIdHeader: 'a b' }, /name of a header/],
      [{ responseHeader: true }, /name of a header/],
      [{ createRequestId: 'uuid' }, /a function/],
      [{ skip: /x/ }, /a function/],
      [{ pretty: true }, /unknown option "pretty"/],
    ]
    for (const [options, message] of wrong) {
      assert.throws(() => logger(options as LoggerOptions), hasCode('LOGGER_OPTIONS_INVALID', message))
    }
    assert.throws(() => createLog({ skip: true } as object), hasCode('LOGGER_OPTIONS_INVALID', /createLog/))
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ERROR_CODES, GoWeb, GoWebError, isGoWebError } from 'goweb'
import { problemOf } from './answer.ts'
import { onBoth, onFetch } from './on-both.ts'

const SECRET = 'postgres://admin:hunter2@db'

describe('an error', () => {
  onBoth('below 500 is told as problem details: code, message, issues and headers', async (world) => {
    const app = world.makeApp().get('/', () => {
      throw new GoWebError('TOO_MANY_REQUESTS', 'Slow down a little', {
        headers: { 'retry-after': '7' },
        issues: [{ in: 'query', pointer: '/page', detail: 'too often' }],
        cause: new Error(SECRET),
      })
    })
    const client = await world.serve(app)
    const answer = await client.send('GET /')
    assert.equal(answer.headers.get('retry-after'), '7')
    assert.equal(answer.type, 'application/problem+json')
    assert.deepEqual(answer.json, {
      type: 'urn:goweb:error:TOO_MANY_REQUESTS',
      title: ERROR_CODES.TOO_MANY_REQUESTS.summary,
      status: 429,
      detail: 'Slow down a little',
      code: 'TOO_MANY_REQUESTS',
      errors: [{ in: 'query', pointer: '/page', detail: 'too often' }],
    })
  })

  onBoth('of any other kind is a 500 that tells nothing and is reported', async (world) => {
    const thrown: unknown[] = [
      new Error(SECRET),
      Object.assign(new Error(SECRET), { status: 404 }),
      Object.assign(new Error(SECRET), { status: 500, expose: true }),
      new GoWebError('INTERNAL', SECRET),
      new GoWebError('RESPONSE_INVALID', SECRET),
      new GoWebError('NOT_FOUND', SECRET, { status: 500 }),
      new GoWebError('NOT_FOUND', SECRET, { status: 200 }),
      SECRET,
      undefined,
      null,
      { message: SECRET, status: 400 },
      Symbol(SECRET),
    ]
    const app = world.makeApp().get('/{index}', (c) => {
      throw thrown[Number(c.params.index)]
    })
    const client = await world.serve(app)
    for (const [index, error] of thrown.entries()) {
      const answer = await client.send(`GET /${index}`)
      assert.deepEqual(answer.problem, problemOf('INTERNAL', 500))
      assert.doesNotMatch(answer.text, /hunter2|stack|\.ts/)
      const report = await world.reports.take()
      assert.equal(report.error, error)
      assert.equal(report.where, 'GET /{index}')
    }
  })

  onBoth('with a status from 501 on keeps its code, but not its message', async (world) => {
    const app = world.makeApp().get('/', () => {
      throw new GoWebError('UNAVAILABLE', SECRET, { headers: { 'retry-after': '60' } })
    })
    const client = await world.serve(app)
    const answer = await client.send('GET /')
    assert.deepEqual(answer.problem, problemOf('UNAVAILABLE', 503))
    assert.equal(answer.headers.get('retry-after'), '60')
    assert.doesNotMatch(answer.text, /hunter2/)
    await world.reports.takeCode('UNAVAILABLE')
  })

  onBoth('that other code made for clients is told', async (world) => {
    const app = world.makeApp().get('/', () => {
      throw Object.assign(new Error('Only on Mondays'), { status: 403, expose: true })
    })
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /')).json, {
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: 'Only on Mondays',
    })
  })

  onBoth('that cannot be looked at is a 500, too', async (world) => {
    const hostile: unknown[] = [
      new Proxy(
        {},
        {
          get() {
            throw new Error('a trap')
          },
          getPrototypeOf() {
            throw new Error('a trap')
          },
        },
      ),
      Object.defineProperty(new Error('x'), 'expose', {
        get() {
          throw new Error('a getter')
        },
      }),
    ]
    const app = world.makeApp().get('/{index}', (c) => {
      throw hostile[Number(c.params.index)]
    })
    const client = await world.serve(app)
    for (const index of hostile.keys()) {
      assert.deepEqual((await client.send(`GET /${index}`)).problem, problemOf('INTERNAL', 500))
      await world.reports.take()
    }
  })
})

describe('onError', () => {
  onBoth('answers with the status of the error unless it names one', async (world) => {
    const app = world
      .makeApp()
      .onError((error, c) => {
        if (c.kind !== 'http') return
        switch (c.path) {
          case '/object':
            return { message: isGoWebError(error) ? error.code : 'unknown' }
          case '/string':
            return 'sorry'
          case '/reply':
            return c.text('named', 418)
          case '/response':
            return new Response('a response', { status: 299 })
          case '/late':
            return Promise.resolve({ late: true })
        }
      })
      .get('/{what}', () => {
        throw new GoWebError('CONFLICT')
      })
      .post('/object', () => {
        throw new Error('unknown')
      })
    const client = await world.serve(app)
    const send = async (request: string): Promise<[number, string]> => {
      const { status, text } = await client.send(request)
      return [status, text]
    }
    assert.deepEqual(await send('GET /object'), [409, '{"message":"CONFLICT"}'])
    assert.deepEqual(await send('POST /object'), [500, '{"message":"unknown"}'])
    assert.deepEqual(await send('GET /string'), [409, 'sorry'])
    assert.deepEqual(await send('GET /reply'), [418, 'named'])
    assert.deepEqual(await send('GET /response'), [299, 'a response'])
    assert.deepEqual(await send('GET /late'), [409, '{"late":true}'])
    assert.equal((await client.send('GET /other')).problem.code, 'CONFLICT')
  })

  onBoth('sees every failure: of the chain, of validation, of the router', async (world) => {
    const codes: unknown[] = []
    const app = world
      .makeApp({ bodyLimitBytes: 2 })
      .onError((error) => void codes.push((error as GoWebError).code))
      .get('/a', () => 'a')
      .post('/body', (c) => c.body.text())
      .ws('/socket', {})
    const client = await world.serve(app)
    await client.send('GET /nothing')
    await client.send('POST /a')
    await client.send('GET /%zz')
    await client.send('GET /socket')
    await client.send('POST /body', { body: '123' })
    assert.deepEqual(codes, [
      'ROUTE_NOT_FOUND',
      'METHOD_NOT_ALLOWED',
      'PATH_INVALID',
      'UPGRADE_REQUIRED',
      'BODY_TOO_LARGE',
    ])
  })

  onBoth('is asked from the innermost scope outwards until one answers', async (world) => {
    const log: string[] = []
    const inner = new GoWeb()
      .onError((error, c) => {
        log.push('inner')
        if (c.kind === 'http' && c.path.endsWith('/inner')) return c.text('inner', 400)
        if (c.kind === 'http' && c.path.endsWith('/throws'))
          throw new Error('the handler fails', { cause: error })
      })
      .get('/{x}', () => {
        throw new Error('boom')
      })
    const middle = new GoWeb().mount('/inner', inner)
    const app = world
      .makeApp()
      .onError((error, c) => {
        log.push('root')
        if (c.kind === 'http' && !c.path.endsWith('/none')) return c.text((error as Error).message, 500)
      })
      .mount('/middle', middle)
      .get('/root', () => {
        throw new Error('at the root')
      })
    const client = await world.serve(app)
    const get = async (path: string): Promise<string> => {
      const { text } = await client.send(`GET ${path}`)
      return `${log.splice(0).join(' ')}: ${text}`
    }
    assert.equal(await get('/middle/inner/inner'), 'inner: inner')
    assert.equal(await get('/middle/inner/outer'), 'inner root: boom')
    assert.equal(await get('/middle/inner/throws'), 'inner root: the handler fails')
    assert.equal(await get('/root'), 'root: at the root')
    assert.match(await get('/middle/inner/none'), /^inner root: .*INTERNAL/)
    assert.match(String((await world.reports.take()).error), /boom/)
  })

  onBoth(
    'that throws or answers nonsense leaves a plain 500, with the last error reported',
    async (world) => {
      const app = world
        .makeApp()
        .onError((_error, c) => {
          if (c.kind === 'http' && c.path === '/throws') throw new Error('the handler fails')
          if (c.kind === 'http' && c.path === '/rejects')
            return Promise.reject(new Error('the handler rejects'))
          return () => 'nonsense'
        })
        .get('/{x}', () => {
          throw new Error('boom')
        })
      const client = await world.serve(app)
      for (const [path, reported] of [
        ['/throws', /handler fails/],
        ['/rejects', /handler rejects/],
        ['/nonsense', /returned a function/],
      ] as const) {
        assert.deepEqual((await client.send(`GET ${path}`)).problem, problemOf('INTERNAL', 500))
        assert.match(String((await world.reports.take()).error), reported)
      }
    },
  )

  onBoth('has what the middleware before the error added', async (world) => {
    const app = world
      .makeApp()
      .use((_c, next) => next({ user: 'Ada' }))
      .onError((_error, c) => ({ user: c.kind === 'socket' ? null : (c.user ?? null), route: c.route }))
      .get('/a', () => {
        throw new GoWebError('CONFLICT')
      })
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /a')).json, { user: 'Ada', route: '/a' })
    assert.deepEqual((await client.send('GET /b')).json, { user: 'Ada', route: '' })
  })
})

describe('app.fetch', () => {
  onFetch('never rejects, whatever fails', async (world) => {
    const fail = (): never => {
      throw new Error('boom')
    }
    const app = world
      .makeApp({ report: fail })
      .onError(fail)
      .use(['http'], (c, next) => {
        c.after(fail)
        return next()
      })
      .get('/a', fail)
      .get('/b', () => 'fine')
    const write = console.error
    const lines: unknown[][] = []
    console.error = (...line: unknown[]) => lines.push(line)
    try {
      assert.equal((await app.fetch(new Request('http://localhost/a'))).status, 500)
      assert.equal((await app.fetch(new Request('http://localhost/b'))).status, 200)
      assert.equal((await app.fetch(new Request('http://localhost/c'))).status, 500)
    } finally {
      console.error = write
    }
    // Errors that the app's own report did not take are written where errors go by default.
    assert.ok(lines.length > 0 && lines.every(([first]) => String(first).startsWith('goweb: ')))
  })

  test('is bound, and takes the address of the peer', async () => {
    const { fetch } = new GoWeb().get('/', (c) => `from ${c.ip}`)
    assert.equal(await (await fetch(new Request('http://localhost/'), { ip: '::1' })).text(), 'from ::1')
    assert.equal(await (await fetch(new Request('http://localhost/'))).text(), 'from ')
  })
})

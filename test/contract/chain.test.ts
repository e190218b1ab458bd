import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { defineMiddleware, GoWeb, GoWebError, Reply, type HttpMiddleware, type Middleware } from 'goweb'
import { problemOf } from './answer.ts'
import { onBoth } from './on-both.ts'

/** A middleware that notes when it is entered and left. */
function noted(log: string[], name: string): Middleware {
  return async (_c, next) => {
    log.push(`${name} in`)
    try {
      return await next()
    } finally {
      log.push(`${name} out`)
    }
  }
}

describe('the chain', () => {
  onBoth('runs each middleware once, from the outside in and back', async (world) => {
    const log: string[] = []
    const app = world
      .makeApp()
      .use(noted(log, 'a'))
      .use(noted(log, 'b'))
      .get('/', () => {
        log.push('handler')
        return 'ok'
      })
      .get('/throws', () => {
        log.push('throws')
        throw new GoWebError('CONFLICT')
      })
    const client = await world.serve(app)
    const runs = async (request: string): Promise<string> => {
      await client.send(request)
      return log.splice(0).join(', ')
    }
    assert.equal(await runs('GET /'), 'a in, b in, handler, b out, a out')
    assert.equal(await runs('HEAD /'), 'a in, b in, handler, b out, a out')
    assert.equal(await runs('GET /throws'), 'a in, b in, throws, b out, a out')
    assert.equal(await runs('GET /missing'), 'a in, b in, b out, a out')
    assert.equal(await runs('DELETE /'), 'a in, b in, b out, a out')
    assert.equal(await runs('OPTIONS /'), 'a in, b in, b out, a out')
    assert.equal(await runs('GET /%zz'), 'a in, b in, b out, a out')
  })

  onBoth('holds for what is defined afterwards', async (world) => {
    const app = world
      .makeApp()
      .get('/before', (c) => Object.hasOwn(c, 'added'))
      .use((_c, next) => next({ added: 1 }))
      .get('/after', (c) => Object.hasOwn(c, 'added'))
    const client = await world.serve(app)
    assert.equal((await client.send('GET /before')).json, false)
    assert.equal((await client.send('GET /after')).json, true)
  })

  onBoth('gives what next() was given to what follows, and keeps requests apart', async (world) => {
    const app = world
      .makeApp()
      .use((c, next) => next({ n: Number(c.header('x-n')), first: true }))
      .use((c, next) => next({ n: c.n * 10, second: c.first }))
      .get('/', (c) => [c.n, c.first, c.second])
    const client = await world.serve(app)
    const answers = await Promise.all(
      ['1', '2', '3'].map((n) => client.send('GET /', { headers: { 'x-n': n } })),
    )
    assert.deepEqual(
      answers.map(({ json }) => json),
      [
        [10, true, true],
        [20, true, true],
        [30, true, true],
      ],
    )
  })

  onBoth('refuses additions that would hide a part of the context', async (world) => {
    for (const name of [
      'json',
      'request',
      'params',
      'kind',
      'constructor',
      '__proto__',
      'toString',
      'search',
    ]) {
      const additions = JSON.parse(`{"${name}": 1}`) as { hidden?: number }
      const app = world
        .makeApp()
        .use((_c, next) => next(additions))
        .get('/', () => 'never')
      const client = await world.serve(app)
      for (const path of ['/', '/missing']) {
        assert.deepEqual((await client.send(`GET ${path}`)).problem, problemOf('INTERNAL', 500), name)
        await world.reports.takeCode('CONTEXT_KEY_RESERVED')
      }
    }
  })

  onBoth('lets additions have any other name, also where no route matches', async (world) => {
    const app = world
      .makeApp()
      .use((_c, next) => next({ miss: 'a', then: 'b', value: 'c' }))
      .onNotFound((c) => c.text([c.miss, c.then, c.value].join(' ')))
      .get('/', (c) => c.text([c.miss, c.then, c.value].join(' ')))
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'a b c')
    assert.equal((await client.send('GET /missing')).text, 'a b c')
  })

  onBoth('lets a middleware change the reply', async (world) => {
    const app = world
      .makeApp()
      .use(['http'], async (_c, next) => {
        const reply = await next()
        reply.headers.set('x-changed', String(reply.status))
        reply.status = 202
        if (typeof reply.body === 'string') reply.body = reply.body.toUpperCase()
        return reply
      })
      .get('/', () => 'text')
    const client = await world.serve(app)
    const answer = await client.send('GET /')
    assert.deepEqual([answer.status, answer.text, answer.headers.get('x-changed')], [202, 'TEXT', '200'])
  })

  onBoth('lets a middleware replace the reply, or answer without the rest', async (world) => {
    const reached: string[] = []
    const app = world
      .makeApp()
      .use(['http'], async (c, next) => {
        if (c.path === '/short') return c.text('short', 401)
        if (c.path === '/response') return new Response('a response', { status: 402 })
        if (c.path === '/string') return 'a string'
        if (c.path === '/object') return { an: 'object' }
        await next()
        return c.json({ replaced: true })
      })
      .get('/{path}', (c) => {
        reached.push(c.params.path)
        return 'inner'
      })
    const client = await world.serve(app)
    const get = async (path: string): Promise<[number, string]> => {
      const { status, text } = await client.send(`GET ${path}`)
      return [status, text]
    }
    assert.deepEqual(await get('/short'), [401, 'short'])
    assert.deepEqual(await get('/response'), [402, 'a response'])
    assert.deepEqual(await get('/string'), [200, 'a string'])
    assert.deepEqual(await get('/object'), [200, '{"an":"object"}'])
    assert.deepEqual(reached, [])
    assert.deepEqual(await get('/inner'), [200, '{"replaced":true}'])
    assert.deepEqual(reached, ['inner'])
  })

  onBoth('closes the body of a reply that is replaced, no more than once', async (world) => {
    let closed = 0
    const app = world
      .makeApp()
      .use(['http'], async (_c, next) => {
        const reply = await next()
        if (reply.body instanceof ReadableStream) await reply.body.cancel()
        reply.body = 'instead'
      })
      .get('/', () => new ReadableStream({ cancel: () => void closed++ }, { highWaterMark: 0 }))
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'instead')
    assert.equal(closed, 1)
  })

  onBoth('lets a middleware catch what the rest throws, and answer', async (world) => {
    const app = world
      .makeApp()
      .use(['http'], async (c, next) => {
        try {
          return await next()
        } catch (error) {
          return c.json({ caught: (error as Error).message }, 418)
        }
      })
      .get('/sync', () => {
        throw new Error('sync')
      })
      .get('/async', () => Promise.reject(new Error('async')))
    const client = await world.serve(app)
    for (const kind of ['sync', 'async']) {
      const answer = await client.send(`GET /${kind}`)
      assert.deepEqual([answer.status, answer.json], [418, { caught: kind }])
    }
    assert.equal(
      ((await client.send('GET /missing')).json as { caught: string }).caught.includes('/missing'),
      false,
    )
  })

  onBoth(
    'takes what a middleware throws before and after next() for an error of the request',
    async (world) => {
      const app = world
        .makeApp()
        .use(async (c, next) => {
          if (c.header('x-when') === 'before') throw new GoWebError('UNAUTHORIZED')
          const result = await next()
          if (c.header('x-when') === 'after') throw new GoWebError('FORBIDDEN')
          return result
        })
        .get('/', () => 'ok')
      const client = await world.serve(app)
      const status = async (when: string): Promise<number> =>
        (await client.send('GET /', { headers: { 'x-when': when } })).status
      assert.deepEqual(
        [await status('before'), await status('after'), await status('never')],
        [401, 403, 200],
      )
    },
  )

  onBoth('reports a middleware that calls next() twice, or neither answers nor calls it', async (world) => {
    const app = world
      .makeApp()
      .mount(
        '/twice',
        new GoWeb()
          .use(async (_c, next) => {
            await next()
            return next()
          })
          .get('/', () => 'x'),
      )
      .mount(
        '/silent',
        new GoWeb().use(async function silent() {}).get('/', () => 'x'),
      )
    const client = await world.serve(app)
    assert.equal((await client.send('GET /twice')).status, 500)
    await world.reports.takeCode('NEXT_CALLED_TWICE')
    assert.equal((await client.send('GET /silent')).status, 500)
    const { error } = await world.reports.takeCode('MIDDLEWARE_NO_RESULT')
    assert.match((error as Error).message, /silent/)
  })

  onBoth(
    'takes the reply of next() where a middleware returns nothing, also when it does not wait',
    async (world) => {
      const app = world
        .makeApp()
        .use(async (_c, next) => void (await next()))
        .use((_c, next) => void next())
        .get('/', async () => {
          await Promise.resolve()
          return 'inner'
        })
        .get('/throws', async () => {
          await Promise.resolve()
          throw new GoWebError('CONFLICT')
        })
      const client = await world.serve(app)
      assert.equal((await client.send('GET /')).text, 'inner')
      assert.equal((await client.send('GET /throws')).status, 409)
    },
  )

  onBoth('runs only the middleware of its kinds', async (world) => {
    const log: string[] = []
    const shape: HttpMiddleware = defineMiddleware(['http'], async (_c, next) => {
      log.push('http')
      return next()
    })
    const app = world
      .makeApp()
      .use(shape)
      .use(
        defineMiddleware(['subscribe', 'publish'], (_c, next) => {
          log.push('channel')
          return next()
        }),
      )
      .use(['upgrade'], (_c, next) => {
        log.push('upgrade')
        return next()
      })
      .use((c, next) => {
        log.push(`all: ${c.kind}`)
        return next()
      })
      .get('/', () => 'ok')
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'ok')
    assert.deepEqual(log, ['http', 'all: http'])
  })
})

describe('use', () => {
  test('refuses what is no middleware, and kinds that are none', () => {
    const use = (...args: unknown[]) => {
      const app = new GoWeb()
      return () => (app.use as (...args: unknown[]) => unknown).call(app, ...args)
    }
    const code = { code: 'OPTION_INVALID' }
    assert.throws(use(), code)
    assert.throws(use('middleware'), code)
    assert.throws(use(['http']), code)
    assert.throws(
      use(['htpp'], () => 'x'),
      code,
    )
    assert.throws(
      use([], () => 'x'),
      code,
    )
    assert.throws(use(Object.assign(() => 'x', { kinds: ['web'] })), code)
  })
})

describe('defineMiddleware', () => {
  test('keeps the function and names its kinds', () => {
    const noStore = async (): Promise<string> => 'x'
    const middleware = defineMiddleware(['http', 'upgrade'], noStore)
    assert.equal(middleware, noStore)
    assert.deepEqual(middleware.kinds, ['http', 'upgrade'])
  })

  test('refuses what is no middleware, and kinds that are none', () => {
    const define = defineMiddleware as (kinds: unknown, middleware: unknown) => unknown
    assert.throws(() => define(['htpp'], () => 'x'), { code: 'OPTION_INVALID', message: /htpp/ })
    assert.throws(() => define('http', () => 'x'), { code: 'OPTION_INVALID' })
    assert.throws(() => define(['http'], {}), { code: 'OPTION_INVALID', message: /function/ })
  })
})

describe('a reply that middleware sees', () => {
  onBoth('is one, whatever the handler returned', async (world) => {
    const seen: unknown[] = []
    const app = world
      .makeApp()
      .use(['http'], async (_c, next) => {
        const reply = await next()
        seen.push([reply instanceof Reply, reply.status, reply.type ?? null])
        return reply
      })
      .get('/string', () => 's')
      .get('/object', () => ({}))
      .get('/response', () => new Response('r', { status: 201, headers: { 'content-type': 'a/b' } }))
      .get('/nothing', () => undefined)
    const client = await world.serve(app)
    for (const path of ['/string', '/object', '/response', '/nothing']) await client.send(`GET ${path}`)
    assert.deepEqual(seen, [
      [true, 200, 'text/plain; charset=utf-8'],
      [true, 200, 'application/json'],
      [true, 201, 'a/b'],
      [true, 204, null],
    ])
  })
})

import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { Reply, type StandardSchema } from 'goweb'
import { type } from 'arktype'
import * as v from 'valibot'
import { z } from 'zod'
import { problemOf } from './answer.ts'
import { onBoth } from './on-both.ts'

interface Issue {
  in: string
  pointer: string
  detail: string
}

const issuesOf = (json: unknown): string[] =>
  (json as { errors: Issue[] }).errors.map(({ in: part, pointer }) => `${part} ${pointer}`).toSorted()

interface Parts {
  readonly params: StandardSchema<unknown, { id: number }>
  readonly query: StandardSchema<unknown, object>
  readonly headers: StandardSchema<unknown, { 'x-count': number }>
  readonly body: StandardSchema<unknown, object>
}

/** The same shapes by each vendor. */
const VENDORS: Readonly<Record<string, Parts>> = {
  zod: {
    params: z.object({ id: z.number() }),
    query: z.object({
      page: z.number().default(1),
      tags: z.array(z.string()).optional(),
      dry: z.boolean().optional(),
    }),
    headers: z.object({ 'x-count': z.number() }),
    body: z.object({ name: z.string(), ages: z.array(z.number()) }),
  },
  valibot: {
    params: v.object({ id: v.number() }),
    query: v.object({
      page: v.optional(v.number(), 1),
      tags: v.optional(v.array(v.string())),
      dry: v.optional(v.boolean()),
    }),
    headers: v.object({ 'x-count': v.number() }),
    body: v.object({ name: v.string(), ages: v.array(v.number()) }),
  },
  arktype: {
    params: type({ id: 'number' }),
    query: type({ page: 'number = 1', 'tags?': 'string[]', 'dry?': 'boolean' }),
    headers: type({ 'x-count': 'number' }),
    body: type({ name: 'string', ages: 'number[]' }),
  },
}

for (const [vendor, schemas] of Object.entries(VENDORS)) {
  describe(`schemas of ${vendor}`, () => {
    onBoth('give their output under the name of the part, strings converted', async (world) => {
      const app = world.makeApp().post(
        '/items/{id}',
        {
          params: schemas.params,
          query: schemas.query,
          headers: schemas.headers,
          body: schemas.body,
        },
        (c) => ({ params: c.params, query: c.query, count: c.headers['x-count'], body: c.body }),
      )
      const client = await world.serve(app)
      const answer = await client.send('POST /items/7?page=2&tags=a&dry=true', {
        headers: { 'x-count': '3' },
        json: { name: 'n', ages: [1] },
      })
      assert.deepEqual(answer.json, {
        params: { id: 7 },
        query: { page: 2, tags: ['a'], dry: true },
        count: 3,
        body: { name: 'n', ages: [1] },
      })
      const defaults = await client.send('POST /items/7?tags=a&tags=b', {
        headers: { 'x-count': '3' },
        json: { name: 'n', ages: [] },
      })
      assert.deepEqual((defaults.json as { query: unknown }).query, { page: 1, tags: ['a', 'b'] })
    })

    onBoth('tell all that is wrong in one answer, with JSON pointers', async (world) => {
      const app = world.makeApp().post(
        '/items/{id}',
        {
          params: schemas.params,
          query: schemas.query,
          headers: schemas.headers,
          body: schemas.body,
        },
        () => assert.fail('the handler of an invalid request'),
      )
      const client = await world.serve(app)
      const answer = await client.send('POST /items/seven?page=two', {
        headers: { 'x-count': 'three' },
        json: { name: 4, ages: [1, 'five'] },
      })
      assert.deepEqual(answer.problem, problemOf('VALIDATION_FAILED', 422))
      assert.deepEqual(issuesOf(answer.json), [
        'body /ages/1',
        'body /name',
        'headers /x-count',
        'params /id',
        'query /page',
      ])
      assert.ok((answer.json as { errors: Issue[] }).errors.every(({ detail }) => detail.length > 3))
    })

    onBoth('are given urlencoded forms as well as JSON', async (world) => {
      const app = world.makeApp().post('/', { body: schemas.body }, (c) => c.json(c.body))
      const client = await world.serve(app)
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const form = await client.send('POST /', { headers, body: 'name=n&ages=1&ages=2' })
      assert.deepEqual(form.json, { name: 'n', ages: [1, 2] })
    })
  })
}

describe('a schema', () => {
  onBoth('of the body is given undefined where there is none, and never a wrong type', async (world) => {
    const app = world
      .makeApp()
      .post('/optional', { body: z.object({ a: z.number() }).optional() }, (c) => c.json(c.body ?? 'none'))
      .post('/required', { body: z.object({ a: z.number() }) }, (c) => c.json(c.body))
    const client = await world.serve(app)
    assert.equal((await client.send('POST /optional')).json, 'none')
    assert.equal((await client.send('POST /required')).status, 422)
    const text = await client.send('POST /required', {
      headers: { 'content-type': 'text/plain' },
      body: '{}',
    })
    assert.deepEqual(text.problem, problemOf('MEDIA_TYPE_UNSUPPORTED', 415))
    assert.match(text.headers.get('accept') ?? '', /application\/json/)
    const broken = { headers: { 'content-type': 'application/json' }, body: '{"a":' }
    assert.deepEqual((await client.send('POST /required', broken)).problem, problemOf('JSON_INVALID', 400))
  })

  onBoth('may be asynchronous, and may throw', async (world) => {
    const taken = z.string().refine(async (name) => {
      await Promise.resolve()
      return name !== 'taken'
    })
    const broken: StandardSchema = {
      '~standard': {
        version: 1,
        vendor: 'own',
        validate() {
          throw new Error('the schema is broken')
        },
      },
    }
    const app = world
      .makeApp()
      .get('/names/{name}', { params: z.object({ name: taken }), query: z.object({ q: taken }) }, (c) => [
        c.params.name,
        c.query.q,
      ])
      .get('/broken', { query: broken }, () => 'never')
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /names/free?q=free')).json, ['free', 'free'])
    const answer = await client.send('GET /names/taken?q=taken')
    assert.equal(answer.status, 422)
    assert.deepEqual(issuesOf(answer.json), ['params /name', 'query /q'])
    assert.equal((await client.send('GET /broken')).status, 500)
    assert.match(String((await world.reports.take()).error), /schema is broken/)
  })

  onBoth('is asked after the chain, which sees the request as it came', async (world) => {
    const seen: unknown[] = []
    const app = world
      .makeApp()
      .use(['http'], (c, next) => {
        seen.push(c.params['id'], c.query.get('page'))
        return c.header('authorization') === undefined ? c.empty(401) : next()
      })
      .get('/{id}', { params: z.object({ id: z.number() }) }, (c) => c.params.id + 1)
    const client = await world.serve(app)
    assert.equal((await client.send('GET /x')).status, 401)
    const headers = { authorization: 'yes' }
    assert.equal((await client.send('GET /7?page=2', { headers })).json, 8)
    assert.equal((await client.send('GET /x', { headers })).status, 422)
    assert.deepEqual(seen, ['x', null, '7', '2', 'x', null])
  })

  onBoth('never sees or gives names that change prototypes', async (world) => {
    const app = world
      .makeApp()
      .get('/loose', { query: z.record(z.string(), z.unknown()) }, (c) => Object.keys(c.query).toSorted())
      .get('/strict', { query: z.strictObject({ a: z.string().optional() }) }, (c) => [
        c.query.a ?? null,
        'isAdmin' in c.query,
      ])
      .get('/headers', { headers: z.looseObject({}) }, (c) => [
        Object.hasOwn(c.headers, 'x-a'),
        'isAdmin' in c.headers,
      ])
      .post('/body', { body: z.looseObject({}) }, (c) => 'isAdmin' in c.body)
    const client = await world.serve(app)
    const loose = await client.send('GET /loose?__proto__=1&constructor=2&toString=3&__proto__[isAdmin]=4')
    assert.ok((loose.json as string[]).includes('constructor'))
    assert.equal((await client.send('GET /strict?__proto__[isAdmin]=1')).status, 422)
    assert.equal((await client.send('GET /strict?constructor=1')).status, 422)
    assert.deepEqual((await client.send('GET /strict')).json, [null, false])
    assert.deepEqual((await client.send('GET /headers', { headers: { 'x-a': '1' } })).json, [true, false])
    const proto = { headers: { 'content-type': 'application/json' }, body: '{"__proto__":{"isAdmin":true}}' }
    assert.deepEqual((await client.send('POST /body', proto)).problem, problemOf('JSON_KEY_FORBIDDEN', 400))
    assert.equal(({} as { isAdmin?: unknown }).isAdmin, undefined)
  })

  onBoth('gives at most a hundred issues', async (world) => {
    const app = world.makeApp().post('/', { body: z.array(z.number()) }, () => 'never')
    const client = await world.serve(app)
    const answer = await client.send('POST /', { json: Array.from({ length: 1000 }, () => 'x') })
    assert.equal((answer.json as { errors: unknown[] }).errors.length, 100)
  })
})

describe('a response schema', () => {
  const user = z.object({ name: z.string() })

  onBoth('lets out what it gives, and nothing else', async (world) => {
    const secret = { name: 'Ada', password: 'hunter2' }
    const app = world
      .makeApp()
      .get('/plain', { response: user }, () => secret)
      .get('/json', { response: user }, (c) => c.json(secret, 201))
      .get('/late', { response: user.refine(async () => true) }, async () => secret)
      .get('/list', { response: z.array(user) }, (c) => c.json([secret]))
    const client = await world.serve(app)
    for (const [path, status, json] of [
      ['/plain', 200, { name: 'Ada' }],
      ['/json', 201, { name: 'Ada' }],
      ['/late', 200, { name: 'Ada' }],
      ['/list', 200, [{ name: 'Ada' }]],
    ] as const) {
      const answer = await client.send(`GET ${path}`)
      assert.deepEqual([answer.status, answer.json], [status, json])
    }
  })

  onBoth('makes a reported 500 of what does not fit', async (world) => {
    const wrong = { name: 7, password: 'hunter2' } as never
    const app = world
      .makeApp()
      .get('/plain', { response: user }, () => wrong)
      .get('/json', { response: user }, (c) => c.json(wrong))
      .get('/nothing', { response: user }, () => undefined as never)
    const client = await world.serve(app)
    for (const path of ['/plain', '/json', '/nothing']) {
      const answer = await client.send(`GET ${path}`)
      assert.deepEqual(answer.problem, problemOf('INTERNAL', 500))
      assert.doesNotMatch(answer.text, /hunter2/)
      await world.reports.takeCode('RESPONSE_INVALID')
    }
  })

  onBoth('leaves a Response, a redirect and other statuses alone', async (world) => {
    const app = world
      .makeApp()
      .get('/response', { response: user }, () => Response.json({ other: 1 }))
      .get('/redirect', { response: user }, (c) => c.redirect('/x'))
      .get('/error', { response: user }, (c) => c.json({ error: 'x' } as never, 404))
      .get('/raw', { response: user }, () => new Reply(200, 'raw', 'text/plain') as never)
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /response')).json, { other: 1 })
    assert.equal((await client.send('GET /redirect')).status, 302)
    assert.deepEqual((await client.send('GET /error')).json, { error: 'x' })
    assert.equal((await client.send('GET /raw')).text, 'raw')
  })

  onBoth('checks a reply that is kept each time, and leaves it as it was', async (world) => {
    const kept = new Reply<{ name: string; password: string }>(200, null, 'application/json')
    kept.value = { name: 'Ada', password: 'hunter2' }
    const app = world
      .makeApp()
      .get('/strip', { response: user }, () => kept)
      .get('/all', () => kept.value)
    const client = await world.serve(app)
    for (let round = 0; round < 2; round++) {
      assert.deepEqual((await client.send('GET /strip')).json, { name: 'Ada' })
      assert.deepEqual((await client.send('GET /all')).json, { name: 'Ada', password: 'hunter2' })
    }
  })
})

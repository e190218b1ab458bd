import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWeb } from 'goweb'
import { problemOf } from './answer.ts'
import { onBoth, onFetch } from './on-both.ts'

describe('matchers', () => {
  onBoth('tell routes apart by host, without case and port, with its variables', async (world) => {
    const app = world
      .makeApp()
      .get('/', () => 'any host')
      .get('/', { match: { host: 'api.example.com' } }, () => 'api')
      .get('/', { match: { host: '{tenant}.example.org' } }, (c) => `tenant ${c.params.tenant}`)
      .get('/{page}', { match: { host: '{tenant:[a-z]+}.example.org' } }, (c) => {
        return `${c.params.tenant} ${c.params.page}`
      })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'any host')
    assert.equal((await client.send('GET /', { host: 'API.example.com:8080' })).text, 'api')
    assert.equal((await client.send('GET /', { host: 'acme.example.org' })).text, 'tenant acme')
    assert.equal((await client.send('GET /about', { host: 'acme.example.org' })).text, 'acme about')
    assert.equal((await client.send('GET /about', { host: '7.example.org' })).status, 404)
    assert.equal((await client.send('GET /', { host: 'example.org' })).text, 'any host')
  })

  onFetch('tell routes apart by scheme', async (world) => {
    const app = world
      .makeApp()
      .get('/', { match: { scheme: 'https' } }, () => 'secure')
      .get('/', { match: { scheme: 'http' } }, () => 'plain')
    for (const [scheme, text] of [
      ['https', 'secure'],
      ['http', 'plain'],
    ]) {
      assert.equal(await (await app.fetch(new Request(`${scheme}://localhost/`))).text(), text)
    }
  })

  onBoth('tell routes apart by headers and query', async (world) => {
    const app = world
      .makeApp()
      .get('/v', { match: { headers: { 'X-Version': '2' } } }, () => 'two')
      .get('/v', { match: { headers: { 'x-version': /^3/ } } }, () => 'three')
      .get('/v', { match: { headers: { 'x-version': true } } }, () => 'some')
      .get('/v', { match: { query: { kind: 'a' } } }, () => 'kind a')
      .get('/v', () => 'none')
    const client = await world.serve(app)
    const version = async (value: string): Promise<string> =>
      (await client.send('GET /v', { headers: { 'x-version': value } })).text
    assert.equal(await version('2'), 'two')
    assert.equal(await version('3.1'), 'three')
    assert.equal(await version('9'), 'some')
    assert.equal((await client.send('GET /v?kind=a')).text, 'kind a')
    assert.equal((await client.send('GET /v?kind=b&kind=a')).text, 'none')
    assert.equal((await client.send('GET /v')).text, 'none')
  })

  onBoth('that do not hold make a 404, and no method is told that would not be served', async (world) => {
    const app = world.makeApp().get('/v', { match: { headers: { 'x-version': '2' } } }, () => 'two')
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /v')).problem, problemOf('ROUTE_NOT_FOUND', 404))
    assert.deepEqual((await client.send('POST /v')).problem, problemOf('ROUTE_NOT_FOUND', 404))
    const answer = await client.send('POST /v', { headers: { 'x-version': '2' } })
    assert.deepEqual(answer.problem, problemOf('METHOD_NOT_ALLOWED', 405))
  })
})

describe('routes that cannot be', () => {
  const code = (expected: string, part: RegExp) => (error: Error & { code?: string }) => {
    assert.equal(error.code, expected, error.message)
    assert.match(error.message, part)
    return true
  }

  test('are refused when they are added, naming both', () => {
    const app = new GoWeb().get('/users/{id}', () => 'a')
    assert.throws(
      () => app.get('/users/{name}', () => 'b'),
      code('ROUTE_CONFLICT', /\/users\/\{name\}.*\/users\/\{id\}/s),
    )
    assert.throws(() => app.get('/users/{', () => 'b'), code('PATTERN_INVALID', /position/))
    assert.throws(() => app.get('users', () => 'b'), code('PATTERN_INVALID', /"\/"/))
    assert.throws(() => app.get('/a/{x}/{x}', () => 'b'), code('PATTERN_INVALID', /"x" occurs twice/))
    assert.throws(
      () => app.get('/m', { match: { method: 'GET' } as never }, () => 'b'),
      code('ROUTE_INVALID', /"method"/),
    )
    app.get('/n', { name: 'n' }, () => 'n')
    assert.throws(() => app.get('/o', { name: 'n' }, () => 'o'), code('ROUTE_NAME_TAKEN', /\/o.*\/n/s))
  })

  test('are refused for options that no route has, for what is no schema, and without a handler', () => {
    const app = new GoWeb()
    const add = app.post.bind(app) as (pattern: string, ...rest: unknown[]) => unknown
    assert.throws(() => add('/a', { bdoy: {} }, () => 'a'), code('OPTION_INVALID', /POST \/a.*bdoy/))
    assert.throws(
      () => add('/a', { body: { name: 'string' } }, () => 'a'),
      code('OPTION_INVALID', /body.*schema/i),
    )
    assert.throws(
      () => add('/a', { bodyLimitBytes: -1 }, () => 'a'),
      code('OPTION_INVALID', /bodyLimitBytes/),
    )
    assert.throws(() => add('/a'), code('OPTION_INVALID', /handler/))
    assert.throws(() => add('/a', { name: 'a' }), code('OPTION_INVALID', /handler/))
    assert.throws(() => add('/a', {}, 'text'), code('OPTION_INVALID', /handler/))
    assert.deepEqual(app.routes(), [])
  })

  test('leave the app as it was', async () => {
    const app = new GoWeb().get('/a', () => 'a')
    assert.throws(() => app.get('/a', () => 'b'))
    assert.equal(app.routes().length, 1)
    assert.equal(await (await app.fetch(new Request('http://localhost/a'))).text(), 'a')
  })
})

describe('options of an app', () => {
  test('are checked', () => {
    const make = (options: object) => () => new GoWeb(options)
    for (const options of [
      { bodyLimitBytes: 1.5 },
      { jsonDepth: -1 },
      { formFields: '7' },
      { report: 'console' },
      { allowedOrigins: 'https://a.example' },
      { trailingSlashes: 'ignore' },
    ]) {
      assert.throws(make(options), { code: 'OPTION_INVALID' }, JSON.stringify(options))
    }
    assert.throws(make({ trailingSlash: 'sometimes' }), { code: 'ROUTE_INVALID' })
  })
})

describe('url', () => {
  const app = new GoWeb()
    .get('/', { name: 'home' }, () => 'home')
    .get('/users/{id}/files/{path...}', { name: 'file' }, (c) => [c.params.id, c.params.path])
    .get('/days/{date:[0-9]{4}-[0-9]{2}}', { name: 'day' }, (c) => c.params.date)
    .ws('/rooms/{room}', { name: 'room' })
    .mount(
      '/admin',
      new GoWeb().get('/', { name: 'admin' }, () => 'admin'),
    )

  test('builds the path of a named route, encoded', () => {
    assert.equal(app.url('home'), '/')
    assert.equal(app.url('file', { id: 7, path: 'a/b c/ü' }), '/users/7/files/a/b%20c/%C3%BC')
    assert.equal(app.url('day', { date: '2026-01' }), '/days/2026-01')
    assert.equal(app.url('admin'), '/admin')
    assert.equal(app.url('room', { room: 'x' }), '/rooms/x')
  })

  test('knows routes by any name', () => {
    const names = ['__proto__', 'constructor', 'toString', ' ', 'ü']
    const any = new GoWeb()
    for (const [index, name] of names.entries()) any.get(`/${index}`, { name }, () => 'x')
    const url = any.url.bind(any) as (name: string) => string
    assert.deepEqual(
      names.map((name) => url(name)),
      ['/0', '/1', '/2', '/3', '/4'],
    )
  })

  test('leads back to the same values', async () => {
    for (const id of ['a/b', '%', '?#&', 'ü', ' ', '..a', '%2F', '\'"', 'a;b=c', '__proto__']) {
      const path = app.url('file', { id, path: 'x/y' })
      const response = await app.fetch(new Request(`http://localhost${path}`))
      assert.deepEqual(await response.json(), [id, 'x/y'])
    }
  })

  test('adds a query and an origin where asked to', () => {
    assert.equal(
      app.url('home', {}, { query: { q: 'a b', tag: ['x', 'y'], none: undefined } }),
      '/?q=a+b&tag=x&tag=y',
    )
    assert.equal(
      app.url('day', { date: '2026-01' }, { absolute: true, host: 'example.com', scheme: 'http' }),
      'http://example.com/days/2026-01',
    )
  })

  test('refuses what no route would give back', () => {
    const url = app.url.bind(app) as (name: string, params?: object) => string
    for (const [params, part] of [
      [{ id: 7 }, /path is missing/],
      [{ id: '', path: '' }, /id is empty/],
      [{ id: '..', path: '' }, /"\.\."/],
      [{ id: 'a', path: '../b' }, /"\.\."/],
      [{ id: Number.NaN, path: '' }, /finite/],
      [{ id: 'a', path: 'a\0' }, /NUL/],
      [{ id: 'a', path: 'a', other: 1 }, /"other"/],
      [JSON.parse('{"__proto__": 1, "id": 1, "path": 1}'), /__proto__/],
    ] as const) {
      assert.throws(() => url('file', params), { code: 'ROUTE_PARAM_INVALID', message: part })
    }
    assert.throws(() => url('day', { date: '2026' }), { code: 'ROUTE_PARAM_INVALID' })
    for (const name of ['nothing', 'constructor', '__proto__', 'toString']) {
      assert.throws(() => url(name), { code: 'ROUTE_NAME_UNKNOWN' })
    }
  })
})

describe('routes', () => {
  test('lists all, those of mounted apps and of sockets included', () => {
    const admin = new GoWeb().get('/', () => 'a').post('/users', { name: 'add' }, () => 'b')
    const app = new GoWeb()
      .all('/any', () => 'c')
      .ws('/echo', {})
      .mount('/admin', admin)
    admin.delete('/late', () => 'd')
    assert.deepEqual(app.routes(), [
      { method: '*', pattern: '/any', name: undefined },
      { method: 'WEBSOCKET', pattern: '/echo', name: undefined },
      { method: 'GET', pattern: '/admin', name: undefined },
      { method: 'POST', pattern: '/admin/users', name: 'add' },
      { method: 'DELETE', pattern: '/admin/late', name: undefined },
    ])
  })
})

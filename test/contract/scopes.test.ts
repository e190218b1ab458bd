import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createScope, GoWeb, GoWebError, type Middleware } from 'goweb'
import { problemOf } from './answer.ts'
import type { Client } from './client.ts'
import { onBoth } from './on-both.ts'

/** Notes its name in a header, so that a test sees which middleware an answer passed, and in which order. */
function passes(name: string): Middleware {
  return (c, next) => {
    if (c.kind === 'http')
      (c as unknown as { appendHeader(n: string, v: string): void }).appendHeader('x-passed', name)
    return next()
  }
}

async function passed(client: Client, request: string): Promise<[number, string | null]> {
  const { status, headers } = await client.send(request)
  return [status, headers.get('x-passed')]
}

describe('a mounted app', () => {
  onBoth('has its routes under the prefix, its root at the prefix itself', async (world) => {
    const admin = new GoWeb()
      .get('/', (c) => `root ${c.route}`)
      .get('/users/{id}', (c) => `user ${c.params.id} ${c.route}`)
      .get('/{path...}', (c) => `rest ${c.params.path}`)
    const client = await world.serve(world.makeApp().mount('/admin', admin))
    assert.equal((await client.send('GET /admin')).text, 'root /admin')
    assert.equal((await client.send('GET /admin/users/7')).text, 'user 7 /admin/users/{id}')
    assert.equal((await client.send('GET /admin/a/b')).text, 'rest a/b')
    assert.equal((await client.send('GET /users/7')).status, 404)
    assert.equal((await client.send('GET /administrator')).status, 404)
  })

  onBoth(
    'is passed after the middleware that its parent had by then, and leaks nothing to it',
    async (world) => {
      const child = new GoWeb()
        .get('/early', () => 'x')
        .use(passes('child'))
        .get('/late', () => 'x')
      const app = world
        .makeApp()
        .use(passes('before'))
        .get('/parent', () => 'x')
        .mount('/child', child)
        .use(passes('after'))
        .get('/parent-late', () => 'x')
      const client = await world.serve(app)
      assert.deepEqual(await passed(client, 'GET /child/early'), [200, 'before'])
      assert.deepEqual(await passed(client, 'GET /child/late'), [200, 'before, child'])
      assert.deepEqual(await passed(client, 'GET /parent'), [200, 'before'])
      assert.deepEqual(await passed(client, 'GET /parent-late'), [200, 'before, after'])
    },
  )

  onBoth('still works by itself', async (world) => {
    const child = world
      .makeApp()
      .use(passes('child'))
      .get('/a', (c) => c.route)
    const parent = world.makeApp().use(passes('parent')).mount('/p', child)
    const alone = await world.serve(child)
    const mounted = await world.serve(parent)
    assert.deepEqual(await passed(alone, 'GET /a'), [200, 'child'])
    assert.equal((await alone.send('GET /a')).text, '/a')
    assert.deepEqual(await passed(mounted, 'GET /p/a'), [200, 'parent, child'])
    assert.equal((await mounted.send('GET /p/a')).text, '/p/a')
  })

  onBoth('may have apps of its own, and routes and middleware that are added later', async (world) => {
    const inner = new GoWeb().use(passes('inner'))
    const outer = new GoWeb().use(passes('outer')).mount('/inner', inner)
    const app = world.makeApp().use(passes('root')).mount('/outer', outer)
    inner.get('/late', (c) => c.route)
    const client = await world.serve(app)
    assert.deepEqual(await passed(client, 'GET /outer/inner/late'), [200, 'root, outer, inner'])
    inner.use(passes('later')).get('/latest', () => 'x')
    assert.deepEqual(await passed(client, 'GET /outer/inner/latest'), [200, 'root, outer, inner, later'])
    assert.deepEqual(await passed(client, 'GET /outer/inner/late'), [200, 'root, outer, inner'])
    outer.mount(
      '/other',
      new GoWeb().get('/', () => 'x'),
    )
    assert.deepEqual(await passed(client, 'GET /outer/other'), [200, 'root, outer'])
  })

  onBoth('may be mounted twice, each time with the middleware and variables of the place', async (world) => {
    const child = new GoWeb().get('/a', (c) => `${c.route} ${JSON.stringify(c.params)}`)
    const app = world.makeApp().mount('/one', child).use(passes('between')).mount('/two/{id}', child)
    const client = await world.serve(app)
    assert.equal((await client.send('GET /one/a')).text, '/one/a {}')
    assert.equal((await client.send('GET /two/7/a')).text, '/two/{id}/a {"id":"7"}')
    assert.deepEqual(await passed(client, 'GET /one/a'), [200, null])
    assert.deepEqual(await passed(client, 'GET /two/7/a'), [200, 'between'])
  })

  onBoth('sees the variables of its prefix, also where no route matches', async (world) => {
    const child = new GoWeb()
      .use((c, next) => next({ tenant: c.params['tenant'] ?? 'none' }))
      .get('/users/{id}', (c) => [c.tenant, c.params.id])
      .onNotFound((c) => [c.tenant, JSON.stringify(c.params)])
    const app = world
      .makeApp()
      .mount('/t/{tenant:[a-z]+}', child)
      .mount(
        '/{rest}/{rest_}',
        new GoWeb().onNotFound((c) => c.json(c.params, 404)),
      )
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /t/acme/users/7')).json, ['acme', '7'])
    assert.deepEqual((await client.send('GET /t/acme/nothing')).json, ['acme', '{"tenant":"acme"}'])
    assert.deepEqual((await client.send('GET /a%2Fb/c/d')).json, { rest: 'a/b', rest_: 'c' })
  })

  onBoth('at / shares the paths of its parent', async (world) => {
    const users = new GoWeb()
      .use(passes('users'))
      .get('/', () => 'home')
      .get('/users', () => 'x')
      .onNotFound((c) => c.text('never asked', 404))
    const deep = new GoWeb().use(passes('deep')).get('/x', () => 'x')
    const rooms = new GoWeb().get('/rooms', () => 'x').mount('/deep', deep)
    const app = world.makeApp().use(passes('root')).mount('/', users).mount('/', rooms)
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'home')
    assert.deepEqual(await passed(client, 'GET /users'), [200, 'root, users'])
    assert.deepEqual(await passed(client, 'GET /rooms'), [200, 'root'])
    assert.deepEqual(await passed(client, 'GET /nothing'), [404, 'root'])
    assert.deepEqual(await passed(client, 'GET /deep/nothing'), [404, 'root, deep'])
    assert.deepEqual((await client.send('GET /nothing')).problem, problemOf('ROUTE_NOT_FOUND', 404))
  })

  onBoth('keeps its own limits', async (world) => {
    const child = new GoWeb({ bodyLimitBytes: 4, jsonDepth: 1 })
      .post('/text', (c) => c.body.text())
      .post('/json', async (c) => c.json(await c.body.json()))
    const app = world
      .makeApp({ bodyLimitBytes: 8 })
      .post('/text', (c) => c.body.text())
      .mount('/child', child)
    const client = await world.serve(app)
    assert.equal((await client.send('POST /text', { body: '12345' })).status, 200)
    assert.equal((await client.send('POST /child/text', { body: '12345' })).status, 413)
    assert.equal((await client.send('POST /child/json', { json: [[]] })).status, 400)
  })

  test('may need what its parent adds', async () => {
    const admin = createScope<{ user: { name: string } }>().get('/me', (c) => c.text(c.user.name))
    const app = new GoWeb().use((_c, next) => next({ user: { name: 'Ada' }, more: 1 })).mount('/admin', admin)
    assert.equal(await (await app.fetch(new Request('http://localhost/admin/me'))).text(), 'Ada')
  })

  test('is refused under a prefix that is none, into itself, and when it is no app', () => {
    const app = new GoWeb()
    const child = new GoWeb()
    for (const prefix of ['', 'admin', '/admin/', '/a/{rest...}', '//']) {
      assert.throws(() => app.mount(prefix, child), { code: 'MOUNT_INVALID' }, prefix)
    }
    assert.throws(() => app.mount('/a/{', child), { code: 'PATTERN_INVALID' })
    assert.throws(() => app.mount('/a', app), { code: 'MOUNT_INVALID', message: /itself/ })
    app.mount('/child', child)
    assert.throws(() => child.mount('/a', app), { code: 'MOUNT_INVALID', message: /itself/ })
    for (const no of [undefined, null, {}, () => undefined, { fetch: app.fetch }]) {
      assert.throws(() => app.mount('/a', no as never), { code: 'MOUNT_INVALID', message: /new GoWeb/ })
    }
  })

  test('whose routes are there already is refused, and nothing of it is left', () => {
    const app = new GoWeb().get('/child/b', { name: 'b' }, () => 'parent')
    const twin = new GoWeb().get('/a', () => 'child').get('/b', () => 'child')
    const namesake = new GoWeb().get('/x', () => 'child').get('/y', { name: 'b' }, () => 'child')
    assert.throws(() => app.mount('/child', twin), { code: 'ROUTE_CONFLICT' })
    assert.throws(() => app.mount('/other', namesake), { code: 'ROUTE_NAME_TAKEN' })
    assert.deepEqual(
      app.routes().map(({ pattern }) => pattern),
      ['/child/b'],
    )
    twin.get('/c', () => 'child')
    assert.equal(app.routes().length, 1)
  })

  test('whose later route is there already refuses it, in both', () => {
    const child = new GoWeb()
    const app = new GoWeb().get('/child/a', () => 'parent').mount('/child', child)
    assert.throws(() => child.get('/a', () => 'child'), { code: 'ROUTE_CONFLICT' })
    assert.deepEqual(child.routes(), [])
    assert.equal(app.routes().length, 1)
  })
})

describe('requests that no route matches', () => {
  onBoth('pass the chain of the app whose prefix they are under', async (world) => {
    const inner = new GoWeb().use(passes('inner')).post('/only', () => 'x')
    const outer = new GoWeb().use(passes('outer')).mount('/inner', inner)
    const app = world.makeApp().use(passes('root')).mount('/outer', outer).use(passes('late'))
    const client = await world.serve(app)
    assert.deepEqual(await passed(client, 'GET /outer/inner/nothing'), [404, 'root, outer, inner'])
    assert.deepEqual(await passed(client, 'GET /outer/inner'), [404, 'root, outer, inner'])
    assert.deepEqual(await passed(client, 'GET /outer/inner/only'), [405, 'root, outer, inner'])
    assert.deepEqual(await passed(client, 'OPTIONS /outer/inner/only'), [204, 'root, outer, inner'])
    assert.deepEqual(await passed(client, 'GET /outer/nothing'), [404, 'root, outer'])
    assert.deepEqual(await passed(client, 'GET /outermost'), [404, 'root, late'])
  })

  onBoth('are turned away by the guard of their prefix first', async (world) => {
    const admin = new GoWeb()
      .use((c, next) => {
        if (c.header('authorization') === undefined) throw new GoWebError('UNAUTHORIZED')
        return next()
      })
      .get('/a', () => 'secret')
    const client = await world.serve(world.makeApp().mount('/admin', admin))
    for (const request of [
      'GET /admin/a',
      'GET /admin/b',
      'POST /admin/a',
      'GET /admin',
      'OPTIONS /admin/a',
    ]) {
      assert.equal((await client.send(request)).status, 401, request)
    }
    assert.equal((await client.send('GET /other')).status, 404)
  })

  onBoth('are answered by the innermost onNotFound, with 404 unless it says otherwise', async (world) => {
    const inner = new GoWeb().onNotFound((c) => (c.path.endsWith('/pass') ? undefined : c.text('inner', 410)))
    const quiet = new GoWeb().get('/x', () => 'x')
    const app = world
      .makeApp()
      .mount('/inner', inner)
      .mount('/quiet', quiet)
      .onNotFound(async (c) => {
        await Promise.resolve()
        return { nothing: c.path }
      })
    const client = await world.serve(app)
    const get = async (path: string): Promise<[number, string]> => {
      const { status, text } = await client.send(`GET ${path}`)
      return [status, text]
    }
    assert.deepEqual(await get('/inner/a'), [410, 'inner'])
    assert.deepEqual(await get('/inner/pass'), [404, '{"nothing":"/inner/pass"}'])
    assert.deepEqual(await get('/quiet/a'), [404, '{"nothing":"/quiet/a"}'])
    assert.deepEqual(await get('/a'), [404, '{"nothing":"/a"}'])
    assert.equal((await client.send('POST /quiet/x')).status, 405)
  })

  onBoth('are an error where onNotFound throws or answers nothing', async (world) => {
    const app = world
      .makeApp()
      .onNotFound((c) => {
        if (c.path === '/throws') throw new GoWebError('FORBIDDEN')
      })
      .mount(
        '/child',
        new GoWeb().onError((error) => ({ code: (error as GoWebError).code })),
      )
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /throws')).problem, problemOf('FORBIDDEN', 403))
    assert.deepEqual((await client.send('GET /nothing')).problem, problemOf('ROUTE_NOT_FOUND', 404))
    const answer = await client.send('GET /child/nothing')
    assert.deepEqual([answer.status, answer.json], [404, { code: 'ROUTE_NOT_FOUND' }])
  })
})

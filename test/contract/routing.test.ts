import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { problemOf } from './answer.ts'
import { onBoth, onFetch, onServer } from './on-both.ts'
import { skipOn } from '../skip-on.ts'

describe('routing', () => {
  onBoth('finds routes by method and path, and hands over decoded path variables', async (world) => {
    const app = world
      .makeApp()
      .get('/', () => 'home')
      .get('/users/{id}', (c) => `get ${c.params.id}`)
      .post('/users/{id}', (c) => `post ${c.params.id}`)
      .put('/users/{id}', (c) => `put ${c.params.id}`)
      .patch('/users/{id}', (c) => `patch ${c.params.id}`)
      .delete('/users/{id}', (c) => `delete ${c.params.id}`)
      .get('/files/{path...}', (c) => `file ${c.params.path}`)
      .get('/days/{date:[0-9]{4}-[0-9]{2}}', (c) => `day ${c.params.date}`)
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).text, 'home')
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await client.send(`${method} /users/7`)
      assert.equal(answer.text, `${method.toLowerCase()} 7`)
    }
    assert.equal((await client.send('GET /users/J%C3%BCrgen%20B')).text, 'get Jürgen B')
    assert.equal((await client.send('GET /users/a%2Fb')).text, 'get a/b')
    assert.equal((await client.send('GET /files/a/b/c.txt')).text, 'file a/b/c.txt')
    assert.equal((await client.send('GET /days/2026-01')).text, 'day 2026-01')
    assert.equal((await client.send('GET /days/2026-1')).status, 404)
  })

  onBoth('tells 404 and 405 apart, with Allow', async (world) => {
    const app = world
      .makeApp()
      .get('/users/{id}', () => 'user')
      .delete('/users/{id}', () => 'gone')
    const client = await world.serve(app)
    const missing = await client.send('GET /nobody')
    assert.deepEqual(missing.problem, problemOf('ROUTE_NOT_FOUND', 404))
    const refused = await client.send('POST /users/7')
    assert.deepEqual(refused.problem, problemOf('METHOD_NOT_ALLOWED', 405))
    assert.equal(refused.headers.get('allow'), 'DELETE, GET, HEAD, OPTIONS')
  })

  onBoth('answers any method with all(), unless the method has a route of its own', async (world) => {
    const app = world
      .makeApp()
      .all('/any', (c) => `all ${c.method}`)
      .get('/any', (c) => `own ${c.method}`)
    const client = await world.serve(app)
    assert.equal((await client.send('GET /any')).text, 'own GET')
    for (const method of ['POST', 'PUT', 'DELETE', 'PROPFIND', 'OPTIONS']) {
      assert.equal((await client.send(`${method} /any`)).text, `all ${method}`)
    }
  })

  onBoth('answers 426 at a path that serves WebSockets only', async (world) => {
    const app = world
      .makeApp()
      .ws('/echo', {})
      .ws('/both', {})
      .get('/both', () => 'page')
    const client = await world.serve(app)
    for (const method of ['GET', 'POST']) {
      const answer = await client.send(`${method} /echo`)
      assert.deepEqual(answer.problem, problemOf('UPGRADE_REQUIRED', 426))
      assert.equal(answer.headers.get('upgrade'), 'websocket')
    }
    assert.equal((await client.send('GET /both')).text, 'page')
    const refused = await client.send('POST /both')
    assert.deepEqual(refused.problem, problemOf('METHOD_NOT_ALLOWED', 405))
    assert.equal(refused.headers.get('allow'), 'GET, HEAD, OPTIONS')
  })

  onFetch('never takes a request method for the WebSocket routes of the router', async (world) => {
    const app = world
      .makeApp()
      .ws('/echo', {})
      .all('/any', (c) => c.method)
    // Bun's Request makes GET of methods that it does not know, so none of this can come to pass there.
    if (new Request('http://localhost/', { method: 'WEBSOCKET' }).method === 'GET') return
    const client = await world.serve(app)
    const answer = await client.send('WEBSOCKET /echo')
    assert.deepEqual(answer.problem, problemOf('UPGRADE_REQUIRED', 426))
    assert.equal((await client.send('WEBSOCKET /any')).text, 'WEBSOCKET')
    assert.equal((await client.send('* /any')).text, '*')
  })

  onBoth('prefers static text to a parameter and that to the rest, whatever the order', async (world) => {
    const app = world
      .makeApp()
      .get('/{path...}', (c) => `rest ${c.params.path}`)
      .get('/users/{id}', (c) => `param ${c.params.id}`)
      .get('/users/{id:[0-9]+}', (c) => `number ${c.params.id}`)
      .get('/users/me', () => 'static')
    const client = await world.serve(app)
    assert.equal((await client.send('GET /users/me')).text, 'static')
    assert.equal((await client.send('GET /users/7')).text, 'number 7')
    assert.equal((await client.send('GET /users/you')).text, 'param you')
    assert.equal((await client.send('GET /users/7/posts')).text, 'rest users/7/posts')
  })
})

describe('trailing slashes', () => {
  onBoth('make another path by default', async (world) => {
    const app = world
      .makeApp()
      .get('/a', () => 'a')
      .get('/b/', () => 'b/')
    const client = await world.serve(app)
    assert.equal((await client.send('GET /a')).text, 'a')
    assert.equal((await client.send('GET /a/')).status, 404)
    assert.equal((await client.send('GET /b/')).text, 'b/')
    assert.equal((await client.send('GET /b')).status, 404)
  })

  onBoth('redirect with 308 where told to, the query kept', async (world) => {
    const app = world
      .makeApp({ trailingSlash: 'redirect' })
      .get('/a', () => 'a')
      .post('/b/', () => 'b/')
      .get('/x/{name}', (c) => c.params.name)
    const client = await world.serve(app)
    const cases = {
      'GET /a/': '/a',
      'GET /a/?q=1&r=%20': '/a?q=1&r=%20',
      'POST /b?x': '/b/?x',
      'GET /x/%C3%BC%2F/': '/x/%C3%BC%2F',
      'HEAD /a/': '/a',
    }
    for (const [request, location] of Object.entries(cases)) {
      const answer = await client.send(request)
      assert.equal(answer.status, 308, request)
      assert.equal(answer.headers.get('location'), location)
    }
    assert.equal((await client.send('GET /nothing/')).status, 404)
    assert.equal((await client.send('POST /a/')).status, 404)
  })

  onBoth('mean nothing where told to', async (world) => {
    const app = world
      .makeApp({ trailingSlash: 'ignore' })
      .get('/a', (c) => c.path)
      .get('/b/', (c) => c.path)
    const client = await world.serve(app)
    for (const path of ['/a', '/a/', '/b', '/b/']) assert.equal((await client.send(`GET ${path}`)).text, path)
  })

  onServer('never redirect to another host', async (world) => {
    const app = world
      .makeApp({ trailingSlash: 'redirect' })
      .get('/{a}', (c) => c.params.a)
      .get('/{a}/{b}/', (c) => `${c.params.a} ${c.params.b}`)
      .get('//{host}', (c) => c.params.host)
    const client = await world.serve(app)
    for (const target of ['//evil.example/', '//evil.example', '/%2Fevil.example/', '/\\evil.example/']) {
      const answer = await client.send(`GET ${target}`)
      assert.doesNotMatch(answer.headers.get('location') ?? '', /^\/[/\\]/, target)
    }
  })
})

describe('malformed targets', () => {
  onBoth('are answered with 400', async (world) => {
    const client = await world.serve(world.makeApp().get('/{path...}', (c) => c.params.path))
    for (const target of ['/%', '/%zz', '/%C3', '/%00', '/a%00b', '/..%2fetc', '/%2e%2e%2fetc', '/a%2f..']) {
      assert.deepEqual((await client.send(`GET ${target}`)).problem, problemOf('PATH_INVALID', 400), target)
    }
  })

  onServer(
    'with dot segments are answered with 400, not resolved',
    async (world) => {
      const client = await world.serve(world.makeApp().get('/{path...}', (c) => c.params.path))
      for (const target of ['/../etc/passwd', '/a/./b', '/a/..', '/%2e%2e/etc', '/a\\..\\b']) {
        assert.deepEqual((await client.send(`GET ${target}`)).problem, problemOf('PATH_INVALID', 400), target)
      }
    },
    { skip: skipOn('bun', 'Bun.serve tells no target but a URL, in which they are resolved') },
  )

  onServer('in absolute form are served by their path', async (world) => {
    const client = await world.serve(
      world.makeApp().get('/a', (c) => c.text(`${c.path} ${c.query.get('q')}`)),
    )
    assert.equal((await client.send('GET http://example.com/a?q=1')).text, '/a 1')
    assert.equal((await client.send('GET https://example.com?x')).status, 404)
  })

  onServer('never make c.url name another host', async (world) => {
    const client = await world.serve(
      world.makeApp().get('/{path...}', (c) => c.json([c.url.host, c.url.pathname, c.url.search])),
    )
    const answer = await client.send('GET //evil.example/x?y=//z', { host: 'good.example' })
    assert.deepEqual(answer.json, ['good.example', '//evil.example/x', '?y=//z'])
  })
})

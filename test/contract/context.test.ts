import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { describe } from 'node:test'
import { problemOf } from './answer.ts'
import { onBoth, onServer, signal } from './on-both.ts'

describe('the context', () => {
  onBoth('tells the facts of the request', async (world) => {
    const app = world.makeApp().get('/a/{b}', (c) => ({
      kind: c.kind,
      method: c.method,
      path: c.path,
      route: c.route,
      params: c.params,
      host: c.host,
      scheme: c.scheme,
      ip: c.ip,
      query: [...c.query],
      url: c.url.href,
      header: [
        c.header('X-Some'),
        c.header('x-none') ?? null,
        c.headers.get('X-SOME'),
        c.headers.has('x-none'),
      ],
    }))
    const client = await world.serve(app)
    const answer = await client.send('GET /a/%C3%BC?x=1&x=2&y=a%20b', {
      host: 'example.com:8080',
      headers: { 'X-Some': 'Value' },
    })
    assert.deepEqual(answer.json, {
      kind: 'http',
      method: 'GET',
      path: '/a/%C3%BC',
      route: '/a/{b}',
      params: { b: 'ü' },
      host: 'example.com:8080',
      scheme: 'http',
      ip: '127.0.0.1',
      query: [
        ['x', '1'],
        ['x', '2'],
        ['y', 'a b'],
      ],
      url: 'http://example.com:8080/a/%C3%BC?x=1&x=2&y=a%20b',
      header: ['Value', null, 'Value', false],
    })
  })

  onBoth('joins repeated headers, and walks all of them in lower case', async (world) => {
    const app = world.makeApp().get('/', (c) => ({
      many: c.header('x-many'),
      cookie: c.cookies.get('b') ?? null,
      names: [...c.headers].map(([name]) => name).filter((name) => name.startsWith('x-')),
      host: [...c.headers].some(([name]) => name === 'host'),
    }))
    const client = await world.serve(app)
    const headers = [
      ['X-Many', 'a'],
      ['x-many', 'b'],
      ['X-Other', 'c'],
      ['Cookie', 'a=1'],
      ['cookie', 'b=2'],
    ] as const
    const answer = await client.send('GET /', { headers })
    assert.deepEqual(answer.json, { many: 'a, b', cookie: '2', names: ['x-many', 'x-other'], host: true })
  })

  onBoth('gives the request as a Request', async (world) => {
    const app = world.makeApp().post('/a', async (c) => ({
      isRequest: c.request instanceof Request,
      isSame: c.request === c.request,
      method: c.request.method,
      url: c.request.url,
      header: c.request.headers.get('x-some'),
      body: await c.request.json(),
    }))
    const client = await world.serve(app)
    const answer = await client.send('POST /a?q', {
      host: 'example.com',
      headers: { 'x-some': 'v' },
      json: { a: 1 },
    })
    assert.deepEqual(answer.json, {
      isRequest: true,
      isSame: true,
      method: 'POST',
      url: 'http://example.com/a?q',
      header: 'v',
      body: { a: 1 },
    })
  })

  onBoth("gives the platform's own request", async (world) => {
    const app = world.makeApp().get('/', (c) => [c.raw instanceof Request, c.raw instanceof IncomingMessage])
    const client = await world.serve(app)
    const isMessage = world.side === 'server' && !('Bun' in globalThis)
    assert.deepEqual((await client.send('GET /')).json, [!isMessage, isMessage])
  })

  onBoth('has a signal that is aborted when the client leaves, and not when it stays', async (world) => {
    const signals: AbortSignal[] = []
    const arrived = signal()
    const aborted = signal()
    const app = world
      .makeApp()
      .get('/stays', (c) => {
        signals.push(c.signal)
        return 'answered'
      })
      .get('/leaves', async (c) => {
        c.signal.addEventListener('abort', () => aborted.resolve())
        arrived.resolve()
        await aborted.promise
        return 'nobody reads this'
      })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /stays')).text, 'answered')
    const exchange = client.start('GET /leaves')
    await arrived.promise
    exchange.leave()
    await aborted.promise
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false],
    )
  })

  onBoth('gives params, query and additions without a way to their prototypes', async (world) => {
    const app = world
      .makeApp()
      .use((_c, next) => next({ extra: 'e' }))
      .get('/{constructor}/{toString}', (c) => {
        const params: Readonly<Record<string, string | undefined>> = c.params
        return [
          params['constructor'],
          params['toString'],
          params['hasOwnProperty'] ?? null,
          params['__proto__'] ?? null,
          c.extra,
        ]
      })
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /a/b')).json, ['a', 'b', null, null, 'e'])
  })

  onBoth('gives headers with the names of object members as they were sent, or not at all', async (world) => {
    const app = world
      .makeApp()
      .get('/', (c) => [
        c.header('constructor') ?? null,
        c.headers.get('toString') ?? null,
        c.headers.has('hasOwnProperty'),
      ])
    const client = await world.serve(app)
    assert.deepEqual((await client.send('GET /')).json, [null, null, false])
    const answer = await client.send('GET /', { headers: { constructor: 'x', tostring: 'y' } })
    assert.deepEqual(answer.json, ['x', 'y', false])
  })
})

describe('a host that is none', () => {
  onBoth('makes c.url a 400, and nothing else', async (world) => {
    if (world.side === 'app.fetch') return // A Request has a URL that is parsed already.
    const app = world
      .makeApp()
      .get('/url', (c) => c.url.href)
      .get('/request', (c) => c.request.url)
    const client = await world.serve(app)
    for (const host of ['a%zz', 'example.com:99999', '[::::]', '1.2.3.4.5.6']) {
      for (const path of ['/url', '/request']) {
        assert.deepEqual(
          (await client.send(`GET ${path}`, { host })).problem,
          problemOf('HOST_INVALID', 400),
          host,
        )
      }
    }
  })

  onServer('is answered with 400 where it is malformed or repeated', async (world) => {
    const client = await world.serve(world.makeApp().get('/', (c) => c.host))
    const lines = ['host: a b', 'host: user@example.com', 'host: a\r\nhost: b', 'host: a/b', 'host: a,b@c']
    for (const line of lines) {
      const raw = await client.sendRaw(`GET / HTTP/1.1\r\n${line}\r\nconnection: close\r\n\r\n`)
      assert.match(raw, /^HTTP\/1\.1 400 [\s\S]*"code":"HOST_INVALID"/, line)
    }
    assert.match(await client.sendRaw('GET / HTTP/1.1\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /)
  })
})

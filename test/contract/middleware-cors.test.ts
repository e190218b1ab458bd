import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { cors, type CorsOptions } from 'goweb/middleware/cors'
import { hasCode } from '../unit/http/has-code.ts'
import type { Answer } from './answer.ts'
import { onBoth } from './on-both.ts'

const APP = 'https://app.example.com'
const PREFLIGHT = { origin: APP, 'access-control-request-method': 'PUT' }

/** The CORS headers of an answer and its Vary. */
function corsOf(answer: Answer): Record<string, string> {
  return Object.fromEntries(
    [...answer.headers].filter(([name]) => name.startsWith('access-control-') || name === 'vary'),
  )
}

describe('cors', () => {
  onBoth('lets allowed origins read answers, and varies for all others', async (world) => {
    const app = world
      .makeApp()
      .use(cors({ origin: APP, credentials: true, exposedHeaders: ['x-total', 'etag'] }))
      .get('/', () => 'home')
    const client = await world.serve(app)
    assert.deepEqual(corsOf(await client.send('GET /', { headers: { origin: APP } })), {
      'access-control-allow-origin': APP,
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'x-total, etag',
      vary: 'Origin',
    })
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${APP}.evil.net` },
    ]) {
      const answer = await client.send('GET /', { headers })
      assert.equal(answer.text, 'home')
      assert.deepEqual(corsOf(answer), { vary: 'Origin' })
    }
  })

  onBoth('answers preflights before routes, also where there is none', async (world) => {
    let handled = 0
    const app = world
      .makeApp()
      .use(cors({ origin: [APP, 'null'], methods: ['GET', 'PUT'], maxAgeSeconds: 60 }))
      .options('/own', () => {
        handled++
        return 'own'
      })
    const client = await world.serve(app)
    for (const path of ['/own', '/nowhere']) {
      const asked = { ...PREFLIGHT, 'access-control-request-headers': 'content-type,x-token' }
      const answer = await client.send(`OPTIONS ${path}`, { headers: asked })
      assert.equal(answer.status, 204)
      assert.equal(answer.text, '')
      assert.deepEqual(corsOf(answer), {
        'access-control-allow-origin': APP,
        'access-control-allow-methods': 'GET, PUT',
        'access-control-allow-headers': 'content-type,x-token',
        'access-control-max-age': '60',
        vary: 'Origin, Access-Control-Request-Headers',
      })
    }
    const refused = await client.send('OPTIONS /own', {
      headers: { ...PREFLIGHT, origin: 'https://evil.example' },
    })
    assert.equal(refused.status, 204)
    assert.deepEqual(corsOf(refused), { vary: 'Origin, Access-Control-Request-Headers' })
    assert.equal(handled, 0)
    // Without the name of a method it is an ordinary request.
    assert.equal((await client.send('OPTIONS /own', { headers: { origin: APP } })).text, 'own')
  })

  onBoth('reflects no malformed list of headers', async (world) => {
    const client = await world.serve(world.makeApp().use(cors({ origin: APP })))
    for (const list of ['a b', 'a,,b', 'a;b', `${'a,'.repeat(3_000)}b`, ',']) {
      const headers = { ...PREFLIGHT, 'access-control-request-headers': list }
      const answer = await client.send('OPTIONS /', { headers })
      assert.equal(answer.headers.get('access-control-allow-headers'), null, list.slice(0, 20))
    }
  })

  onBoth('has its headers on errors of every kind', async (world) => {
    const app = world
      .makeApp()
      .use(cors({ origin: APP }))
      .get('/fails', () => {
        throw new Error('secret')
      })
    const client = await world.serve(app)
    for (const [request, status] of [
      ['GET /fails', 500],
      ['GET /nowhere', 404],
      ['POST /fails', 405],
    ] as const) {
      const answer = await client.send(request, { headers: { origin: APP } })
      assert.equal(answer.status, status)
      assert.deepEqual(corsOf(answer), { 'access-control-allow-origin': APP, vary: 'Origin' })
    }
    await world.reports.take()
  })

  onBoth('keeps the Vary of an answer', async (world) => {
    const app = world
      .makeApp()
      .use(cors({ origin: APP }))
      .get('/{vary}', (c) => {
        const reply = c.text('x')
        reply.headers.set('vary', c.params.vary)
        return reply
      })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /Accept')).headers.get('vary'), 'Accept, Origin')
  })

  onBoth('opens to everybody with *, without varying', async (world) => {
    const app = world
      .makeApp()
      .use(cors({ origin: '*', allowedHeaders: ['*'] }))
      .get('/', () => 'home')
    const client = await world.serve(app)
    for (const headers of [{}, { origin: APP }]) {
      assert.deepEqual(corsOf(await client.send('GET /', { headers })), {
        'access-control-allow-origin': '*',
      })
    }
    assert.deepEqual(corsOf(await client.send('OPTIONS /', { headers: PREFLIGHT })), {
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
      'access-control-allow-headers': '*',
      'access-control-max-age': '600',
    })
  })

  onBoth('takes regular expressions whole and without state', async (world) => {
    const app = world
      .makeApp()
      .use(cors({ origin: /https:\/\/[a-z]+\.example\.com/g }))
      .get('/', () => 'home')
    const client = await world.serve(app)
    const isAllowed = async (origin: string): Promise<boolean> =>
      (await client.send('GET /', { headers: { origin } })).headers.has('access-control-allow-origin')
    for (let i = 0; i < 3; i++) assert.equal(await isAllowed(APP), true)
    assert.equal(await isAllowed('https://app.example.com.evil.net'), false)
    assert.equal(await isAllowed('https://evil.net/https://app.example.com'), false)
    assert.equal(await isAllowed('http://app.example.com'), false)
  })

  onBoth('asks a function, and fails as it fails', async (world) => {
    const origins: string[] = []
    const app = world
      .makeApp()
      .use(
        cors({
          origin: async (origin, c) => {
            origins.push(`${c.method} ${origin}`)
            if (origin === 'https://broken.example') throw new Error('no database')
            return origin === APP
          },
        }),
      )
      .get('/', () => 'home')
    const client = await world.serve(app)
    assert.equal(
      (await client.send('GET /', { headers: { origin: APP } })).headers.has('access-control-allow-origin'),
      true,
    )
    assert.equal((await client.send('GET /')).headers.has('access-control-allow-origin'), false)
    assert.equal((await client.send('GET /', { headers: { origin: 'https://broken.example' } })).status, 500)
    await world.reports.take()
    assert.deepEqual(origins, [`GET ${APP}`, 'GET https://broken.example'])
  })

  onBoth('opens a private network where it may', async (world) => {
    const client = await world.serve(world.makeApp().use(cors({ origin: APP, privateNetwork: true })))
    const asked = { ...PREFLIGHT, 'access-control-request-private-network': 'true' }
    const answer = await client.send('OPTIONS /', { headers: asked })
    assert.equal(answer.headers.get('access-control-allow-private-network'), 'true')
    assert.match(answer.headers.get('vary') ?? '', /Access-Control-Request-Private-Network/)
    const plain = await client.send('OPTIONS /', { headers: PREFLIGHT })
    assert.equal(plain.headers.has('access-control-allow-private-network'), false)
  })

  test('refuses options that cannot work, when it is made', () => {
    const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
      [undefined, /origin.*got undefined/],
      [{}, /origin/],
      [{ origin: [] }, /list is empty/],
      [{ origin: '*', credentials: true }, /'\*' when credentials/],
      [{ origin: ['null'], credentials: true }, /'null'/],
      [{ origin: ['*', APP] }, /among others/],
      [{ origin: `${APP}/` }, /trailing slash/],
      [{ origin: 'https://App.example.com' }, /lower case/],
      [{ origin: 'https://app.example.com:443' }, /origin/],
      [{ origin: 'app.example.com' }, /origin/],
      [{ origin: 7 }, /got 7/],
      [{ origin: APP, methods: ['get'] }, /capitals.*"get"/],
      [{ origin: APP, methods: 'GET' }, /list of/],
      [{ origin: APP, allowedHeaders: ['x y'] }, /"x y"/],
      [{ origin: APP, allowedHeaders: ['*'], credentials: true }, /literally/],
      [{ origin: APP, exposedHeaders: ['*'], credentials: true }, /literally/],
      [{ origin: APP, methods: ['*'], credentials: true }, /literally/],
      [{ origin: APP, maxAgeSeconds: '1h' }, /integer from -1 to 86400; got "1h"/],
      [{ origin: APP, maxAge: 5 }, /unknown option "maxAge"/],
      [{ origin: APP, credentials: 'yes' }, /true or false/],
    ]
    for (const [options, message] of wrong) {
      assert.throws(() => cors(options as CorsOptions), hasCode('CORS_OPTIONS_INVALID', message))
    }
    for (const origin of [
      APP,
      'http://localhost:5173',
      'http://[::1]:3000',
      'capacitor://localhost',
      'null',
    ]) {
      cors({ origin })
    }
  })
})

import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { Reply } from 'goweb'
import { problemOf } from './answer.ts'
import { onBoth, onServer } from './on-both.ts'
import { skipOn } from '../skip-on.ts'

describe('HEAD', () => {
  onBoth('is answered by the GET route, without its body', async (world) => {
    const app = world
      .makeApp()
      .get('/text', (c) => c.text(`five ${c.method}`))
      .get('/json', (c) => {
        c.setHeader('x-extra', 'yes')
        return { a: 1 }
      })
    const client = await world.serve(app)
    const text = await client.send('HEAD /text')
    assert.deepEqual([text.status, text.type], [200, 'text/plain; charset=utf-8'])
    assert.equal(text.headers.get('content-length'), String('five HEAD'.length))
    assert.equal(text.bytes.byteLength, 0)
    const json = await client.send('HEAD /json')
    assert.equal(json.headers.get('x-extra'), 'yes')
    assert.equal(json.headers.get('content-length'), '7')
  })

  onBoth('has a route of its own where there is one', async (world) => {
    const app = world
      .makeApp()
      .get('/a', () => 'get')
      .head('/a', (c) => {
        c.setHeader('x-own', 'head')
        return c.empty(200)
      })
    const client = await world.serve(app)
    const answer = await client.send('HEAD /a')
    assert.deepEqual([answer.status, answer.headers.get('x-own')], [200, 'head'])
    assert.equal((await client.send('GET /a')).headers.get('x-own'), null)
  })

  onBoth('of an error has its status and type', async (world) => {
    const client = await world.serve(world.makeApp().post('/a', () => 'a'))
    const missing = await client.send('HEAD /nothing')
    assert.deepEqual([missing.status, missing.type], [404, 'application/problem+json'])
    assert.equal(missing.bytes.byteLength, 0)
    const refused = await client.send('HEAD /a')
    assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'OPTIONS, POST'])
  })

  onBoth('closes the source of a stream without reading it', async (world) => {
    let isCancelled = false
    let pulls = 0
    const ended: boolean[] = []
    const app = world
      .makeApp()
      .get('/stream', () => {
        const source = {
          pull: () => void pulls++,
          cancel: () => void (isCancelled = true),
        }
        return new ReadableStream(source, { highWaterMark: 0 })
      })
      .get('/iterable', async function* () {
        try {
          yield 'never read'
        } finally {
          ended.push(true)
        }
      })
      .get('/length', () => {
        const reply = new Reply(200, null, 'video/mp4')
        reply.headers.set('content-length', '123456789')
        return reply
      })
    const client = await world.serve(app)
    const answer = await client.send('HEAD /stream')
    assert.deepEqual([answer.status, answer.bytes.byteLength], [200, 0])
    assert.deepEqual([isCancelled, pulls], [true, 0])
    assert.equal((await client.send('HEAD /iterable')).status, 200)
    // A generator that was never started has no finally to run.
    assert.deepEqual(ended, [])
    assert.equal((await client.send('HEAD /length')).headers.get('content-length'), '123456789')
  })

  onServer('sends not a byte of a body', async (world) => {
    const app = world
      .makeApp()
      .get('/text', () => 'secret')
      .get('/stream', async function* () {
        yield 'secret'
      })
    const client = await world.serve(app)
    for (const path of ['/text', '/stream', '/missing']) {
      const raw = await client.sendRaw(`HEAD ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
      assert.match(raw, /^HTTP\/1\.1 (?:200|404) [\s\S]*\r\n\r\n$/, path)
    }
  })
})

describe('OPTIONS', () => {
  onBoth('tells the methods of a path', async (world) => {
    const app = world
      .makeApp()
      .get('/a', () => 'a')
      .put('/a', () => 'a')
      .post('/only', () => 'only')
      .all('/any', () => 'any')
      .ws('/socket', {})
    const client = await world.serve(app)
    const allowed = async (path: string): Promise<(number | string | null)[]> => {
      const answer = await client.send(`OPTIONS ${path}`)
      assert.equal(answer.bytes.byteLength, 0)
      return [answer.status, answer.headers.get('allow')]
    }
    assert.deepEqual(await allowed('/a'), [204, 'GET, HEAD, OPTIONS, PUT'])
    assert.deepEqual(await allowed('/only'), [204, 'OPTIONS, POST'])
    assert.equal((await client.send('OPTIONS /any')).text, 'any')
    assert.equal((await client.send('OPTIONS /socket')).status, 204)
    assert.deepEqual((await client.send('OPTIONS /nothing')).problem, problemOf('ROUTE_NOT_FOUND', 404))
  })

  onBoth('passes the chain, so that a middleware can answer a preflight', async (world) => {
    const seen: string[] = []
    const app = world
      .makeApp()
      .use(['http'], (c, next) => {
        seen.push(c.method)
        c.setHeader('x-chain', 'passed')
        return c.header('access-control-request-method') === undefined ? next() : c.empty()
      })
      .get('/a', () => 'a')
    const client = await world.serve(app)
    const plain = await client.send('OPTIONS /a')
    assert.deepEqual(
      [plain.headers.get('allow'), plain.headers.get('x-chain')],
      ['GET, HEAD, OPTIONS', 'passed'],
    )
    const preflight = await client.send('OPTIONS /a', { headers: { 'access-control-request-method': 'GET' } })
    assert.deepEqual([preflight.status, preflight.headers.get('allow')], [204, null])
    assert.deepEqual(seen, ['OPTIONS', 'OPTIONS'])
  })

  onBoth('has a route of its own where there is one', async (world) => {
    const app = world
      .makeApp()
      .get('/a', () => 'a')
      .options('/a', () => 'own')
    const client = await world.serve(app)
    assert.equal((await client.send('OPTIONS /a')).text, 'own')
  })

  onServer(
    '* tells the methods of the whole server',
    async (world) => {
      const app = world
        .makeApp()
        .get('/a', () => 'a')
        .delete('/b', () => 'b')
      const client = await world.serve(app)
      const answer = await client.send('OPTIONS *')
      assert.deepEqual([answer.status, answer.headers.get('allow')], [204, 'DELETE, GET, HEAD, OPTIONS'])
      assert.equal((await client.send('GET *')).status, 400)
    },
    { skip: skipOn('bun', 'Bun.serve refuses the target *') },
  )
})

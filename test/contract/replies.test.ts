import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { html, rawHtml, Reply, GoWebError, type HttpContext } from 'goweb'
import { problemOf } from './answer.ts'
import { onBoth, onServer, signal } from './on-both.ts'

describe('helpers of the context', () => {
  onBoth('make replies with their type and status', async (world) => {
    const app = world
      .makeApp()
      .get('/json', (c) => c.json({ a: 1 }))
      .get('/json-201', (c) => c.json([1], 201))
      .get('/text', (c) => c.text('t', 418))
      .get('/html', (c) => c.html(html`<i>${'&'}</i>${rawHtml('<b>')}`))
      .get('/html-string', (c) => c.html('<p>trusted', 201))
      .get('/empty', (c) => c.empty())
      .get('/empty-202', (c) => c.empty(202))
      .get('/redirect', (c) => c.redirect('/elsewhere?q=ü b'))
      .get('/redirect-303', (c) => c.redirect('https://example.com/', 303))
    const client = await world.serve(app)
    const get = async (path: string): Promise<unknown[]> => {
      const { status, type, text } = await client.send(`GET /${path}`)
      return [status, type, text]
    }
    assert.deepEqual(await get('json'), [200, 'application/json', '{"a":1}'])
    assert.deepEqual(await get('json-201'), [201, 'application/json', '[1]'])
    assert.deepEqual(await get('text'), [418, 'text/plain; charset=utf-8', 't'])
    assert.deepEqual(await get('html'), [200, 'text/html; charset=utf-8', '<i>&amp;</i><b>'])
    assert.deepEqual(await get('html-string'), [201, 'text/html; charset=utf-8', '<p>trusted'])
    assert.deepEqual(await get('empty'), [204, null, ''])
    assert.deepEqual(await get('empty-202'), [202, null, ''])
    const redirect = await client.send('GET /redirect')
    assert.deepEqual([redirect.status, redirect.headers.get('location')], [302, '/elsewhere?q=%C3%BC%20b'])
    const other = await client.send('GET /redirect-303')
    assert.deepEqual([other.status, other.headers.get('location')], [303, 'https://example.com/'])
  })

  onBoth('refuse what cannot be sent, as a reported 500', async (world) => {
    const refused: Readonly<Record<string, [code: string, handler: (c: HttpContext) => unknown]>> = {
      '/status': ['STATUS_INVALID', (c) => c.text('x', 99)],
      '/status-1xx': ['STATUS_INVALID', (c) => c.json({}, 101)],
      '/redirect-status': ['REDIRECT_INVALID', (c) => c.redirect('/', 200)],
      '/redirect-location': ['REDIRECT_INVALID', (c) => c.redirect('/\r\nset-cookie: a=b')],
      '/header-name': ['HEADER_INVALID', (c) => c.setHeader('a b', 'x')],
      '/header-value': ['HEADER_INVALID', (c) => c.appendHeader('a', 'x\r\nset-cookie: a=b')],
      '/header-unicode': ['HEADER_INVALID', (c) => c.setHeader('a', '€')],
      '/cookie': ['COOKIE_INVALID', (c) => c.cookies.set('a b', 'x')],
      '/json': ['JSON_UNSERIALIZABLE', (c) => c.json(undefined)],
    }
    const app = world.makeApp()
    for (const [path, [, handler]] of Object.entries(refused)) app.get(path, handler)
    const client = await world.serve(app)
    for (const [path, [code]] of Object.entries(refused)) {
      const answer = await client.send(`GET ${path}`)
      assert.deepEqual(answer.problem, problemOf('INTERNAL', 500), path)
      assert.equal(answer.headers.get('set-cookie'), null)
      const { where } = await world.reports.takeCode(code)
      assert.equal(where, `GET ${path}`)
    }
  })
})

describe('a status without a body', () => {
  onBoth('sends none, whatever the reply holds, and closes its source', async (world) => {
    let cancelled = 0
    const bodies: Readonly<Record<string, () => Reply['body']>> = {
      text: () => 'text',
      bytes: () => new Uint8Array(3),
      stream: () => new ReadableStream({ cancel: () => void cancelled++ }, { highWaterMark: 0 }),
    }
    const app = world
      .makeApp()
      .get(
        '/{status}/{body}',
        (c) => new Reply(Number(c.params.status), bodies[c.params.body]?.() ?? null, 'text/plain'),
      )
    const client = await world.serve(app)
    for (const body of Object.keys(bodies)) {
      for (const status of [204, 205, 304]) {
        const answer = await client.send(`GET /${status}/${body}`)
        assert.deepEqual([answer.status, answer.text], [status, ''], `${status} ${body}`)
        assert.equal(answer.headers.get('transfer-encoding'), null)
        // RFC 9110 sections 8.6 and 15.3.6: never with 204, and 205 says that it is empty.
        assert.equal(answer.headers.get('content-length'), status === 205 ? '0' : null)
      }
    }
    assert.equal(cancelled, 3)
  })

  onBoth('tells no length that the reply made up', async (world) => {
    const app = world.makeApp().get('/{status}', (c) => {
      c.setHeader('content-length', '7')
      return c.empty(Number(c.params.status))
    })
    const client = await world.serve(app)
    const length = async (status: number): Promise<string | null> =>
      (await client.send(`GET /${status}`)).headers.get('content-length')
    assert.deepEqual([await length(204), await length(205), await length(200)], [null, '0', '0'])
  })
})

describe('headers set by the context', () => {
  onBoth('are on whatever is answered, and the answer has the last word', async (world) => {
    const app = world
      .makeApp()
      .use(['http'], (c, next) => {
        c.setHeader('x-one', 'middleware')
        c.setHeader('X-Two', 'middleware')
        c.setHeader('x-twice', 'first')
        c.setHeader('x-twice', 'second')
        return next()
      })
      .get('/string', () => 's')
      .get('/reply', () => {
        const reply = new Reply(200, 'r', 'text/plain')
        reply.headers.set('x-two', 'reply')
        return reply
      })
      .get('/response', () => new Response('r', { headers: { 'x-two': 'response' } }))
      .get('/throws', () => {
        throw new GoWebError('CONFLICT', 'x', { headers: { 'x-two': 'error' } })
      })
    const client = await world.serve(app)
    const headers = async (path: string): Promise<(string | null)[]> => {
      const { headers } = await client.send(`GET ${path}`)
      return ['x-one', 'x-two', 'x-twice'].map((name) => headers.get(name))
    }
    assert.deepEqual(await headers('/string'), ['middleware', 'middleware', 'second'])
    assert.deepEqual(await headers('/reply'), ['middleware', 'reply', 'second'])
    assert.deepEqual(await headers('/response'), ['middleware', 'response', 'second'])
    assert.deepEqual(await headers('/throws'), ['middleware', 'error', 'second'])
    assert.deepEqual(await headers('/missing'), ['middleware', 'middleware', 'second'])
  })

  onBoth('when appended join those of the answer', async (world) => {
    const app = world
      .makeApp()
      .get('/a', (c) => {
        c.appendHeader('vary', 'accept')
        c.appendHeader('vary', 'origin')
        const reply = c.text('a')
        reply.headers.set('vary', 'cookie')
        return reply
      })
      .get('/b', (c) => {
        c.setHeader('vary', 'replaced')
        c.setHeader('vary', 'accept')
        c.appendHeader('vary', 'origin')
        return 'b'
      })
      .get('/c', (c) => {
        c.appendHeader('vary', 'gone')
        c.setHeader('vary', 'accept')
        return 'c'
      })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /a')).headers.get('vary'), 'cookie, accept, origin')
    assert.equal((await client.send('GET /b')).headers.get('vary'), 'accept, origin')
    assert.equal((await client.send('GET /c')).headers.get('vary'), 'accept')
  })

  onBoth('set the Content-Type only where the answer has none', async (world) => {
    const app = world
      .makeApp()
      .use(['http'], (c, next) => {
        c.setHeader('content-type', 'text/x-context')
        return next()
      })
      .get('/typed', () => 'a')
      .get('/untyped', () => new Reply(200, 'a', undefined))
    const client = await world.serve(app)
    assert.equal((await client.send('GET /typed')).type, 'text/plain; charset=utf-8')
    assert.equal((await client.send('GET /untyped')).type, 'text/x-context')
  })
})

describe('headers of a reply', () => {
  onBoth('may name the Content-Type, which replaces that of the reply', async (world) => {
    const app = world.makeApp().get('/', (c) => {
      const reply = c.text('a')
      reply.headers.set('content-type', 'text/x-own')
      return reply
    })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /')).type, 'text/x-own')
  })

  onBoth('cannot lie about the length of a body that is known', async (world) => {
    const app = world.makeApp().get('/', (c) => {
      const reply = c.text('five!')
      reply.headers.set('content-length', '3').set('transfer-encoding', 'chunked')
      return reply
    })
    const client = await world.serve(app)
    const answer = await client.send('GET /')
    assert.deepEqual([answer.text, answer.headers.get('content-length')], ['five!', '5'])
    assert.equal(answer.headers.get('transfer-encoding'), null)
  })

  onServer('are one line each, set-cookie as many as there are', async (world) => {
    const app = world.makeApp().get('/', (c) => {
      const reply = c.text('a')
      reply.headers.append('set-cookie', 'a=1').append('set-cookie', 'b=2')
      reply.headers.append('x-many', '1').append('x-many', '2')
      return reply
    })
    const client = await world.serve(app)
    const raw = await client.sendRaw('GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
    assert.deepEqual(raw.match(/^(?:set-cookie|x-many): .*$/gm), [
      'set-cookie: a=1',
      'set-cookie: b=2',
      'x-many: 1, 2',
    ])
  })
})

describe('cookies', () => {
  onBoth('are read by name, the first of several, decoded', async (world) => {
    const app = world
      .makeApp()
      .get('/', (c) => ['a', 'b', 'c', '__proto__', 'constructor'].map((name) => c.cookies.get(name) ?? null))
    const client = await world.serve(app)
    const cookie = 'a=1; b=%C3%BC; a=2; c=%zz; __proto__=p'
    assert.deepEqual((await client.send('GET /', { headers: { cookie } })).json, ['1', 'ü', '%zz', 'p', null])
    assert.deepEqual((await client.send('GET /')).json, [null, null, null, null, null])
  })

  onBoth('are set and deleted, one line each, and not read back', async (world) => {
    const app = world.makeApp().get('/', (c) => {
      c.cookies.set('session', 'a b', { maxAgeSeconds: 60 })
      c.cookies.set('theme', 'dark', { httpOnly: false, sameSite: 'strict', path: '/x' })
      c.cookies.delete('old')
      return c.cookies.get('session') ?? 'none'
    })
    const client = await world.serve(app)
    const answer = await client.send('GET /')
    assert.equal(answer.text, 'none')
    assert.deepEqual(answer.headers.getSetCookie(), [
      'session=a%20b; Max-Age=60; Path=/; HttpOnly; SameSite=Lax',
      'theme=dark; Path=/x; SameSite=Strict',
      'old=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax',
    ])
  })

  onBoth('are set with an error answer and beside those of a reply, too', async (world) => {
    const app = world
      .makeApp()
      .use(['http'], (c, next) => {
        c.cookies.set('from', 'middleware')
        return next()
      })
      .get('/throws', () => {
        throw new GoWebError('FORBIDDEN')
      })
      .get('/response', () => {
        const response = new Response('r')
        response.headers.append('set-cookie', 'a=1')
        response.headers.append('set-cookie', 'b=2')
        return response
      })
    const client = await world.serve(app)
    const own = 'from=middleware; Path=/; HttpOnly; SameSite=Lax'
    assert.deepEqual((await client.send('GET /throws')).headers.getSetCookie(), [own])
    assert.deepEqual((await client.send('GET /missing')).headers.getSetCookie(), [own])
    const both = (await client.send('GET /response')).headers.getSetCookie()
    assert.deepEqual(both.toSorted(), ['a=1', 'b=2', own])
  })

  onBoth('that are too many are refused when they are read, with 431', async (world) => {
    const app = world
      .makeApp()
      .get('/reads', (c) => c.cookies.get('a') ?? 'none')
      .get('/ignores', () => 'fine')
    const client = await world.serve(app)
    const headers = { cookie: Array.from({ length: 501 }, (_, index) => `c${index}=1`).join('; ') }
    assert.deepEqual(
      (await client.send('GET /reads', { headers })).problem,
      problemOf('COOKIES_TOO_LARGE', 431),
    )
    assert.equal((await client.send('GET /ignores', { headers })).text, 'fine')
  })
})

describe('a reply that is kept', () => {
  onBoth('collects no headers of the requests it answers', async (world) => {
    const kept = new Reply(200, 'kept', 'text/plain')
    kept.headers.set('x-kept', 'yes')
    const app = world
      .makeApp()
      .use(['http'], (c, next) => {
        c.setHeader('x-request', c.query.get('n') ?? 'none')
        c.cookies.set('n', c.query.get('n') ?? 'none')
        c.after(() => undefined)
        return next()
      })
      .get('/', () => kept)
    const client = await world.serve(app)
    for (const n of ['1', '2', '3']) {
      const answer = await client.send(`GET /?n=${n}`)
      assert.deepEqual([answer.text, answer.headers.get('x-request')], ['kept', n])
      assert.equal(answer.headers.getSetCookie().length, 1)
    }
    assert.deepEqual([...kept.headers], [['x-kept', 'yes']])
    assert.equal(kept.onSent, undefined)
  })

  onBoth('and holds a stream answers once', async (world) => {
    const kept = new Reply(200, new Blob(['once']).stream(), 'text/plain')
    const client = await world.serve(world.makeApp().get('/', () => kept))
    assert.equal((await client.send('GET /')).text, 'once')
    assert.deepEqual((await client.send('GET /')).problem, problemOf('INTERNAL', 500))
    await world.reports.takeCode('REPLY_UNSUPPORTED')
  })
})

describe('a stream that two requests are given', () => {
  onBoth('is the answer to one of them; the other fails, and both are told their end', async (world) => {
    const kept = new Reply(200, new Blob(['once']).stream(), 'text/plain')
    const both = signal()
    const told = signal()
    let arrived = 0
    let ended = 0
    const app = world.makeApp().get('/', async (c) => {
      c.after(() => {
        if (++ended === 2) told.resolve()
      })
      if (++arrived === 2) both.resolve()
      await both.promise
      return kept
    })
    const client = await world.serve(app)
    const results = await Promise.allSettled([client.send('GET /'), client.send('GET /')])
    const texts = results.map((result) => (result.status === 'fulfilled' ? result.value.text : 'broken off'))
    assert.equal(texts.filter((text) => text === 'once').length, 1)
    await told.promise
    await world.reports.take()
  })
})

describe('what a middleware makes of a reply', () => {
  const breakages: Readonly<Record<string, [code: string, change: (reply: Reply) => unknown]>> = {
    'a status that is none': ['STATUS_INVALID', (reply) => (reply.status = 99)],
    'a type that splits the answer': ['HEADER_INVALID', (reply) => (reply.type = 'a/b\r\nset-cookie: a=b')],
    'a body of numbers': ['REPLY_UNSUPPORTED', (reply) => (reply.body = 7 as never)],
    'a body that is an object': ['REPLY_UNSUPPORTED', (reply) => (reply.body = { a: 1 } as never)],
    'a body that is missing': ['REPLY_UNSUPPORTED', (reply) => (reply.body = undefined as never)],
    'a stream that is read already': [
      'REPLY_UNSUPPORTED',
      (reply) => {
        const stream = new Blob(['x']).stream()
        stream.getReader()
        reply.body = stream
      },
    ],
  }
  for (const [name, [code, change]] of Object.entries(breakages)) {
    onBoth(`is checked: ${name}`, async (world) => {
      const app = world
        .makeApp()
        .use(['http'], async (_c, next) => void change(await next()))
        .get('/', () => 'inner')
        .post('/', (c) => {
          c.after(() => undefined)
          return 'inner'
        })
      const client = await world.serve(app)
      for (const method of ['GET', 'POST', 'HEAD']) {
        const answer = await client.send(`${method} /`)
        assert.deepEqual([answer.status, answer.type], [500, 'application/problem+json'])
        await world.reports.takeCode(code)
      }
    })
  }
})

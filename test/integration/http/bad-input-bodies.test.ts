import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GoWeb, type Server } from 'goweb'
import {
  ask,
  assertEnds,
  assertProblem,
  assertStays,
  exchange,
  post,
  request,
} from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { skipOn } from '../../skip-on.ts'

const LIMIT = 10_000

describe('bad bodies', () => {
  let server: Server
  const reported: unknown[] = []

  before(async () => {
    const app = new GoWeb({ bodyLimitBytes: LIMIT, report: (error) => reported.push(error) })
      .get('/hello', (c) => c.text('hello'))
      .post('/json', async (c) => c.json({ got: await c.body.json() }))
      .post('/deep', { bodyLimitBytes: 1_000_000 }, async (c) =>
        c.json({ got: typeof (await c.body.json()) }),
      )
      .post('/text', async (c) => c.text(await c.body.text()))
      .post('/bytes', async (c) => c.text(String((await c.body.bytes()).length)))
      .post('/form', { bodyLimitBytes: 1_000_000 }, async (c) => c.json([...(await c.body.form())]))
      .post('/stream', async (c) => {
        let length = 0
        for await (const chunk of c.body.stream()) length += chunk.length
        return c.text(String(length))
      })
      .post('/unread', (c) => c.text('unread'))
      .get('/query', (c) =>
        c.json({ query: [...c.query], isPlain: ({} as { polluted?: unknown }).polluted === undefined }),
      )
      .get('/cookies', (c) => c.json({ cookies: [...c.cookies.entries()] }))
    server = await app.listen({ port: 0, host: '127.0.0.1', maxHeaderBytes: 200_000 })
  })
  after(() => server.close(0))

  describe('larger than the limit', () => {
    const big = Buffer.alloc(1_000_000, 'x')

    for (const path of ['/bytes', '/text', '/stream', '/json']) {
      test(`${path}: one octet more is refused, the limit itself is not`, async () => {
        const type = path === '/json' ? 'application/json' : 'text/plain'
        const fits = JSON.stringify('x'.repeat(LIMIT - 2))
        const { client, response } = await exchange(server.port, post(path, fits, type))
        assert.equal(response.status, 200)
        await client.write(post(path, `${fits} `, type))
        assertProblem(await takeResponse(client), 413, 'BODY_TOO_LARGE')
        await assertStays(client)
        await client.close()
      })
    }

    test('announced by its length, it is refused before any of it has come', async () => {
      const { client, response } = await exchange(
        server.port,
        request('POST /bytes', ['Content-Length: 1000000000']),
      )
      assertProblem(response, 413, 'BODY_TOO_LARGE')
      // Bun reads on, for a bounded time.
      if (process.versions['bun'] === undefined) assert.equal(response.header('connection'), 'close')
      await client.close()
    })

    test('a client that sends all of it can read the answer', async () => {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request('POST /bytes', [`Content-Length: ${big.length}`]))
      await client.writeInChops(big, 50_000)
      assertProblem(await takeResponse(client), 413, 'BODY_TOO_LARGE')
      await assertEnds(client)
      await client.close()
    })

    for (const path of ['/bytes', '/stream']) {
      test(`in chunks, ${path}: a client that sends all of it can read the answer`, async () => {
        const client = await TcpClient.connect({ port: server.port })
        await client.write(request(`POST ${path}`, ['Transfer-Encoding: chunked']))
        for (let sent = 0; sent < big.length; sent += 50_000) {
          await client.write(
            Buffer.concat([Buffer.from('c350\r\n'), big.subarray(0, 50_000), Buffer.from('\r\n')]),
          )
          await nextTurn()
        }
        await client.write('0\r\n\r\n')
        assertProblem(await takeResponse(client), 413, 'BODY_TOO_LARGE')
        await assertEnds(client)
        await client.close()
      })
    }

    test('a client that goes on sending without end is cut off', async () => {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request('POST /bytes', ['Transfer-Encoding: chunked']))
      const piece = Buffer.concat([Buffer.from('c350\r\n'), big.subarray(0, 50_000), Buffer.from('\r\n')])
      // The socket is no longer writable when the server has ended the connection.
      while (client.socket.writable) {
        await client.write(piece)
        await nextTurn()
      }
      await client.close()
    })

    test('an unread body of a known, small length keeps the connection', async () => {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request('POST /unread', ['Content-Length: 20000']))
      assert.equal((await takeResponse(client)).body.toString(), 'unread')
      await client.write(big.subarray(0, 20_000))
      await assertStays(client)
      await client.close()
    })

    const keeps = skipOn('bun', 'Bun reads a body that nobody wants to its end and keeps the connection')
    test('an unread large body ends the connection after the answer', { skip: keeps }, async () => {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(request('POST /unread', [`Content-Length: ${big.length}`]))
      const response = await takeResponse(client)
      assert.equal(response.body.toString(), 'unread')
      assert.equal(response.header('connection'), 'close')
      await client.writeInChops(big, 50_000)
      await assertEnds(client)
      await client.close()
    })
  })

  describe('Expect: 100-continue', () => {
    const skip = skipOn('bun', 'Bun answers with 100 before the app sees the request')
    const expecting = (path: string, length: number): string =>
      request(`POST ${path}`, ['Expect: 100-continue', `Content-Length: ${length}`])

    test('is answered with 100 when the handler reads the body', async () => {
      const client = await TcpClient.connect({ port: server.port })
      await client.write(expecting('/bytes', 5))
      assert.equal((await takeResponse(client)).status, 100)
      await client.write('hello')
      const response = await takeResponse(client)
      assert.deepEqual([response.status, response.body.toString()], [200, '5'])
      await assertStays(client)
      await client.close()
    })

    test('is answered with 413, and without 100, when the body would be too large', { skip }, async () => {
      const { client, response } = await exchange(server.port, expecting('/bytes', LIMIT + 1))
      assertProblem(response, 413, 'BODY_TOO_LARGE')
      await client.close()
    })

    for (const [name, path, status] of [
      ['the handler does not read the body', '/unread', 200],
      ['no route matches', '/nowhere', 404],
      ['the media type is wrong', '/json', 415],
    ] as const) {
      test(`is answered with ${status} at once when ${name}`, { skip }, async () => {
        const { client, response } = await exchange(server.port, expecting(path, 5))
        assert.equal(response.status, status)
        await client.close()
      })
    }
  })

  describe('JSON', () => {
    const refused: readonly (readonly [name: string, body: string, status: number, code: string])[] = [
      ['nothing', '', 400, 'JSON_INVALID'],
      ['white space', '  \r\n', 400, 'JSON_INVALID'],
      ['a word', 'undefined', 400, 'JSON_INVALID'],
      ['NaN', 'NaN', 400, 'JSON_INVALID'],
      ['single quotes', "{'a': 1}", 400, 'JSON_INVALID'],
      ['a comma too many', '[1,]', 400, 'JSON_INVALID'],
      ['a comment', '{"a": 1} // one', 400, 'JSON_INVALID'],
      ['half of it', '{"a": [1, 2', 400, 'JSON_INVALID'],
      ['two values', '{} {}', 400, 'JSON_INVALID'],
      ['a line break in a string', '"a\nb"', 400, 'JSON_INVALID'],
      ['NUL', '{"a": \0}', 400, 'JSON_INVALID'],
      ['octets that are no UTF-8', '"\xff"', 400, 'BODY_NOT_UTF8'],
      ['a surrogate in UTF-8', '"\xed\xa0\x80"', 400, 'BODY_NOT_UTF8'],
      ['the key __proto__', '{"__proto__": {"polluted": true}}', 400, 'JSON_KEY_FORBIDDEN'],
      [
        'the key __proto__ with escapes',
        '{"\\u005f_proto__": {"polluted": true}}',
        400,
        'JSON_KEY_FORBIDDEN',
      ],
      ['the key __proto__ deep inside', '[{"a": [{"__proto__": 1}]}]', 400, 'JSON_KEY_FORBIDDEN'],
      [
        'constructor.prototype',
        '{"constructor": {"prototype": {"polluted": true}}}',
        400,
        'JSON_KEY_FORBIDDEN',
      ],
    ]
    for (const [name, body, status, code] of refused) {
      test(`${name}: ${code}`, async () => {
        const response = await ask(server.port, post('/json', body))
        assertProblem(response, status, code)
        assert.ok(!response.body.includes('polluted'), 'what was sent is not repeated')
      })
    }

    for (const [name, body] of [
      ['100,000 arrays', '['.repeat(100_000)],
      ['100,000 closed arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
      ['100,000 objects', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ] as const) {
      test(`${name}: JSON_TOO_DEEP`, async () => {
        assertProblem(await ask(server.port, post('/deep', body)), 400, 'JSON_TOO_DEEP')
      })
    }

    for (const [name, type, lines, code] of [
      ['another type', 'text/html', [], 'MEDIA_TYPE_UNSUPPORTED'],
      ['a malformed type', 'application', [], 'MEDIA_TYPE_UNSUPPORTED'],
      ['another charset', 'application/json; charset=utf-16', [], 'MEDIA_TYPE_UNSUPPORTED'],
      ['a compressed body', 'application/json', ['Content-Encoding: gzip'], 'CONTENT_ENCODING_UNSUPPORTED'],
    ] as const) {
      test(`${name}: 415`, async () => {
        assertProblem(await ask(server.port, post('/json', '{}', type, lines)), 415, code)
      })
    }

    test('a byte order mark, deep but allowed nesting and odd keys are taken', async () => {
      const body = '{"toString": 1, "hasOwnProperty": [[[[]]]], "prototype": 2, "constructor": 3}'
      const response = await ask(server.port, post('/json', `\xef\xbb\xbf${body}`))
      assert.deepEqual(response.json(), { got: JSON.parse(body) as unknown })
    })
  })

  describe('forms, queries and cookies', () => {
    const form = 'application/x-www-form-urlencoded'

    test('names of the prototype are plain data in a form', async () => {
      const response = await ask(
        server.port,
        post('/form', '__proto__[polluted]=1&constructor=2&__proto__=3', form),
      )
      assert.deepEqual(response.json(), [
        ['__proto__[polluted]', '1'],
        ['constructor', '2'],
        ['__proto__', '3'],
      ])
    })

    test('bad escapes in a form do no harm', async () => {
      const response = await ask(server.port, post('/form', 'a=%&b=%zz&=&&c', form))
      assert.equal(response.status, 200)
    })

    test('a form of too many fields is refused', async () => {
      assertProblem(await ask(server.port, post('/form', 'a&'.repeat(5_000), form)), 413, 'FORM_TOO_LARGE')
    })

    test('names of the prototype are plain data in a query', async () => {
      const response = await ask(
        server.port,
        request('GET /query?__proto__[polluted]=1&constructor.prototype.polluted=2&__proto__=3'),
      )
      assert.deepEqual(response.json(), {
        query: [
          ['__proto__[polluted]', '1'],
          ['constructor.prototype.polluted', '2'],
          ['__proto__', '3'],
        ],
        isPlain: true,
      })
    })

    test('bad escapes in a query do no harm', async () => {
      const response = await ask(server.port, request('GET /query?a=%&b=%zz&c=%ff&=&&%00'))
      assert.equal(response.status, 200)
    })

    test('names of the prototype are plain data in cookies', async () => {
      const response = await ask(
        server.port,
        request('GET /cookies', ['Cookie: __proto__=1; constructor=2; a=%zz; =x; b; ;;']),
      )
      assert.deepEqual(response.json(), {
        cookies: [
          ['__proto__', '1'],
          ['constructor', '2'],
          ['a', '%zz'],
        ],
      })
    })

    for (const [name, cookie] of [
      ['100,000 octets', `a=${'b'.repeat(100_000)}`],
      ['10,000 cookies', 'a=b; '.repeat(10_000)],
    ] as const) {
      test(`a Cookie header of ${name} is refused`, async () => {
        const response = await ask(server.port, request('GET /cookies', [`Cookie: ${cookie}`]))
        assertProblem(response, 431, 'COOKIES_TOO_LARGE')
      })
    }
  })

  test('none of this is an error of the server', () => assert.deepEqual(reported, []))
})

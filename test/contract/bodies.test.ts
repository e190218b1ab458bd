import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { describe } from 'node:test'
import type { HttpContext } from 'goweb'
import { problemOf } from './answer.ts'
import { onBoth, onServer, signal } from './on-both.ts'
import { skipOn } from '../skip-on.ts'

const json = { 'content-type': 'application/json' }

const EXPECTING =
  'POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: 4\r\n\r\n'

/** A stream of the pieces that ends, or breaks off. */
function streamOf(pieces: readonly string[], fails = false): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const rest = [...pieces]
  return new ReadableStream({
    pull(controller) {
      const piece = rest.shift()
      if (piece !== undefined) controller.enqueue(encoder.encode(piece))
      else if (fails) controller.error(new Error('the client fails'))
      else controller.close()
    },
  })
}

describe('c.body', () => {
  onBoth('reads JSON, text, forms, bytes and streams, sent whole or in pieces', async (world) => {
    const app = world
      .makeApp()
      .post('/json', async (c) => c.json(await c.body.json()))
      .post('/text', async (c) => c.body.text())
      .post('/form', async (c) => [...(await c.body.form())])
      .post('/bytes', async (c) => c.json([...(await c.body.bytes())]))
      .post('/stream', (c) => c.body.stream())
    const client = await world.serve(app)
    assert.deepEqual((await client.send('POST /json', { json: { a: ['ü'] } })).json, { a: ['ü'] })
    const pieces = streamOf(['{"a":', '1}'])
    assert.deepEqual((await client.send('POST /json', { headers: json, body: pieces })).json, { a: 1 })
    assert.equal((await client.send('POST /text', { body: 'grüß' })).text, 'grüß')
    assert.equal((await client.send('POST /text')).text, '')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.deepEqual((await client.send('POST /form', { headers: form, body: 'a=1&a=2&b=%C3%BC+x' })).json, [
      ['a', '1'],
      ['a', '2'],
      ['b', 'ü x'],
    ])
    assert.deepEqual((await client.send('POST /bytes', { body: new Uint8Array([0, 255]) })).json, [0, 255])
    const echoed = await client.send('POST /stream', { body: streamOf(['one ', 'two']) })
    assert.equal(echoed.text, 'one two')
  })

  onBoth('may be read several times as a whole, by the chain too', async (world) => {
    const app = world
      .makeApp()
      .use(['http'], async (c, next) => next({ size: (await c.body.bytes()).byteLength }))
      .post('/', async (c) => c.json([c.size, await c.body.text(), await c.body.json()]))
    const client = await world.serve(app)
    assert.deepEqual((await client.send('POST /', { json: [1] })).json, [3, '[1]', [1]])
  })

  onBoth('is one body with c.request: the second to read it is refused', async (world) => {
    const app = world
      .makeApp()
      .post('/request', async (c) => c.request.text())
      .post('/both', async (c) => {
        const first = await c.request.text()
        return [first, await c.body.text()]
      })
      .post('/reader', async (c) => {
        const first = await c.body.text()
        return [first, await c.request.text()]
      })
      .post('/streams', async (c) => {
        await c.body.stream().cancel()
        return c.body.text()
      })
    const client = await world.serve(app)
    assert.equal((await client.send('POST /request', { body: 'once' })).text, 'once')
    for (const path of ['/both', '/reader', '/streams']) {
      assert.equal((await client.send(`POST ${path}`, { body: 'once' })).status, 500, path)
      await world.reports.takeCode('BODY_ALREADY_READ')
    }
  })

  onBoth('refuses more than the limit, whether the length was told or not', async (world) => {
    const app = world
      .makeApp({ bodyLimitBytes: 8 })
      .post('/app', async (c) => c.body.text())
      .post('/route', { bodyLimitBytes: 4 }, async (c) => c.body.text())
      .post('/more', { bodyLimitBytes: 16 }, async (c) => c.body.text())
      .post('/stream', (c) => c.body.stream())
      .post('/request', async (c) => c.request.text())
      .post('/ignores', () => 'ignored')
    const client = await world.serve(app)
    const status = async (path: string, body: string | ReadableStream<Uint8Array>): Promise<number> =>
      (await client.send(`POST ${path}`, { body })).status
    assert.equal(await status('/app', '12345678'), 200)
    assert.equal(await status('/app', '123456789'), 413)
    assert.equal(await status('/app', streamOf(['12345', '6789'])), 413)
    assert.equal(await status('/route', '12345'), 413)
    assert.equal(await status('/more', '123456789'), 200)
    assert.equal(await status('/request', '123456789'), 413)
    assert.equal(await status('/ignores', '123456789'), 200)
    const answer = await client.send('POST /app', { body: '123456789' })
    assert.deepEqual(answer.problem, problemOf('BODY_TOO_LARGE', 413))
  })

  onBoth('refuses what it cannot read, saying what it would take', async (world) => {
    const app = world
      .makeApp({ jsonDepth: 3, formFields: 2 })
      .post('/json', async (c) => c.json(await c.body.json()))
      .post('/text', async (c) => c.body.text())
      .post('/form', async (c) => [...(await c.body.form())])
    const client = await world.serve(app)
    const refusal = async (
      path: string,
      headers: Record<string, string>,
      body: string | Uint8Array,
    ): Promise<unknown> => {
      const { problem } = await client.send(`POST ${path}`, { headers, body })
      assert.equal(problem.type, 'application/problem+json')
      return [problem.status, problem.code]
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    assert.deepEqual(await refusal('/json', {}, '{}'), [415, 'MEDIA_TYPE_UNSUPPORTED'])
    assert.deepEqual(await refusal('/json', { 'content-type': 'text/plain' }, '{}'), [
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ])
    assert.deepEqual(await refusal('/json', { 'content-type': 'application/json; charset=latin1' }, '{}'), [
      415,
      'MEDIA_TYPE_UNSUPPORTED',
    ])
    assert.deepEqual(await refusal('/json', { ...json, 'content-encoding': 'gzip' }, '{}'), [
      415,
      'CONTENT_ENCODING_UNSUPPORTED',
    ])
    assert.deepEqual(await refusal('/json', json, '{"a":}'), [400, 'JSON_INVALID'])
    assert.deepEqual(await refusal('/json', json, ''), [400, 'JSON_INVALID'])
    assert.deepEqual(await refusal('/json', json, '[[[[]]]]'), [400, 'JSON_TOO_DEEP'])
    assert.deepEqual(await refusal('/json', json, '{"__proto__":{}}'), [400, 'JSON_KEY_FORBIDDEN'])
    assert.deepEqual(await refusal('/json', json, '{"constructor":{"prototype":{}}}'), [
      400,
      'JSON_KEY_FORBIDDEN',
    ])
    assert.deepEqual(await refusal('/text', {}, new Uint8Array([0xff])), [400, 'BODY_NOT_UTF8'])
    assert.deepEqual(await refusal('/form', json, 'a=1'), [415, 'MEDIA_TYPE_UNSUPPORTED'])
    assert.deepEqual(await refusal('/form', form, 'a=1&b=2&c=3'), [413, 'FORM_TOO_LARGE'])
    const answer = await client.send('POST /json', {
      headers: { 'content-type': 'multipart/form-data' },
      body: 'x',
    })
    assert.match((answer.json as { detail: string }).detail, /application\/json.*multipart/)
  })

  onBoth('need not be read, and the answer arrives', async (world) => {
    const client = await world.serve(world.makeApp().post('/', () => 'unread'))
    for (const body of ['x', 'x'.repeat(300_000), streamOf(['x', 'y'])]) {
      assert.equal((await client.send('POST /', { body })).text, 'unread')
    }
  })

  onBoth('that breaks off rejects with BODY_ABORTED', async (world) => {
    const failure = signal<unknown>()
    const app = world.makeApp().post('/', async (c) => {
      try {
        return await c.body.text()
      } catch (error) {
        failure.resolve(error)
        throw error
      }
    })
    const client = await world.serve(app)
    const exchange = client.start('POST /', { body: streamOf(['half'], true) })
    assert.equal(((await failure.promise) as { code?: string }).code, 'BODY_ABORTED')
    // A server has nobody to answer; app.fetch answers all the same.
    await exchange.answer.then(({ status }) => assert.equal(status, 400)).catch(() => undefined)
  })

  onServer(
    'of a GET is read like any other, though a Request has none',
    async (world) => {
      const app = world
        .makeApp()
        .get('/body', (c) => c.body.text())
        .get('/request', async (c) => [await c.request.text(), await c.body.text()])
      const client = await world.serve(app)
      assert.equal((await client.send('GET /body', { body: 'of a GET' })).text, 'of a GET')
      assert.deepEqual((await client.send('GET /request', { body: 'of a GET' })).json, ['', 'of a GET'])
    },
    { skip: skipOn('bun', 'Bun.serve drops the body of a GET') },
  )

  onServer('of a GET is not taken for the next request', async (world) => {
    const client = await world.serve(world.makeApp().get('/{name}', (c) => c.params.name))
    const answers = await client.sendRaw(
      'GET /a HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbodyGET /b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    )
    assert.match(answers, /^HTTP\/1\.1 200 [^]*\r\n\r\naHTTP\/1\.1 200 [^]*\r\n\r\nb$/)
  })

  onServer('that is not sent is empty, however it is read', async (world) => {
    const readRaw = async (raw: AsyncIterable<Uint8Array>): Promise<number> => {
      let length = 0
      for await (const chunk of raw) length += chunk.byteLength
      return length
    }
    const read: Record<string, (c: HttpContext) => Promise<unknown>> = {
      text: (c) => c.body.text(),
      stream: (c) => new Response(c.body.stream()).text(),
      request: (c) => c.request.text(),
      cancelled: async (c) => (await c.body.stream().cancel()) ?? '',
      async late(c) {
        await new Promise((resolve) => setImmediate(resolve))
        return c.body.text()
      },
      async raw(c) {
        const raw = c.raw as AsyncIterable<Uint8Array> | Request
        return raw instanceof Request ? raw.text() : (await readRaw(raw)) || ''
      },
    }
    const app = world
      .makeApp()
      .get('/{way}', async (c) => [await read[c.params.way]?.(c)])
      .post('/{way}', async (c) => [await read[c.params.way]?.(c)])
      .delete('/{way}', async (c) => [await read[c.params.way]?.(c)])
    app.post('/json', async (c) => c.json(await c.body.json()))
    const client = await world.serve(app)
    for (const method of ['GET', 'POST', 'DELETE']) {
      for (const way of Object.keys(read)) {
        for (const expect of ['', 'expect: 100-continue\r\n']) {
          const answer = await client.sendRaw(
            `${method} /${way} HTTP/1.1\r\nhost: a\r\n${expect}connection: close\r\n\r\n`,
          )
          assert.match(answer, /HTTP\/1\.1 200 [^]*\r\n\r\n\[""\]$/, `${method} ${way} ${expect}`)
        }
      }
    }
    const headers = 'host: a\r\ncontent-type: application/json\r\nconnection: close\r\n'
    assert.match(await client.sendRaw(`POST /json HTTP/1.1\r\n${headers}\r\n`), /^HTTP\/1\.1 400 /)
  })

  onServer(
    'that is not sent has ended before it is read, where Node can',
    async (world) => {
      const app = world.makeApp().get('/', ({ raw }) => {
        const { readableEnded, destroyed } = raw as IncomingMessage
        return [readableEnded, destroyed]
      })
      const client = await world.serve(app)
      const canEnd = Number(process.versions.node.split('.')[0]) > 24
      assert.deepEqual((await client.send('GET /')).json, [canEnd, canEnd])
    },
    { skip: skipOn('bun', 'c.raw is a Request') },
  )

  onServer(
    'that was read from c.raw, or dropped with the answer, is not taken for an empty one',
    async (world) => {
      const answered = signal()
      const late = signal<unknown>()
      const app = world
        .makeApp()
        .post('/raw/{way}', async (c) => {
          for await (const _ of c.raw as IncomingMessage);
          return c.params.way === 'text' ? c.body.text() : new Response(c.body.stream()).text()
        })
        .post('/late', (c) => {
          const raw = c.raw as IncomingMessage
          const read = async (): Promise<void> => {
            await answered.promise
            while (!raw.readableEnded) await new Promise(setImmediate)
            late.resolve(await c.body.text().catch((error: unknown) => error))
          }
          void read()
          return 'answered'
        })
      const client = await world.serve(app)
      for (const way of ['text', 'stream']) {
        assert.equal((await client.send(`POST /raw/${way}`, { body: 'body' })).status, 500)
        await world.reports.takeCode('BODY_ALREADY_READ')
      }
      assert.equal((await client.send('POST /late', { body: 'body' })).text, 'answered')
      answered.resolve()
      assert.equal(((await late.promise) as { code?: string }).code, 'BODY_ALREADY_READ')
    },
    { skip: skipOn('bun', 'c.raw is a Request') },
  )

  onServer(
    'that broke off before it was read rejects with BODY_ABORTED',
    async (world) => {
      const failures: Promise<unknown>[] = []
      const arrived = signal()
      const left = signal()
      const readBoth = signal()
      const app = world.makeApp().post('/', async (c) => {
        c.signal.addEventListener('abort', () => left.resolve())
        arrived.resolve()
        await left.promise
        failures.push(
          c.body.text().catch((error: unknown) => error),
          new Response(c.body.stream()).text().catch((error: unknown) => error),
        )
        readBoth.resolve()
        return 'nobody is there'
      })
      const client = await world.serve(app)
      const connection = connect(client.port, '127.0.0.1')
      connection.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n1234')
      await arrived.promise
      connection.resetAndDestroy()
      await readBoth.promise
      const codes = (await Promise.all(failures)).map((error) => (error as { code?: string }).code)
      assert.deepEqual(codes, ['BODY_ABORTED', 'BODY_ALREADY_READ'])
    },
    { skip: skipOn('bun', 'Bun.serve waits for the whole body') },
  )

  onServer('that is not sent leaves the requests behind it as they are', async (world) => {
    const app = world
      .makeApp()
      .get('/{name}', async (c) => `${await c.body.text()}${c.params.name}`)
      .post('/{name}', async (c) => `${c.params.name}:${await c.body.text()}`)
    const client = await world.serve(app)
    const answers = await client.sendRaw(
      'GET /a HTTP/1.1\r\nhost: a\r\n\r\nPOST /b HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n\r\nbody' +
        'GET /c HTTP/1.1\r\nhost: a\r\n\r\nPOST /d HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n' +
        'POST /e HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    )
    const bodies = [...answers.matchAll(/\r\n\r\n(.*?)(?=HTTP|$)/g)].map(([, body]) => body)
    assert.deepEqual(bodies, ['a', 'b:body', 'c', 'd:body', 'e:'])
  })

  onServer('comes after 100 Continue from a client that waits for it', async (world) => {
    const client = await world.serve(world.makeApp().post('/', async (c) => c.body.text()))
    assert.match(
      await client.sendRaw(`${EXPECTING}body`),
      /^HTTP\/1\.1 100 .*\r\n\r\nHTTP\/1\.1 200 [\s\S]*body$/,
    )
  })

  onServer(
    'that nobody reads is not asked for with 100 Continue',
    async (world) => {
      const client = await world.serve(world.makeApp().post('/', (c) => c.text('no', 403)))
      assert.match(await client.sendRaw(EXPECTING), /^HTTP\/1\.1 403 /)
    },
    { skip: skipOn('bun', 'Bun.serve asks for every body before the handler runs') },
  )
})

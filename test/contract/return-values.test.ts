import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { html, Reply } from 'goweb'
import { problemOf } from './answer.ts'
import { onBoth } from './on-both.ts'

const TEXT = 'text/plain; charset=utf-8'
const JSON_TYPE = 'application/json'
const BINARY = 'application/octet-stream'

class Point {
  x = 1
  y = 2
}

class Money {
  toJSON(): string {
    return '12.50 EUR'
  }
}

class Secret {
  #value = 1
  get value(): number {
    return this.#value
  }
}

async function* words(): AsyncGenerator<string | Uint8Array> {
  yield 'one '
  yield new TextEncoder().encode('two ')
  await Promise.resolve()
  yield 'drei ü'
}

/** What a handler returns: status, type and text of the answer. */
const RETURNED: Readonly<Record<string, { make: () => unknown; answer: [number, string | null, string] }>> = {
  string: { make: () => 'grüß', answer: [200, TEXT, 'grüß'] },
  'empty string': { make: () => '', answer: [200, TEXT, ''] },
  nothing: { make: () => undefined, answer: [204, null, ''] },
  null: { make: () => null, answer: [200, JSON_TYPE, 'null'] },
  number: { make: () => 7, answer: [200, JSON_TYPE, '7'] },
  zero: { make: () => 0, answer: [200, JSON_TYPE, '0'] },
  false: { make: () => false, answer: [200, JSON_TYPE, 'false'] },
  object: { make: () => ({ a: 1, b: undefined }), answer: [200, JSON_TYPE, '{"a":1}'] },
  'empty object': { make: () => ({}), answer: [200, JSON_TYPE, '{}'] },
  array: { make: () => [1, 'ü'], answer: [200, JSON_TYPE, '[1,"ü"]'] },
  'object of a class': { make: () => new Point(), answer: [200, JSON_TYPE, '{"x":1,"y":2}'] },
  'object with toJSON': { make: () => new Money(), answer: [200, JSON_TYPE, '"12.50 EUR"'] },
  date: { make: () => new Date(0), answer: [200, JSON_TYPE, '"1970-01-01T00:00:00.000Z"'] },
  'object without prototype': {
    make: () => Object.assign(Object.create(null) as object, { a: 1 }),
    answer: [200, JSON_TYPE, '{"a":1}'],
  },
  bytes: { make: () => new Uint8Array([104, 105]), answer: [200, BINARY, 'hi'] },
  'array buffer': { make: () => new Uint8Array([104, 105]).buffer, answer: [200, BINARY, 'hi'] },
  blob: { make: () => new Blob(['hi'], { type: 'text/css' }), answer: [200, 'text/css', 'hi'] },
  html: { make: () => html`<b>${'<'}</b>`, answer: [200, 'text/html; charset=utf-8', '<b>&lt;</b>'] },
  'readable stream': { make: () => new Blob(['streamed']).stream(), answer: [200, BINARY, 'streamed'] },
  'async generator': { make: words, answer: [200, BINARY, 'one two drei ü'] },
  'async iterable object': {
    make: () => ({ [Symbol.asyncIterator]: words }),
    answer: [200, BINARY, 'one two drei ü'],
  },
  response: {
    make: () => new Response('made', { status: 201, headers: { 'content-type': 'text/x-made' } }),
    answer: [201, 'text/x-made', 'made'],
  },
  'response without a body': { make: () => new Response(null, { status: 204 }), answer: [204, null, ''] },
  'Response.json': { make: () => Response.json({ a: 1 }), answer: [200, JSON_TYPE, '{"a":1}'] },
  reply: { make: () => new Reply(202, 'own', 'text/x-own'), answer: [202, 'text/x-own', 'own'] },
  promise: { make: () => Promise.resolve({ a: 1 }), answer: [200, JSON_TYPE, '{"a":1}'] },
  thenable: {
    make: () => ({ then: (resolve: (value: string) => void) => resolve('late') }),
    answer: [200, TEXT, 'late'],
  },
}

/** What would be sent as nonsense. */
const REFUSED: Readonly<Record<string, { make: () => unknown; code: string }>> = {
  function: { make: () => () => 'called?', code: 'REPLY_UNSUPPORTED' },
  symbol: { make: () => Symbol('s'), code: 'REPLY_UNSUPPORTED' },
  bigint: { make: () => 7n, code: 'REPLY_UNSUPPORTED' },
  error: { make: () => new Error('returned instead of thrown'), code: 'REPLY_UNSUPPORTED' },
  map: { make: () => new Map([['a', 1]]), code: 'REPLY_UNSUPPORTED' },
  set: { make: () => new Set([1]), code: 'REPLY_UNSUPPORTED' },
  'object without fields': { make: () => new Secret(), code: 'REPLY_UNSUPPORTED' },
  'bigint inside': { make: () => ({ a: 1n }), code: 'JSON_UNSERIALIZABLE' },
  cycle: {
    make: () => {
      const cycle: { self?: unknown } = {}
      cycle.self = cycle
      return cycle
    },
    code: 'JSON_UNSERIALIZABLE',
  },
  'Response.error()': { make: () => Response.error(), code: 'REPLY_UNSUPPORTED' },
  'read response': {
    make: async () => {
      const response = new Response('once')
      await response.text()
      return response
    },
    code: 'REPLY_UNSUPPORTED',
  },
  'locked stream': {
    make: () => {
      const stream = new Blob(['x']).stream()
      stream.getReader()
      return stream
    },
    code: 'REPLY_UNSUPPORTED',
  },
  'informational status': { make: () => new Reply(103, null, undefined), code: 'STATUS_INVALID' },
  'status that is none': { make: () => new Reply(Number.NaN, null, undefined), code: 'STATUS_INVALID' },
}

describe('what a handler returns', () => {
  for (const [name, { make, answer }] of Object.entries(RETURNED)) {
    onBoth(`${name}: answered`, async (world) => {
      const client = await world.serve(
        world
          .makeApp()
          .get('/', make)
          .get('/late', async () => make()),
      )
      for (const path of ['/', '/late']) {
        const { status, type, text } = await client.send(`GET ${path}`)
        // Bun's Blob and Response.json add a charset of their own.
        assert.deepEqual([status, type?.replace(/;charset=utf-8$/, '') ?? null, text], answer)
      }
    })
  }

  for (const [name, { make, code }] of Object.entries(REFUSED)) {
    onBoth(`${name}: a 500 that is reported as ${code}`, async (world) => {
      const client = await world.serve(world.makeApp().get('/', make))
      const answer = await client.send('GET /')
      assert.deepEqual(answer.problem, problemOf('INTERNAL', 500))
      await world.reports.takeCode(code)
    })
  }

  onBoth('nothing, although it made a reply: a 500 that says what was forgotten', async (world) => {
    const app = world
      .makeApp()
      .use(['http'], (c, next) => {
        c.text('made and not used', 503)
        return next()
      })
      .get('/json', (c) => {
        c.json({ forgotten: true })
      })
      .get('/redirect', async (c) => {
        await Promise.resolve()
        c.redirect('/')
      })
      .get('/file', (c) => {
        void c.file(import.meta.filename).catch(() => undefined)
      })
      .get('/none', () => {})
    const client = await world.serve(app)
    for (const path of ['/json', '/redirect', '/file']) {
      assert.deepEqual((await client.send(`GET ${path}`)).problem, problemOf('INTERNAL', 500))
      const { error } = await world.reports.takeCode('REPLY_UNSUPPORTED')
      assert.match((error as Error).message, /return/)
    }
    // What the middleware made is not the handler's.
    assert.equal((await client.send('GET /none')).status, 204)
  })

  onBoth('with a length: Content-Length in bytes', async (world) => {
    const app = world
      .makeApp()
      .get('/text', () => 'ü€😀')
      .get('/bytes', () => new Uint8Array(5))
      .get('/none', (c) => c.empty())
      .get('/zero', () => '')
    const client = await world.serve(app)
    const length = async (path: string): Promise<string | null> =>
      (await client.send(`GET ${path}`)).headers.get('content-length')
    assert.deepEqual(
      [await length('/text'), await length('/bytes'), await length('/none'), await length('/zero')],
      ['9', '5', null, '0'],
    )
  })
})

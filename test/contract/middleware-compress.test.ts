import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { Reply, sse } from 'goweb'
import { compress, type CompressOptions } from 'goweb/middleware/compress'
import { cors } from 'goweb/middleware/cors'
import { hasCode } from '../unit/http/has-code.ts'
import type { Answer } from './answer.ts'
import type { OpenAnswer } from './client.ts'
import { onBoth, signal } from './on-both.ts'

const TEXT = 'All work and no play makes Jack a dull boy. '.repeat(100)
const JSON_TYPE = 'application/json'

const DECODE: Readonly<Record<string, (bytes: Uint8Array) => Promise<Uint8Array>>> = {
  br: promisify<Uint8Array, Uint8Array>(zlib.brotliDecompress),
  zstd: promisify<Uint8Array, Uint8Array>(zlib.zstdDecompress),
  gzip: promisify<Uint8Array, Uint8Array>(zlib.gunzip),
  deflate: promisify<Uint8Array, Uint8Array>(zlib.inflate),
}

async function decoded(answer: Answer): Promise<string> {
  const coding = answer.headers.get('content-encoding')
  const decode = coding === null ? undefined : DECODE[coding]
  return Buffer.from(decode === undefined ? answer.bytes : await decode(answer.bytes)).toString()
}

/** Reads a gzip body until the text so far ends in something. */
class GunzipReader {
  readonly #open: OpenAnswer
  readonly #gunzip = zlib.createGunzip()
  #text = ''

  constructor(open: OpenAnswer) {
    this.#open = open
    this.#gunzip.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text
    })
  }

  async until(end: string): Promise<string> {
    while (!this.#text.endsWith(end)) {
      const chunk = await this.#open.read()
      assert.ok(chunk !== undefined, `the body ended after ${this.#text}`)
      await new Promise((resolve) => {
        this.#gunzip.write(chunk, resolve)
      })
    }
    return this.#text
  }
}

describe('compress', () => {
  onBoth('encodes whole answers and streams in the coding that the client likes best', async (world) => {
    async function* pieces(): AsyncGenerator<string | Uint8Array> {
      for (let i = 0; i < TEXT.length; i += 1_000) yield TEXT.slice(i, i + 1_000)
      yield new Uint8Array(0)
    }
    const app = world
      .makeApp()
      .use(compress())
      .get('/text', () => TEXT)
      .get('/bytes', () => new Reply(200, Buffer.from(TEXT), JSON_TYPE))
      .get('/iterable', () => new Reply(200, pieces(), JSON_TYPE))
      .get('/stream', () => new Reply(200, new Blob([TEXT]).stream(), JSON_TYPE))
    const client = await world.serve(app)
    for (const path of ['/text', '/bytes', '/iterable', '/stream']) {
      for (const [header, coding] of [
        ['br', 'br'],
        ['gzip, deflate, br, zstd', 'br'],
        ['gzip;q=1.0, br;q=0.9, zstd;q=0.95', 'gzip'],
        ['deflate', 'deflate'],
        ['zstd', 'zstd'],
        ['x-gzip', 'gzip'],
        ['*', 'br'],
        ['*;q=0.5, br;q=0', 'zstd'],
        ['identity', null],
        ['gzip;q=0.5, identity', null],
        ['gzip;q=0', null],
        ['compress', null],
        ['', null],
      ] as const) {
        const answer = await client.send(`GET ${path}`, { headers: { 'accept-encoding': header } })
        assert.equal(answer.headers.get('content-encoding'), coding, `${path} ${header}`)
        assert.equal(await decoded(answer), TEXT)
        assert.equal(answer.headers.get('vary'), 'Accept-Encoding')
        if (coding !== null) assert.ok(answer.bytes.byteLength < TEXT.length / 5)
        const length = answer.headers.get('content-length')
        if (length !== null) assert.equal(Number(length), answer.bytes.byteLength)
      }
      assert.equal((await client.send(`GET ${path}`)).headers.has('content-encoding'), false)
    }
  })

  onBoth('leaves alone what it should', async (world) => {
    const withHeader = (name: string, value: string): Reply => {
      const reply = new Reply(200, TEXT, JSON_TYPE)
      reply.headers.set(name, value)
      return reply
    }
    const app = world
      .makeApp()
      .use(compress())
      .get('/small', () => 'x'.repeat(1_023))
      .get('/image', () => new Reply(200, TEXT, 'image/png'))
      .get('/untyped', () => new Reply(200, TEXT, undefined))
      .get('/events', () => new Reply(200, TEXT, 'text/event-stream'))
      .get('/encoded', () => withHeader('content-encoding', 'br'))
      .get('/digest', () => withHeader('repr-digest', 'sha-256=:x:'))
      .get('/no-transform', () => withHeader('cache-control', 'public, No-Transform'))
      .get('/context', (c) => {
        c.setHeader('cache-control', 'no-transform')
        return new Reply(200, TEXT, JSON_TYPE)
      })
      .get('/partial', () => new Reply(206, TEXT, JSON_TYPE))
      .get('/range', () => withHeader('content-range', 'bytes 0-1/2'))
      .get('/empty', (c) => c.empty())
      .get('/nothing', () => '')
    const client = await world.serve(app)
    const headers = { 'accept-encoding': 'gzip, br' }
    for (const { pattern } of app.routes()) {
      const answer = await client.send(`GET ${pattern}`, { headers })
      const coding = answer.headers.get('content-encoding')
      assert.equal(coding, pattern === '/encoded' ? 'br' : null, pattern)
      assert.equal(answer.headers.has('vary'), false, pattern)
    }
  })

  onBoth('keeps what would not get smaller', async (world) => {
    const noise = crypto.getRandomValues(new Uint8Array(2_000))
    const app = world
      .makeApp()
      .use(compress())
      .get('/', () => new Reply(200, noise, JSON_TYPE))
    const client = await world.serve(app)
    const answer = await client.send('GET /', { headers: { 'accept-encoding': 'gzip' } })
    assert.equal(answer.headers.has('content-encoding'), false)
    assert.equal(answer.headers.get('vary'), 'Accept-Encoding')
    assert.deepEqual(Buffer.from(answer.bytes), Buffer.from(noise))
  })

  onBoth('encodes everything for a client that refuses identity', async (world) => {
    const app = world
      .makeApp()
      .use(compress())
      .get('/small', () => 'tiny')
      .get('/image', () => new Reply(200, 'pixels', 'image/png'))
    const client = await world.serve(app)
    for (const header of ['gzip, identity;q=0', 'gzip, *;q=0']) {
      const headers = { 'accept-encoding': header }
      assert.equal(await decoded(await client.send('GET /small', { headers })), 'tiny')
      const image = await client.send('GET /image', { headers })
      assert.equal(image.headers.get('content-encoding'), 'gzip')
    }
    // Nothing fits: better an answer than none (RFC 9110 section 12.5.3).
    const nothing = await client.send('GET /small', { headers: { 'accept-encoding': 'identity;q=0' } })
    assert.equal(nothing.text, 'tiny')
  })

  onBoth('weakens the entity tag, and 304 says what a 200 would', async (world) => {
    const app = world
      .makeApp()
      .use(compress())
      .get('/{etag}', (c) => {
        const reply = c.header('if-none-match') === undefined ? new Reply(200, TEXT, JSON_TYPE) : c.empty(304)
        reply.headers.set('etag', c.params.etag).set('accept-ranges', 'bytes').set('content-length', '4400')
        return reply
      })
    const client = await world.serve(app)
    const headers = { 'accept-encoding': 'gzip' }
    for (const [tag, weak] of [
      ['"a"', 'W/"a"'],
      ['W/"a"', 'W/"a"'],
    ] as const) {
      const path = `/${encodeURIComponent(tag)}`
      const answer = await client.send(`GET ${path}`, { headers })
      assert.equal(answer.headers.get('etag'), weak)
      assert.equal(answer.headers.has('accept-ranges'), false)
      assert.equal(answer.headers.get('content-length'), String(answer.bytes.byteLength))
      assert.equal((await client.send(`GET ${path}`)).headers.get('etag'), tag)
      const unchanged = await client.send(`GET ${path}`, { headers: { ...headers, 'if-none-match': weak } })
      assert.equal(unchanged.status, 304)
      assert.equal(unchanged.headers.get('vary'), 'Accept-Encoding')
    }
  })

  onBoth('gives HEAD the headers of GET', async (world) => {
    const cancelled = signal()
    const app = world
      .makeApp()
      .use(compress())
      .get('/text', () => TEXT)
      .get('/small', () => 'tiny')
      .get(
        '/stream',
        () => new Reply(200, new ReadableStream({ cancel: () => cancelled.resolve() }), JSON_TYPE),
      )
    const client = await world.serve(app)
    const headers = { 'accept-encoding': 'gzip' }
    for (const path of ['/text', '/stream']) {
      const answer = await client.send(`HEAD ${path}`, { headers })
      assert.equal(answer.headers.get('content-encoding'), 'gzip', path)
      assert.equal(answer.headers.get('vary'), 'Accept-Encoding')
      assert.equal(answer.headers.has('content-length'), false)
      assert.equal(answer.bytes.byteLength, 0)
    }
    await cancelled.promise
    const small = await client.send('HEAD /small', { headers })
    assert.equal(small.headers.get('content-length'), '4')
  })

  onBoth('changes no reply that a handler keeps', async (world) => {
    const kept = new Reply(200, TEXT, JSON_TYPE)
    const app = world
      .makeApp()
      .use(compress())
      .get('/', () => kept)
    const client = await world.serve(app)
    for (let i = 0; i < 2; i++) {
      const answer = await client.send('GET /', { headers: { 'accept-encoding': 'gzip' } })
      assert.equal(await decoded(answer), TEXT)
      assert.equal((await client.send('GET /')).text, TEXT)
    }
    assert.equal(kept.hasHeaders, false)
  })

  for (const order of ['cors first', 'compress first']) {
    onBoth(`varies by all that matters, ${order}`, async (world) => {
      const both = [cors({ origin: 'https://a.example' }), compress()] as const
      const [first, second] = order === 'cors first' ? both : both.toReversed()
      const app = world.makeApp()
      if (first !== undefined && second !== undefined) app.use(first).use(second)
      app.get('/plain', () => TEXT)
      app.get('/varied', (c) => {
        const reply = c.text(TEXT)
        reply.headers.set('vary', 'Cookie')
        return reply
      })
      const client = await world.serve(app)
      const headers = { 'accept-encoding': 'gzip', origin: 'https://a.example' }
      const names = async (path: string): Promise<Set<string>> =>
        new Set((await client.send(path, { headers })).headers.get('vary')?.split(', '))
      assert.deepEqual(await names('GET /plain'), new Set(['Accept-Encoding', 'Origin']))
      assert.deepEqual(await names('GET /varied'), new Set(['Accept-Encoding', 'Cookie', 'Origin']))
    })
  }

  onBoth('flushes a stream whenever it pauses', async (world) => {
    let steps: ReturnType<typeof signal<void>>[] = []
    async function* pausing(): AsyncGenerator<string> {
      yield 'first '
      yield 'and more '
      await steps[0]?.promise
      yield 'second '
      await steps[1]?.promise
      yield 'third'
    }
    const app = world
      .makeApp()
      .use(compress({ isCompressible: () => true }))
      .get('/', () => new Reply(200, pausing(), 'text/event-stream'))
      .get('/sse', () => sse(pausing()))
    const client = await world.serve(app)
    for (const path of ['/', '/sse']) {
      steps = [signal(), signal()]
      const open = await client.start(`GET ${path}`, { headers: { 'accept-encoding': 'gzip' } }).answer
      assert.equal(open.headers.get('content-encoding'), 'gzip')
      const reader = new GunzipReader(open)
      const end = path === '/sse' ? '\n\n' : ''
      await reader.until(`and more ${end}`)
      steps[0]?.resolve()
      await reader.until(`second ${end}`)
      steps[1]?.resolve()
      await reader.until(`third${end}`)
    }
  })

  onBoth('reads no further than the client does, and frees the source when it leaves', async (world) => {
    const freed = signal()
    let made = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          made++
          yield crypto.getRandomValues(new Uint8Array(65_536))
        }
      } finally {
        freed.resolve()
      }
    }
    const app = world
      .makeApp()
      .use(compress())
      .get('/', () => new Reply(200, endless(), JSON_TYPE))
    const client = await world.serve(app)
    const exchange = client.start('GET /', { headers: { 'accept-encoding': 'gzip' } })
    const open = await exchange.answer
    await open.read()
    // What fits into the buffers of both sockets was made; then nothing more, however long the client waits.
    let before = -1
    while (before !== made) {
      before = made
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
    }
    assert.ok(made < 1_000, `${made} pieces`)
    exchange.leave()
    await freed.promise
  })

  onBoth('breaks off when the source fails', async (world) => {
    async function* failing(): AsyncGenerator<string> {
      yield TEXT
      throw new Error('source failed')
    }
    const app = world
      .makeApp()
      .use(compress())
      .get('/', () => new Reply(200, failing(), JSON_TYPE))
      .get('/odd', () => new Reply(200, oddities(), JSON_TYPE))
    const client = await world.serve(app)
    await assert.rejects(client.send('GET /', { headers: { 'accept-encoding': 'gzip' } }))
    assert.match(String((await world.reports.take()).error), /source failed/)
    await assert.rejects(client.send('GET /odd', { headers: { 'accept-encoding': 'gzip' } }))
    await world.reports.takeCode('REPLY_UNSUPPORTED')
  })

  test('refuses wrong options when it is made', () => {
    const wrong: readonly (readonly [options: unknown, message: RegExp])[] = [
      [{ encodings: ['lzma'] }, /list of br, zstd, gzip and deflate; one item is "lzma"/],
      [{ encodings: [] }, /at least one/],
      [{ thresholdBytes: -1 }, /integer from 0/],
      [{ levels: 5 }, /an object/],
      [{ levels: { br: 12 } }, /br to be an integer from 0 to 11; got 12/],
      [{ levels: { lzma: 1 } }, /"lzma"/],
      [{ isCompressible: /x/ }, /a function/],
      [{ threshold: 1 }, /unknown option/],
    ]
    for (const [options, message] of wrong) {
      assert.throws(() => compress(options as CompressOptions), hasCode('COMPRESS_OPTIONS_INVALID', message))
    }
    compress({ encodings: ['gzip'], levels: { gzip: 1 }, thresholdBytes: 0 })
  })
})

/** Pieces that are none, as a caller without types may give. */
async function* oddities(): AsyncGenerator<string> {
  yield 7 as unknown as string
}

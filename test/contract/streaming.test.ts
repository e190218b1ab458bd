import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { Readable } from 'node:stream'
import { lastEventId, Reply, sse, SseStream } from 'goweb'
import { onBoth, onServer, signal } from './on-both.ts'
import { skipOn } from '../skip-on.ts'

const text = (chunk: Uint8Array | undefined): string => Buffer.from(chunk ?? []).toString()

describe('a streamed body', () => {
  onBoth('arrives as it is made', async (world) => {
    const gate = signal()
    const app = world.makeApp().get('/', (c) => {
      c.setHeader('x-early', 'yes')
      return (async function* () {
        yield 'one'
        await gate.promise
        yield 'two'
      })()
    })
    const client = await world.serve(app)
    const open = await client.start('GET /').answer
    assert.deepEqual([open.status, open.headers.get('x-early')], [200, 'yes'])
    assert.equal(open.headers.get('content-length'), null)
    assert.equal(text(await open.read()), 'one')
    gate.resolve()
    assert.equal(text(await open.read()), 'two')
    assert.equal(await open.read(), undefined)
  })

  onServer(
    'comes after its status and headers, however late it is',
    async (world) => {
      const gate = signal()
      const app = world.makeApp().get('/', async function* () {
        await gate.promise
        yield 'late'
      })
      const client = await world.serve(app)
      const open = await client.start('GET /').answer
      assert.equal(open.status, 200)
      gate.resolve()
      assert.equal(text(await open.read()), 'late')
    },
    { skip: skipOn('bun', 'Bun.serve sends the headers with the first chunk') },
  )

  onBoth('may be of any kind that is read as it comes', async (world) => {
    const encoder = new TextEncoder()
    const kinds: Readonly<Record<string, () => unknown>> = {
      'readable stream': () =>
        new ReadableStream({
          start(controller) {
            controller.enqueue(encoder.encode('abc'))
            controller.close()
          },
        }),
      'byte stream': () =>
        new ReadableStream({
          type: 'bytes',
          start(controller) {
            controller.enqueue(encoder.encode('abc'))
            controller.close()
          },
        }),
      'node stream': () => Readable.from([Buffer.from('a'), Buffer.from('bc')]),
      'async generator': async function* () {
        yield 'a'
        yield ''
        yield new Uint8Array(0)
        yield encoder.encode('bc')
      },
      reply: () => new Reply(200, new Blob(['abc']).stream(), 'text/x-own'),
      response: () => new Response(new Blob(['abc']).stream()),
      empty: async function* () {},
    }
    const app = world.makeApp().get('/{kind}', (c) => kinds[c.params.kind]?.())
    const client = await world.serve(app)
    for (const kind of Object.keys(kinds)) {
      const answer = await client.send(`GET /${encodeURIComponent(kind)}`)
      assert.deepEqual([answer.status, answer.text], [200, kind === 'empty' ? '' : 'abc'], kind)
    }
  })

  onBoth('is read no faster than the client takes it', async (world) => {
    const made = { chunks: 0 }
    const closed = signal()
    const app = world.makeApp().get('/', async function* () {
      try {
        for (;;) {
          made.chunks++
          yield new Uint8Array(65_536)
        }
      } finally {
        closed.resolve()
      }
    })
    const client = await world.serve(app)
    const exchange = client.start('GET /')
    const open = await exchange.answer
    await open.read()
    // Until the buffers between are full; without backpressure they never are.
    let before: number
    do {
      before = made.chunks
      await new Promise((resolve) => setTimeout(resolve, 100))
    } while (before !== made.chunks && made.chunks < 1_000)
    assert.ok(made.chunks < 1_000, `${made.chunks} chunks were made for a client that reads one`)
    exchange.leave()
    await closed.promise
  })

  onBoth('closes its source when the client leaves, even while it waits', async (world) => {
    const cancelled = signal<unknown>()
    const returned = signal()
    const waiting = signal()
    const app = world
      .makeApp()
      .get('/stream', () => {
        const encoder = new TextEncoder()
        return new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(encoder.encode('first')),
          cancel: (reason) => cancelled.resolve(reason),
        })
      })
      .get('/iterable', () => {
        const iterator: AsyncIterator<string> = {
          next: () => {
            waiting.resolve()
            return new Promise(() => {})
          },
          return: async () => {
            returned.resolve()
            return { done: true, value: undefined }
          },
        }
        return { [Symbol.asyncIterator]: () => iterator }
      })
    const client = await world.serve(app)
    const stream = client.start('GET /stream')
    await (await stream.answer).read()
    stream.leave()
    await cancelled.promise
    const iterable = client.start('GET /iterable')
    // Not awaited: where the headers leave with the first chunk, none comes.
    iterable.answer.then((open) => open.read()).catch(() => undefined)
    await waiting.promise
    iterable.leave()
    await returned.promise
  })

  onBoth('that fails breaks the connection off, and is reported', async (world) => {
    const failures: Readonly<Record<string, () => unknown>> = {
      error: () => new Error('boom'),
      string: () => 'boom',
      undefined: () => undefined,
    }
    const app = world
      .makeApp()
      .get('/generator/{what}', async function* (c) {
        yield 'first'
        throw failures[c.params.what]?.()
      })
      .get('/stream/{what}', (c) => {
        let isFirst = true
        return new ReadableStream<Uint8Array>({
          pull(controller) {
            if (isFirst) controller.enqueue(new TextEncoder().encode('first'))
            else controller.error(failures[c.params.what]?.())
            isFirst = false
          },
        })
      })
      .get('/chunk', async function* () {
        yield 'first'
        yield 7 as never
      })
      .get('/never', () => ({
        [Symbol.asyncIterator]() {
          throw new Error('no iterator')
        },
      }))
    const client = await world.serve(app)
    const paths = ['generator', 'stream'].flatMap((kind) =>
      Object.keys(failures).map((what) => `/${kind}/${what}`),
    )
    for (const path of [...paths, '/chunk', '/never']) {
      await assert.rejects(async () => {
        const open = await client.start(`GET ${path}`).answer
        assert.equal(open.status, 200)
        while ((await open.read()) !== undefined);
      }, path)
      const { where } = await world.reports.take()
      assert.match(where, /^GET \//)
    }
  })

  onServer('of another length than it told breaks the connection off, and is reported', async (world) => {
    const app = world.makeApp().get('/{length}', (c) => {
      const reply = new Reply(200, new Blob(['12345']).stream(), 'text/plain')
      reply.headers.set('content-length', c.params.length)
      return reply
    })
    const client = await world.serve(app)
    assert.equal((await client.send('GET /5')).text, '12345')
    await assert.rejects(client.send('GET /6'))
    await world.reports.take()
    const raw = client.sendRaw('GET /4 HTTP/1.1\r\nhost: a\r\n\r\nGET /5 HTTP/1.1\r\nhost: a\r\n\r\n')
    // Nothing of it may be taken for the answer to the second request.
    assert.doesNotMatch(await raw.catch(() => ''), /12345/)
    await world.reports.take()
  })

  onBoth('whose iterator misbehaves when it is closed harms nothing', async (world) => {
    const closing: Readonly<Record<string, (() => unknown) | undefined>> = {
      missing: undefined,
      sync: () => ({ done: true }),
      throws: () => {
        throw new Error('in return()')
      },
      rejects: () => Promise.reject(new Error('in return()')),
      undefined: () => undefined,
    }
    let calls = 0
    const app = world.makeApp().get('/{closing}', (c) => {
      const close = closing[c.params.closing]
      const iterator = {
        next: () => Promise.resolve({ done: false, value: 'more' }),
        ...(close !== undefined && {
          return: () => {
            calls++
            return close()
          },
        }),
      }
      return { [Symbol.asyncIterator]: () => iterator }
    })
    const client = await world.serve(app)
    for (const name of Object.keys(closing)) {
      const exchange = client.start(`GET /${name}`)
      await (await exchange.answer).read()
      exchange.leave()
      assert.equal((await client.send(`HEAD /${name}`)).status, 200)
    }
    assert.ok(calls >= 4)
  })
})

describe('server-sent events', () => {
  onBoth('arrive one by one, and the source is closed when the client leaves', async (world) => {
    const left = signal()
    const streams: SseStream[] = []
    const app = world.makeApp().get('/', (c) => {
      const stream = new SseStream()
      stream.signal.addEventListener('abort', () => left.resolve())
      streams.push(stream)
      stream.send({ event: 'hello', id: '1', data: { since: lastEventId(c) } })
      return sse(stream, { keepAliveMs: 0, retryMs: 500 })
    })
    const client = await world.serve(app)
    const exchange = client.start('GET /', { headers: { 'last-event-id': '0' } })
    const open = await exchange.answer
    assert.deepEqual(
      [open.status, open.headers.get('content-type'), open.headers.get('cache-control')],
      [200, 'text/event-stream', 'no-cache'],
    )
    let received = ''
    const until = async (part: string): Promise<void> => {
      while (!received.includes(part)) received += text(await open.read())
    }
    await until('data: {"since":"0"}\n\n')
    streams[0]?.send('two\nlines')
    await until('data: two\ndata: lines\n\n')
    exchange.leave()
    await left.promise
  })

  onBoth('end when the source does', async (world) => {
    const app = world.makeApp().get('/', () =>
      sse(
        (async function* () {
          yield 'only'
        })(),
      ),
    )
    const client = await world.serve(app)
    assert.match((await client.send('GET /')).text, /data: only\n\n$/)
  })
})

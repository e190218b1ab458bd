import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'

import { encodeSseEvent, type EncodedSseEvent, type SseEvent } from '../../../src/http/encode-sse-event.ts'
import { lastEventId, sse, type SseOptions } from '../../../src/http/sse.ts'
import { SseStream } from '../../../src/http/sse-stream.ts'
import { toResponse } from '../../../src/http/to-response.ts'
import { hasCode } from './has-code.ts'

type Source = AsyncIterable<SseEvent | string | EncodedSseEvent>

/** Reads the answer chunk by chunk. */
function readerOf(
  source: Source,
  options?: SseOptions,
): { next(): Promise<string | undefined>; leave(): Promise<void> } {
  const { body } = toResponse(sse(source, options), false)
  assert.ok(body !== null)
  const reader = body.getReader()
  const decoder = new TextDecoder()
  return {
    async next() {
      const { value } = await reader.read()
      return value === undefined ? undefined : decoder.decode(value)
    },
    leave: () => reader.cancel(),
  }
}

/** Reads the body itself, which sets its timer at once; a stream around it may ask for the next chunk a little later. */
function iteratorOf(
  source: Source,
  options?: SseOptions,
): { next(): Promise<string | undefined>; leave(): Promise<unknown> } {
  const { body } = sse(source, options)
  assert.ok(body !== null && typeof body === 'object' && Symbol.asyncIterator in body)
  const iterator = (body as AsyncIterable<string>)[Symbol.asyncIterator]()
  return {
    next: async () => ((await iterator.next()) as { value: string | undefined }).value,
    leave: async () => iterator.return?.(),
  }
}

describe('encodeSseEvent', () => {
  const CASES: [event: SseEvent | string, text: string][] = [
    ['hi', 'data: hi\n\n'],
    ['', 'data: \n\n'],
    ['a\nb\r\nc\rd', 'data: a\ndata: b\ndata: c\ndata: d\n\n'],
    ['\n', 'data: \ndata: \n\n'],
    [' space: and colon', 'data:  space: and colon\n\n'],
    [{ data: { a: 'x\ny' } }, 'data: {"a":"x\\ny"}\n\n'],
    [{ data: null }, 'data: null\n\n'],
    [{ data: 0 }, 'data: 0\n\n'],
    [{ event: 'ping' }, 'event: ping\ndata: \n\n'],
    [{ id: '7' }, 'id: 7\n\n'],
    [{ id: '' }, 'id: \n\n'],
    [{ retryMs: 0 }, 'retry: 0\n\n'],
    [{ comment: 'a\nb' }, ': a\n: b\n\n'],
    [
      { event: 'e', data: 'd', id: 'i', retryMs: 1_000, comment: 'c' },
      ': c\nid: i\nretry: 1000\nevent: e\ndata: d\n\n',
    ],
  ]
  for (const [event, text] of CASES) {
    test(`writes ${JSON.stringify(event)}`, () => {
      assert.equal(encodeSseEvent(event).text, text)
    })
  }

  test('refuses fields that would break out of their line', () => {
    const cases: SseEvent[] = [
      { id: 'a\nb' },
      { id: 'a\rb' },
      { id: 'a\0' },
      { event: 'a\nb' },
      { event: 'a\rdata: x' },
      { retryMs: -1 },
      { retryMs: 1.5 },
      { retryMs: NaN },
    ]
    for (const event of cases) {
      assert.throws(() => encodeSseEvent(event), hasCode('SSE_EVENT_INVALID'), JSON.stringify(event))
    }
    assert.throws(() => encodeSseEvent({ data: 1n }), hasCode('JSON_UNSERIALIZABLE'))
  })
})

describe('sse', () => {
  test('answers with the headers of an event stream and something at once', async () => {
    const reply = sse(new SseStream())
    assert.deepEqual([reply.status, reply.type], [200, 'text/event-stream'])
    assert.equal(reply.headers.get('cache-control'), 'no-cache')
    assert.equal(reply.headers.get('x-accel-buffering'), 'no')
    assert.equal(await readerOf(new SseStream()).next(), ':\n\n')
    assert.equal(await readerOf(new SseStream(), { retryMs: 5_000 }).next(), 'retry: 5000\n\n')
    assert.throws(() => sse(new SseStream(), { retryMs: -1 }), hasCode('SSE_EVENT_INVALID'))
  })

  test('sends what a generator yields and ends with it', async () => {
    async function* events(): AsyncGenerator<SseEvent | string | EncodedSseEvent> {
      yield 'a'
      await Promise.resolve()
      yield { id: '1', data: 'b' }
      yield encodeSseEvent('c')
    }
    const text = await toResponse(sse(events()), false).text()
    assert.equal(text, ':\n\ndata: a\n\nid: 1\ndata: b\n\ndata: c\n\n')
  })

  test('runs the generator no further than it is read, and its finally when the client leaves', async () => {
    let yielded = 0
    let closed = 0
    async function* events(): AsyncGenerator<string> {
      try {
        for (;;) {
          yielded++
          yield String(yielded)
          await Promise.resolve()
        }
      } finally {
        closed++
      }
    }
    const reader = readerOf(events())
    await reader.next()
    assert.equal(yielded, 0)
    await reader.next()
    assert.equal(await reader.next(), 'data: 2\n\n')
    assert.equal(yielded, 2)
    await reader.leave()
    assert.deepEqual([yielded, closed], [2, 1])
  })

  test('fails with what the source throws, and closes a source whose event is malformed', async () => {
    async function* broken(): AsyncGenerator<string> {
      yield 'a'
      throw new Error('broken')
    }
    await assert.rejects(toResponse(sse(broken()), false).text(), /broken/)
    let closed = false
    async function* malformed(): AsyncGenerator<SseEvent> {
      try {
        yield { id: '\n' }
      } finally {
        closed = true
      }
    }
    await assert.rejects(toResponse(sse(malformed()), false).text(), hasCode('SSE_EVENT_INVALID'))
    assert.equal(closed, true)
  })

  test('keeps a silent connection alive, with a timer only while somebody waits', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const stream = new SseStream()
      const reader = iteratorOf(stream, { keepAliveMs: 1_000 })
      await reader.next()
      const first = reader.next()
      mock.timers.tick(999)
      mock.timers.tick(1)
      assert.equal(await first, ':\n\n')
      // Nobody waits now, so there is no timer; what is sent meanwhile comes first.
      mock.timers.tick(5_000)
      stream.send('a')
      assert.equal(await reader.next(), 'data: a\n\n')
      const second = reader.next()
      mock.timers.tick(999)
      stream.send('b')
      assert.equal(await second, 'data: b\n\n')
      const third = reader.next()
      mock.timers.tick(1_000)
      assert.equal(await third, ':\n\n')
      const last = reader.next()
      await reader.leave()
      assert.equal(await last, undefined)
      mock.timers.tick(5_000)
    } finally {
      mock.timers.reset()
    }
  })

  test('can do without comments', async () => {
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      const stream = new SseStream()
      const reader = iteratorOf(stream, { keepAliveMs: 0 })
      await reader.next()
      const next = reader.next()
      mock.timers.tick(1_000_000)
      stream.send('a')
      assert.equal(await next, 'data: a\n\n')
    } finally {
      mock.timers.reset()
    }
  })

  test('lets a client leave whose generator waits for something that never comes', async () => {
    async function* stuck(): AsyncGenerator<string> {
      await new Promise(() => undefined)
      yield 'never'
    }
    const reader = readerOf(stuck())
    await reader.next()
    const pending = reader.next()
    await reader.leave()
    assert.equal(await pending, undefined)
  })
})

describe('SseStream', () => {
  test('sends what was queued, then what comes, and ends when closed', async () => {
    const stream = new SseStream()
    assert.equal(stream.send('a'), true)
    const reader = readerOf(stream)
    await reader.next()
    assert.equal(await reader.next(), 'data: a\n\n')
    const next = reader.next()
    assert.equal(stream.send({ data: 'b' }), true)
    assert.equal(await next, 'data: b\n\n')
    stream.send('c')
    stream.close()
    assert.equal(stream.send('d'), false)
    assert.equal(await reader.next(), 'data: c\n\n')
    assert.equal(await reader.next(), undefined)
    stream.close()
  })

  test('ends a client that waits', async () => {
    const stream = new SseStream()
    const reader = readerOf(stream)
    await reader.next()
    const next = reader.next()
    stream.close()
    assert.equal(await next, undefined)
  })

  test('tells by its signal that the client has left', async () => {
    const stream = new SseStream()
    const reader = readerOf(stream)
    await reader.next()
    assert.equal(stream.signal.aborted, false)
    await reader.leave()
    assert.equal(stream.signal.aborted, true)
    assert.equal(stream.send('a'), false)
  })

  test('is over when the answer is not sent after all', () => {
    const stream = new SseStream()
    toResponse(sse(stream), true)
    assert.equal(stream.signal.aborted, true)
  })

  test('closes a client that does not keep up instead of losing events in silence', async () => {
    const stream = new SseStream({ maxQueued: 3 })
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((n) => stream.send(String(n))),
      [true, true, true, false, false],
    )
    assert.equal(stream.signal.aborted, true)
    assert.equal(await toResponse(sse(stream), false).text(), ':\n\n')
  })

  test('throws at the sender for an event that cannot be sent', () => {
    assert.throws(() => new SseStream().send({ id: '\n' }), hasCode('SSE_EVENT_INVALID'))
  })

  test('sends one encoded event to many', async () => {
    const streams = [new SseStream(), new SseStream()]
    const event = encodeSseEvent({ data: { a: 1 } })
    for (const stream of streams) {
      stream.send(event)
      stream.close()
      assert.equal(await toResponse(sse(stream), false).text(), ':\n\ndata: {"a":1}\n\n')
    }
  })
})

test('lastEventId reads the header, as UTF-8', () => {
  const of = (value: string | undefined): string | undefined => lastEventId({ header: () => value })
  assert.equal(of(undefined), undefined)
  assert.equal(of('42'), '42')
  assert.equal(of('Ã©'), 'é')
  assert.equal(of('\xff'), '\xff')
  assert.equal(of('é你'), 'é你')
})

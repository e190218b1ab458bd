import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'

import { discardBody, iterableToStream } from '../../../src/http/body-stream.ts'
import { Reply, type ReplyBody } from '../../../src/http/reply.ts'
import { toResponse } from '../../../src/http/to-response.ts'
import { streamOf } from './body-of.ts'
import { hasCode } from './has-code.ts'

/** An iterable that counts what is done to it. */
function countedIterable(chunks: readonly (string | Uint8Array)[]): {
  iterable: AsyncIterable<string | Uint8Array>
  counts: { next: number; return: number }
} {
  const pending = [...chunks]
  const counts = { next: 0, return: 0 }
  const iterable: AsyncIterable<string | Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next() {
        counts.next++
        const value = pending.shift()
        return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value })
      },
      return() {
        counts.return++
        return Promise.resolve({ done: true, value: undefined })
      },
    }),
  }
  return { iterable, counts }
}

function replyOf(body: ReplyBody, status = 200, headers: Record<string, string> = {}): Reply {
  const reply = new Reply(status, body, 'text/plain')
  for (const [name, value] of Object.entries(headers)) reply.headers.set(name, value)
  return reply
}

describe('toResponse', () => {
  test('sets the length of what it knows', async () => {
    for (const [body, length] of [
      ['é', '2'],
      [Uint8Array.of(1, 2, 3), '3'],
      ['', '0'],
      [null, '0'],
    ] as const) {
      const response = toResponse(replyOf(body), false)
      assert.equal(response.headers.get('content-length'), length)
      assert.equal((await response.arrayBuffer()).byteLength, Number(length))
    }
  })

  test('corrects a wrong length of a known body, keeps that of a stream', async () => {
    assert.equal(
      toResponse(replyOf('abc', 200, { 'content-length': '9' }), false).headers.get('content-length'),
      '3',
    )
    const { stream } = streamOf(['abc'])
    const response = toResponse(replyOf(stream, 200, { 'content-length': '3' }), false)
    assert.equal(response.headers.get('content-length'), '3')
    assert.equal(await response.text(), 'abc')
    assert.equal(toResponse(replyOf(streamOf(['abc']).stream), false).headers.get('content-length'), null)
  })

  test('answers HEAD with the headers of GET and no body', () => {
    const text = toResponse(replyOf('abc'), true)
    assert.equal(text.body, null)
    assert.equal(text.headers.get('content-length'), '3')
    // A file's reply to HEAD has no body but its length.
    const file = toResponse(replyOf(null, 200, { 'content-length': '1000' }), true)
    assert.equal(file.headers.get('content-length'), '1000')
    const { iterable, counts } = countedIterable(['a'])
    assert.equal(toResponse(replyOf(iterable), true).body, null)
    assert.deepEqual(counts, { next: 0, return: 1 })
  })

  test('gives no body to statuses that have none, and closes the source', () => {
    for (const status of [204, 205, 304]) {
      const { stream, cancelled } = streamOf(['a'])
      const response = toResponse(replyOf(stream, status), false)
      assert.equal(response.body, null)
      assert.equal(cancelled(), 1)
      assert.equal(response.headers.get('content-length'), status === 205 ? '0' : null)
    }
    assert.equal(
      toResponse(replyOf('x', 204, { 'content-length': '1' }), false).headers.get('content-length'),
      null,
    )
    assert.equal(
      toResponse(replyOf(null, 304, { 'content-length': '7' }), false).headers.get('content-length'),
      '7',
    )
  })

  test('takes the type from the reply alone and leaves framing to the platform', () => {
    const reply = replyOf('x', 200, { 'content-type': 'text/html', 'transfer-encoding': 'chunked' })
    assert.deepEqual(
      [...toResponse(reply, false).headers],
      [
        ['content-length', '1'],
        ['content-type', 'text/plain'],
      ],
    )
  })

  test('keeps cookies apart and joins other headers', () => {
    const reply = replyOf('x')
    reply.headers
      .append('set-cookie', 'a=1')
      .append('set-cookie', 'b=2')
      .append('vary', 'a')
      .append('vary', 'b')
    const { headers } = toResponse(reply, false)
    assert.deepEqual(headers.getSetCookie(), ['a=1', 'b=2'])
    assert.equal(headers.get('vary'), 'a, b')
  })

  test('refuses statuses that end no answer', () => {
    for (const status of [100, 101, 600, NaN]) {
      assert.throws(() => toResponse(replyOf('x', status), false), hasCode('STATUS_INVALID'))
    }
  })

  test('tells when a known body is sent', () => {
    for (const [body, status, isHead] of [
      ['x', 200, false],
      [null, 204, false],
      ['x', 200, true],
    ] as const) {
      const told: unknown[] = []
      const reply = replyOf(body, status)
      reply.onSent = (sent) => told.push(sent)
      toResponse(reply, isHead)
      assert.deepEqual(told, [{ aborted: false, error: undefined }])
    }
  })

  test('tells once how a stream ended: sent, left or failed', async () => {
    const told: unknown[] = []
    const watch = (body: ReplyBody): Response => {
      const reply = replyOf(body)
      reply.onSent = (sent) => told.push(sent)
      return toResponse(reply, false)
    }
    assert.equal(await watch(streamOf(['a', 'b']).stream).text(), 'ab')
    assert.deepEqual(told.splice(0), [{ aborted: false, error: undefined }])

    const { iterable, counts } = countedIterable(['a', 'b', 'c'])
    const reader = watch(iterable).body?.getReader()
    await reader?.read()
    assert.deepEqual(told, [])
    await reader?.cancel()
    assert.deepEqual(told.splice(0), [{ aborted: true, error: undefined }])
    assert.equal(counts.return, 1)

    const error = new Error('broken')
    const failing = (async function* (): AsyncGenerator<string> {
      yield 'a'
      throw error
    })()
    await assert.rejects(watch(failing).text())
    assert.deepEqual(told, [{ aborted: false, error }])
  })
})

describe('iterableToStream', () => {
  test('reads only as fast as it is read', async () => {
    const { iterable, counts } = countedIterable(['a', 'b', 'c'])
    const reader = iterableToStream(iterable).getReader()
    assert.equal(counts.next, 0)
    await reader.read()
    assert.equal(counts.next, 1)
    await reader.read()
    assert.equal(counts.next, 2)
  })

  test('encodes text, passes bytes on and skips empty chunks', async () => {
    const { iterable } = countedIterable(['', 'é', new Uint8Array(0), Uint8Array.of(97), ''])
    assert.equal(await new Response(iterableToStream(iterable)).text(), 'éa')
  })

  test('calls return() once when it is left, before, between and after reads', async () => {
    for (const reads of [0, 1, 2]) {
      const { iterable, counts } = countedIterable(['a', 'b', 'c'])
      const reader = iterableToStream(iterable).getReader()
      for (let i = 0; i < reads; i++) await reader.read()
      await reader.cancel()
      assert.equal(counts.return, 1)
    }
    const { iterable, counts } = countedIterable(['a'])
    const reader = iterableToStream(iterable).getReader()
    await reader.read()
    await reader.read()
    await reader.cancel()
    assert.equal(counts.return, 0)
    const unread = Readable.from(['a'])
    await iterableToStream(unread).cancel()
    assert.equal(unread.destroyed, true)
  })

  test('does not wait for a generator that waits itself', async () => {
    let left: (() => void) | undefined
    const closed = new Promise<void>((resolve) => {
      left = resolve
    })
    let release: (() => void) | undefined
    const source = (async function* (): AsyncGenerator<string> {
      try {
        yield 'a'
        await new Promise<void>((resolve) => {
          release = resolve
        })
      } finally {
        left?.()
      }
    })()
    const reader = iterableToStream(source).getReader()
    await reader.read()
    const pending = reader.read()
    await reader.cancel()
    assert.equal((await pending).done, true)
    release?.()
    await closed
  })

  test('fails with what the iterable throws, at whatever place', async () => {
    const broken: AsyncIterable<string>[] = [
      {
        [Symbol.asyncIterator]() {
          throw new Error('broken')
        },
      },
      {
        [Symbol.asyncIterator]: () => ({
          next() {
            throw new Error('broken')
          },
        }),
      },
      { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('broken')) }) },
    ]
    for (const iterable of broken) {
      await assert.rejects(iterableToStream(iterable).getReader().read(), /broken/)
    }
  })

  test('refuses chunks of another kind and closes the source', async () => {
    for (const chunk of [1, null, {}, undefined]) {
      let returned = 0
      const iterable: AsyncIterable<unknown> = {
        [Symbol.asyncIterator]: () => ({
          next: () => Promise.resolve({ done: false, value: chunk }),
          return() {
            returned++
            return Promise.reject(new Error('also broken'))
          },
        }),
      }
      await assert.rejects(
        iterableToStream(iterable as AsyncIterable<string>)
          .getReader()
          .read(),
        hasCode('REPLY_UNSUPPORTED', /chunk/),
      )
      assert.equal(returned, 1)
    }
  })
})

describe('discardBody', () => {
  test('closes streams and iterables, whatever they do', async () => {
    const { stream, cancelled } = streamOf(['a'])
    discardBody(stream)
    assert.equal(cancelled(), 1)
    const { iterable, counts } = countedIterable(['a'])
    discardBody(iterable)
    assert.deepEqual(counts, { next: 0, return: 1 })
    const unread = Readable.from(['a'])
    discardBody(unread)
    assert.equal(unread.destroyed, true)
    discardBody(null)
    discardBody('x')
    discardBody(Uint8Array.of(1))
    const locked = streamOf(['a']).stream
    locked.getReader()
    discardBody(locked)
    discardBody({
      [Symbol.asyncIterator]() {
        throw new Error('broken')
      },
    })
    discardBody(
      new ReadableStream({
        cancel: () => Promise.reject(new Error('broken')),
      }),
    )
    await new Promise(setImmediate)
  })
})

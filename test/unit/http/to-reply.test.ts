import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'

import { html } from '../../../src/http/html.ts'
import { jsonReply } from '../../../src/http/json-reply.ts'
import { Reply } from '../../../src/http/reply.ts'
import { toReply } from '../../../src/http/to-reply.ts'
import { toResponse } from '../../../src/http/to-response.ts'
import { hasCode } from './has-code.ts'

async function sent(value: unknown): Promise<[status: number, type: string | null, text: string]> {
  const response = toResponse(toReply(value), false)
  return [response.status, response.headers.get('content-type'), await response.text()]
}

async function* chunks(): AsyncGenerator<string | Uint8Array> {
  yield 'a'
  await Promise.resolve()
  yield new TextEncoder().encode('é')
}

class User {
  name = 'x'
  #secret = 1
  get secret(): number {
    return this.#secret
  }
}

describe('toReply', () => {
  test('takes text, HTML, bytes and nothing', async () => {
    assert.deepEqual(await sent('é'), [200, 'text/plain; charset=utf-8', 'é'])
    assert.deepEqual(await sent(''), [200, 'text/plain; charset=utf-8', ''])
    assert.deepEqual(await sent(html`<b>${'<'}</b>`), [200, 'text/html; charset=utf-8', '<b>&lt;</b>'])
    assert.deepEqual(await sent(Uint8Array.of(97)), [200, 'application/octet-stream', 'a'])
    assert.deepEqual(await sent(Buffer.from('ab')), [200, 'application/octet-stream', 'ab'])
    assert.deepEqual(await sent(Uint8Array.of(97, 98).buffer), [200, 'application/octet-stream', 'ab'])
    assert.deepEqual(await sent(undefined), [204, null, ''])
  })

  test('makes JSON of plain data', async () => {
    const cases: [value: unknown, json: string][] = [
      [{ a: 1 }, '{"a":1}'],
      [{}, '{}'],
      [[], '[]'],
      [null, 'null'],
      [0, '0'],
      [false, 'false'],
      [new Date(0), '"1970-01-01T00:00:00.000Z"'],
      [new URL('http://a/'), '"http://a/"'],
      [Object.assign(Object.create(null) as object, { a: 1 }), '{"a":1}'],
      [Object.create(null), '{}'],
      [new User(), '{"name":"x"}'],
      [{ toJSON: () => 1 }, '1'],
    ]
    for (const [value, json] of cases)
      assert.deepEqual(await sent(value), [200, 'application/json', json], json)
  })

  test('takes streams, async iterables and Node streams', async () => {
    const type = 'application/octet-stream'
    assert.deepEqual(await sent(chunks()), [200, type, 'aé'])
    assert.deepEqual(await sent(new Response('x').body), [200, type, 'x'])
    assert.deepEqual(await sent(Readable.from([Buffer.from('x'), Buffer.from('y')])), [200, type, 'xy'])
    assert.deepEqual(await sent({ [Symbol.asyncIterator]: chunks }), [200, type, 'aé'])
  })

  test('takes a Blob with its type and size', async () => {
    assert.deepEqual(await sent(new Blob(['abc'], { type: 'text/csv' })), [200, 'text/csv', 'abc'])
    assert.deepEqual(await sent(new Blob(['abc'])), [200, 'application/octet-stream', 'abc'])
    assert.equal(toReply(new Blob(['abc'])).headers.get('content-length'), '3')
  })

  test('gives a Reply back, with a sound status', () => {
    const reply = jsonReply(1, 201)
    assert.equal(toReply(reply), reply)
    for (const status of [0, 100, 101, 199, 600, 200.5, NaN, '200']) {
      assert.throws(() => toReply(new Reply(status as number, null, undefined)), hasCode('STATUS_INVALID'))
    }
  })

  test('refuses what would be sent as nonsense', () => {
    const refused: [value: unknown, name: RegExp][] = [
      [() => 1, /a function/],
      [Symbol('x'), /a symbol/],
      [1n, /a bigint/],
      [new Error('secret'), /class Error/],
      [Object.assign(new TypeError('x'), { status: 400 }), /class TypeError/],
      [new Map([[1, 2]]), /class Map/],
      [new Set([1]), /class Set/],
      [Promise.resolve(1), /class Promise/],
      [new URLSearchParams('a=1'), /class URLSearchParams/],
      [new FormData(), /class FormData/],
      [new Headers(), /class Headers/],
      [/x/, /class RegExp/],
      [new Float32Array(1), /class Float32Array/],
      [new (class {})(), /class/],
    ]
    for (const [value, name] of refused)
      assert.throws(() => toReply(value), hasCode('REPLY_UNSUPPORTED', name))
  })

  test('refuses bodies that somebody reads already', async () => {
    const response = new Response('x')
    await response.text()
    assert.throws(() => toReply(response), hasCode('REPLY_UNSUPPORTED', /already read/))
    const { body } = new Response('x')
    body?.getReader()
    assert.throws(() => toReply(body), hasCode('REPLY_UNSUPPORTED', /already read/))
    assert.throws(
      () => toReply(new Reply(200, body, undefined)),
      hasCode('REPLY_UNSUPPORTED', /already read/),
    )
    assert.throws(() => toReply(Response.error()), hasCode('REPLY_UNSUPPORTED', /error/))
  })
})

describe('toReply of a Response', () => {
  test('keeps status, headers, every cookie and the body', async () => {
    const headers = new Headers({ 'content-type': 'text/css', 'x-a': '1', 'content-length': '2' })
    headers.append('set-cookie', 'a=1; Path=/')
    headers.append('set-cookie', 'b=2')
    const response = toResponse(toReply(new Response('hi', { status: 203, headers })), false)
    assert.equal(response.status, 203)
    assert.equal(response.headers.get('content-type'), 'text/css')
    assert.equal(response.headers.get('x-a'), '1')
    assert.deepEqual(response.headers.getSetCookie(), ['a=1; Path=/', 'b=2'])
    assert.equal(await response.text(), 'hi')
  })

  test('takes a Response without body or type', async () => {
    assert.deepEqual(await sent(new Response(null, { status: 304 })), [304, null, ''])
    assert.deepEqual(await sent(new Response(null)), [200, null, ''])
    // Bun adds a charset to the type.
    assert.match(String((await sent(Response.json({ a: 1 })))[1]), /^application\/json/)
    assert.deepEqual((await sent(Response.redirect('http://a/', 307)))[0], 307)
  })

  test('drops headers that concern one connection', () => {
    const headers = {
      connection: 'x',
      'keep-alive': 'timeout=1',
      'transfer-encoding': 'chunked',
      upgrade: 'x',
      trailer: 'x',
    }
    assert.deepEqual([...toReply(new Response('x', { headers })).headers], [])
  })

  test('drops the encoding that fetch has undone', () => {
    const headers = { 'content-encoding': 'gzip', 'content-length': '9' }
    const own = toReply(new Response('x', { headers }))
    assert.deepEqual([...own.headers], Object.entries(headers))
    const fetched = new Response('x', { headers })
    Object.defineProperty(fetched, 'url', { value: 'http://upstream/' })
    assert.deepEqual([...toReply(fetched).headers], [])
  })
})

describe('jsonReply', () => {
  test('keeps the value for a response schema', () => {
    const value = { a: 1 }
    const reply = jsonReply(value, 201)
    assert.deepEqual([reply.status, reply.type, reply.body], [201, 'application/json', '{"a":1}'])
    assert.equal(reply.value, value)
  })

  test('refuses what JSON cannot say', () => {
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    assert.throws(() => jsonReply(undefined, 200), hasCode('JSON_UNSERIALIZABLE', /undefined.*c\.empty/))
    assert.throws(() => jsonReply(() => 1, 200), hasCode('JSON_UNSERIALIZABLE', /function/))
    assert.throws(() => jsonReply({ a: 1n }, 200), hasCode('JSON_UNSERIALIZABLE', /BigInt/i))
    assert.throws(() => jsonReply(cycle, 200), hasCode('JSON_UNSERIALIZABLE'))
    const failing = {
      toJSON() {
        throw new Error('own fault')
      },
    }
    assert.throws(() => jsonReply(failing, 200), hasCode('JSON_UNSERIALIZABLE', /own fault/))
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { BoundedJson, quote } from '../../../src/middleware/logger/bounded-json.ts'
import { Redaction } from '../../../src/middleware/logger/redaction.ts'

const PLAIN = new Redaction([])
const none = (): boolean => false

/** The text of an object, which must be one line of JSON, and what it means. */
function written(fields: object, redaction = PLAIN): { text: string; value: Record<string, unknown> } {
  const text = `{${new BoundedJson(redaction).members(fields, none).slice(1)}}`
  assert.doesNotMatch(text, /[\p{Cc}\u2028\u2029]/u)
  return { text, value: JSON.parse(text) as Record<string, unknown> }
}

describe('quote', () => {
  test('agrees with JSON.stringify on what is harmless', () => {
    for (const text of ['', 'plain', 'a "quote" \\ slash', 'ünï 😀', '\t\n\r\u0000\u001b', '\ud800']) {
      assert.equal(quote(text), JSON.stringify(text))
    }
  })

  test('escapes what a terminal or a viewer takes for more than text', () => {
    const text = '\u007f\u0085\u009b31m\u2028\u2029\u202e\u2066\ufeff\u200f'
    const quoted = quote(text)
    assert.match(quoted, /^"[\x20-\x7e]+"$/)
    assert.equal(JSON.parse(quoted), text)
  })

  test('cuts what is very long', () => {
    const quoted = quote('x'.repeat(100_000))
    assert.ok(quoted.length < 8_300)
    assert.match(quoted, /xx… \(100000 characters\)"$/)
  })
})

describe('BoundedJson', () => {
  test('agrees with JSON.stringify on plain data', () => {
    const data = {
      string: 'x',
      number: -1.5e-7,
      nan: NaN,
      infinite: Infinity,
      true: true,
      null: null,
      undefined,
      fn: () => 1,
      symbol: Symbol('s'),
      date: new Date(0),
      invalidDate: new Date(NaN),
      url: new URL('https://example.com/a?b=c'),
      array: [1, undefined, () => 1, [2, { a: [] }]],
      nested: { toJSON: () => ({ a: 1 }) },
      empty: {},
      boxed: Object(7) as unknown,
    }
    const { boxed: _boxed, ...expected } = JSON.parse(JSON.stringify(data)) as Record<string, unknown>
    const { boxed: _other, ...actual } = written(data).value
    assert.deepEqual(actual, expected)
    assert.deepEqual(Object.keys(actual), Object.keys(expected))
  })

  test('writes what JSON.stringify cannot', () => {
    const cycle: Record<string, unknown> = { a: 1 }
    cycle['self'] = cycle
    cycle['list'] = [cycle]
    const shared = { b: 2 }
    const { value } = written({
      cycle,
      twice: [shared, shared],
      big: 12n ** 30n,
      huge: 2n ** 100_000n,
      bytes: new Uint8Array(3),
      buffer: Buffer.from('secret'),
      arrayBuffer: new ArrayBuffer(5),
      view: new DataView(new ArrayBuffer(4)),
      map: new Map<unknown, unknown>([
        ['a', 1],
        [7, new Set([1, 'x'])],
      ]),
    })
    assert.deepEqual(value, {
      cycle: { a: 1, self: '[Circular]', list: ['[Circular]'] },
      twice: [{ b: 2 }, { b: 2 }],
      big: Number(12n ** 30n),
      huge: '[BigInt]',
      bytes: '[Uint8Array of 3 bytes]',
      buffer: '[Buffer of 6 bytes]',
      arrayBuffer: '[ArrayBuffer of 5 bytes]',
      view: '[DataView of 4 bytes]',
      map: { a: 1, 7: [1, 'x'] },
    })
  })

  test('survives getters, toJSON, proxies and errors that throw', () => {
    const fail = (): never => {
      throw new Error('no')
    }
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    const odd = new Error('odd')
    Object.defineProperty(odd, 'stack', { get: fail })
    const { value } = written({
      getter: Object.defineProperty({}, 'x', { get: fail, enumerable: true }),
      toJSON: { toJSON: fail },
      proxy,
      odd,
      after: 'still here',
    })
    assert.deepEqual(value, {
      getter: { x: '[Unreadable]' },
      toJSON: '[Unreadable]',
      proxy: '[Unreadable]',
      odd: '[Unreadable]',
      after: 'still here',
    })
    assert.deepEqual(written(proxy).value, { fields: '[Unreadable]' })
  })

  test('describes errors with their causes, and takes nothing else from them', () => {
    const inner = Object.assign(new TypeError('inner'), { code: 'E_INNER', config: { headers: 'secret' } })
    const outer = new Error('outer', { cause: inner })
    const many = new AggregateError([outer, 'text'], 'many')
    const { value, text } = written({ many })
    assert.doesNotMatch(text, /secret/)
    const error = value['many'] as { type: string; errors: { message: string; cause: { code: string } }[] }
    assert.equal(error.type, 'AggregateError')
    assert.equal(error.errors[0]?.message, 'outer')
    assert.equal(error.errors[0]?.cause.code, 'E_INNER')
    assert.equal(error.errors[1], 'text')
    const loop = new Error('loop')
    loop.cause = loop
    assert.equal((written({ loop }).value['loop'] as { cause: unknown }).cause, '[Circular]')
  })

  test('costs little, whatever the value', () => {
    let deep: unknown = 'bottom'
    for (let i = 0; i < 10_000; i++) deep = [deep]
    let bomb: unknown[] = []
    for (let i = 0; i < 12; i++) bomb = Array.from({ length: 100 }, () => bomb)
    let boom: Record<string, unknown> = {}
    for (let i = 0; i < 12; i++) boom = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [n, boom]))
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n]))
    const long = Array.from({ length: 1_000_000 }, (_, n) => n)
    const strings = Array.from({ length: 90 }, () => 'x'.repeat(8_000))
    for (const fields of [
      { deep },
      { bomb },
      { boom },
      wide,
      { long },
      { strings },
      { set: new Set(long) },
    ]) {
      assert.ok(written(fields).text.length < 100_000)
    }
    assert.match(written({ long }).text, /99,"… 999900 more"\]/)
    assert.match(written(wide).text, /"…":"more"\}$/)
  })

  test('marks names that are taken', () => {
    const text = new BoundedJson(PLAIN).members({ level: 1, 'a"b': 2 }, (name) => name === 'level')
    assert.equal(text, ',"level_":1,"a\\"b":2')
  })

  test('lets no prototype be changed by its text', () => {
    const { text } = written(JSON.parse('{"__proto__":{"x":1},"constructor":2}') as object)
    assert.equal(text, '{"__proto__":{"x":1},"constructor":2}')
  })
})

describe('Redaction', () => {
  test('knows secrets by their names, whatever their spelling, at any depth', () => {
    const secret =
      'password PASSWORD user_password passwd Authorization Proxy-Authorization cookie Set-Cookie cookies token accessToken ' +
      'refresh_token x-csrf-token X-API-Key apiKey client_secret secretKey privateKey private-key passphrase jwt otp pin ' +
      'credentials sid session_id'
    const harmless = 'tokens tokenCount passwordless pinned side cookieBanner secretary author key'
    for (const name of secret.split(' ')) {
      assert.deepEqual(written({ list: [{ [name]: { deep: 'x' } }] }).value, {
        list: [{ [name]: '[redacted]' }],
      })
    }
    for (const name of harmless.split(' ')) assert.deepEqual(written({ [name]: 1 }).value, { [name]: 1 })
  })

  test('takes more names and paths', () => {
    const redaction = new Redaction(['Tax-ID', 'user.address', 'items.*.price', 'items.0.name', 'a.b.c'])
    const { value } = written(
      {
        taxId: 1,
        address: 'kept',
        user: { address: { street: 'x' }, name: 'Ann' },
        items: [
          { price: 1, name: 'first' },
          { price: 2, name: 'second' },
        ],
        a: { b: { c: 1, d: 2 }, c: 3 },
      },
      redaction,
    )
    assert.deepEqual(value, {
      taxId: '[redacted]',
      address: 'kept',
      user: { address: '[redacted]', name: 'Ann' },
      items: [
        { price: '[redacted]', name: '[redacted]' },
        { price: '[redacted]', name: 'second' },
      ],
      a: { b: { c: '[redacted]', d: 2 }, c: 3 },
    })
  })

  test('decides on many long names in bounded memory and time', () => {
    const redaction = new Redaction([])
    for (let i = 0; i < 3_000; i++) assert.equal(redaction.isSecretName(`${'x-'.repeat(5_000)}${i}`), false)
    assert.equal(redaction.isSecretName('token'), true)
  })
})

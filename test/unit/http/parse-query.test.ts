import assert from 'node:assert/strict'
import { test } from 'node:test'

import { fieldsOf, parseQuery } from '../../../src/http/parse-query.ts'
import { hasCode } from './has-code.ts'

/** With a prototype, as the literals beside it have. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields))
}

test('parseQuery gives strings, and lists for names that occur more than once', () => {
  assert.deepEqual(plain(parseQuery('a=1&b=x+y%20z&a=2&c&d=&a=3&=e&&?')), {
    a: ['1', '2', '3'],
    b: 'x y z',
    c: '',
    d: '',
    '': 'e',
    '?': '',
  })
  assert.deepEqual(plain(parseQuery('')), {})
})

test('parseQuery is lenient with malformed escapes', () => {
  assert.deepEqual(plain(parseQuery('a=%&b=%zz&c=%ff&%=1')), { a: '%', b: '%zz', c: '\ufffd', '%': '1' })
})

test('parseQuery has nothing of a prototype', () => {
  const fields = parseQuery('__proto__=1&constructor=2')
  assert.equal(Object.getPrototypeOf(fields), null)
  assert.deepEqual(Object.keys(fields), ['__proto__', 'constructor'])
  assert.equal(fields['toString'], undefined)
})

test('parseQuery refuses too many fields', () => {
  assert.equal((parseQuery('a=1&'.repeat(1_000))['a'] as string[]).length, 1_000)
  assert.throws(() => parseQuery('a=1&'.repeat(1_001)), hasCode('QUERY_TOO_LONG', /1000 fields/))
  assert.deepEqual(plain(parseQuery('&'.repeat(100_000))), {})
})

test('fieldsOf makes the same of a form', () => {
  assert.deepEqual(plain(fieldsOf(new URLSearchParams('a=1&b=2&a=3'))), { a: ['1', '3'], b: '2' })
  assert.equal(Object.getPrototypeOf(fieldsOf(new URLSearchParams())), null)
})

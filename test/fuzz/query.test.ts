import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { FetchRequest } from '../../src/http/fetch-request.ts'
import { parseQuery } from '../../src/http/parse-query.ts'
import { fuzzOptions } from './fuzz-options.ts'

const PIECES = [
  '&',
  '=',
  '?',
  '#',
  '+',
  '%',
  '%2',
  '%26',
  '%3D',
  '%zz',
  '%FF',
  '%F0%9F%98%80',
  '%EF%BB%BF',
  '%00',
  'a',
  'b',
  '__proto__',
  'toString',
  'é',
  '\ud800',
  '😀',
  ';',
  '[]',
  ' ',
]

/** What WHATWG URL makes of it; the constructor drops one leading `?`. */
function oracle(search: string): Record<string, string | string[]> {
  const expected = Object.create(null) as Record<string, string | string[]>
  const params = new URLSearchParams(`?${search}`)
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name)
    expected[name] = values.length === 1 ? String(values[0]) : values
  }
  return expected
}

test('parseQuery agrees with URLSearchParams on any query', () => {
  const search = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary', maxLength: 40 }),
  )
  fc.assert(
    fc.property(search, (text) => {
      const fields = parseQuery(text)
      assert.equal(Object.getPrototypeOf(fields), null)
      assert.deepEqual(fields, oracle(text))
    }),
    fuzzOptions(30_000),
  )
})

test('parseQuery agrees with URLSearchParams on queries that were found', () => {
  for (const text of [
    '',
    '&',
    '=',
    '=&=',
    'a',
    '?a=1',
    '??',
    'a=%',
    'a=%FF%',
    '%F0%9F=1',
    'a=1&a=2&a=3',
    '__proto__=1&__proto__=2',
    '%EF%BB%BFa=1',
  ]) {
    assert.deepEqual(parseQuery(text), oracle(text), JSON.stringify(text))
  }
})

test('FetchRequest takes a URL apart as URL does', () => {
  const piece = fc.constantFrom(
    '/',
    '//',
    '?',
    '#',
    '@',
    ':',
    '%2F',
    '..',
    '.',
    'a',
    'é',
    ' ',
    '\\',
    '://',
    '[',
    '=',
    '&',
  )
  const url = fc
    .tuple(
      fc.constantFrom('http://localhost', 'https://a.example:8443', 'http://[::1]', 'http://1.2.3.4:80'),
      fc.constantFrom('', '/', '?', '#'),
      fc.array(piece, { maxLength: 10 }),
    )
    .map(([origin, first, pieces]) => origin + first + (first === '' ? '' : pieces.join('')))
  fc.assert(
    fc.property(url, (text) => {
      const expected = new URL(text)
      const request = new FetchRequest(new Request(text))
      assert.equal(request.host, expected.host)
      assert.equal(request.path, expected.pathname)
      assert.equal(request.search, expected.search.slice(1))
      assert.equal(`${request.scheme}:`, expected.protocol)
    }),
    fuzzOptions(3_000),
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as cookie from 'cookie'
import * as fc from 'fast-check'

import { GoWebError } from '../../src/errors/goweb-error.ts'
import { parseCookies } from '../../src/http/parse-cookies.ts'
import { serializeCookie, type CookieOptions } from '../../src/http/serialize-cookie.ts'
import { fuzzOptions } from './fuzz-options.ts'

const PIECES = [
  '=',
  ';',
  ' ',
  '\t',
  '; ',
  'a',
  'b',
  '__proto__',
  'constructor',
  '"',
  '%20',
  '%',
  '%zz',
  '%F0%9F',
  ',',
  'é',
  '\u00a0',
  '\n',
  '==',
  '$Version',
  '%3B',
  '\\',
  '%E4%BD%A0',
]

/** The package gives cookies without a name, which nobody can have set on purpose. */
function oracle(header: string): Map<string, string | undefined> {
  return new Map(Object.entries(cookie.parse(header)).filter(([name]) => name !== ''))
}

test('parseCookies agrees with the package cookie on any header', () => {
  const header = fc.oneof(
    fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join('')),
    fc.string({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 40 }),
  )
  fc.assert(
    fc.property(header, (text) => {
      assert.deepEqual(parseCookies(text), oracle(text))
    }),
    fuzzOptions(20_000),
  )
})

const FOUND_HEADERS = [
  '',
  '=',
  '=;',
  'a',
  ';a=1',
  'a=1;;b=2',
  ' = ',
  'a=1; a=2',
  'a= 1 =2 ',
  '__proto__=1',
  '=x; =y',
  'a==; b',
  'a="b"',
]

test('parseCookies agrees with the package cookie on headers that were found', () => {
  for (const text of FOUND_HEADERS) {
    assert.deepEqual(parseCookies(text), oracle(text), JSON.stringify(text))
  }
})

test('what serializeCookie writes is read back by the package cookie, or refused with COOKIE_INVALID', () => {
  const options: fc.Arbitrary<CookieOptions> = fc.record(
    {
      path: fc.oneof(fc.constantFrom('/', '/a b', '/a;b', 'a', '/é', ''), fc.string({ maxLength: 8 })),
      domain: fc.oneof(
        fc.constantFrom('example.com', '.example.com', 'a..b', '-a', ''),
        fc.string({ maxLength: 8 }),
      ),
      maxAgeSeconds: fc.oneof(fc.integer(), fc.constantFrom(1.5, NaN, Infinity)),
      httpOnly: fc.boolean(),
      secure: fc.boolean(),
      sameSite: fc.constantFrom('strict', 'lax', 'none'),
      partitioned: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  const name = fc.oneof(
    fc.constantFrom('a', '__Host-a', '__Secure-a', '__host-A', 'a b', ''),
    fc.string({ maxLength: 6 }),
  )
  fc.assert(
    fc.property(name, fc.string({ unit: 'binary', maxLength: 20 }), options, (key, value, given) => {
      let line: string
      try {
        line = serializeCookie(key, value, given)
      } catch (error) {
        assert.ok(error instanceof GoWebError && error.code === 'COOKIE_INVALID', String(error))
        return
      }
      // One line of printable ASCII, and no attribute that was not asked for.
      assert.match(line, /^[\x20-\x7e]+$/)
      const read = cookie.parseSetCookie(line)
      assert.equal(read.name, key)
      assert.equal(read.value, value)
      assert.equal(read.path, given.path ?? '/')
      assert.equal(read.domain, given.domain)
      assert.equal(read.maxAge, given.maxAgeSeconds)
      assert.equal(read.httpOnly ?? false, given.httpOnly ?? true)
      assert.equal(read.secure ?? false, given.secure ?? true)
      assert.equal(read.sameSite, given.sameSite ?? 'lax')
      assert.equal(read.partitioned ?? false, given.partitioned ?? false)
    }),
    fuzzOptions(10_000),
  )
})

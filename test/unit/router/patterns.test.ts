import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { GoWebError } from '../../../src/errors/goweb-error.ts'
import type { RouteMatchers } from '../../../src/router/route.ts'
import { Router } from '../../../src/router/router.ts'

/** Pattern, position that the error names, part of what it says. */
const MALFORMED: readonly (readonly [string, number, RegExp])[] = [
  ['', 0, /expected "\/"/],
  ['a', 0, /expected "\/"/],
  ['*', 0, /expected "\/"/],
  ['{a}', 0, /expected "\/"/],
  ['/{', 1, /no "}"/],
  ['/a/{id', 3, /no "}"/],
  ['/{id:[0-9]{4}', 1, /no "}"/],
  ['/}', 1, /no "{"/],
  ['/a}b', 2, /no "{"/],
  ['/{a}}', 4, /no "{"/],
  ['/{}', 1, /no name/],
  ['/{:x}', 1, /no name/],
  ['/{...}', 1, /no name/],
  ['/{1a}', 2, /identifier/],
  ['/{a-b}', 2, /identifier/],
  ['/{ a }', 2, /identifier/],
  ['/{a.b}', 2, /identifier/],
  ['/{__proto__}', 2, /"__proto__" is not usable/],
  ['/{a...:x}', 2, /identifier/],
  ['/{a}/{a}', 5, /"a" occurs twice/],
  ['/{a}-{a}', 5, /"a" occurs twice/],
  ['/{a}/{a...}', 5, /"a" occurs twice/],
  ['/{a}{b}', 4, /put text between/],
  ['/{a...}/b', 1, /must be all of the last segment/],
  ['/{a...}b', 1, /must be all of the last segment/],
  ['/a{b...}', 2, /must be all of the last segment/],
  ['/{a}{b...}', 4, /must be all of the last segment/],
  ['/{a...}/{b...}', 1, /must be all of the last segment/],
  ['/.', 0, /"\.\." segment/],
  ['/a/..', 2, /"\.\." segment/],
  ['/a/./{b}', 2, /"\.\." segment/],
  ['/%2e%2E/{b...}', 0, /"\.\." segment/],
  ['/a%2F..', 2, /"\.\." segment/],
  ['/a?b', 2, /"\?" must be percent-encoded/],
  ['/a#', 2, /"#" must be percent-encoded/],
  ['/a\\b', 2, /must be percent-encoded/],
  ['/{a}\0', 4, /must be percent-encoded/],
  ['/a\n', 2, /must be percent-encoded/],
  ['/a%00', 2, /NUL/],
  ['/a/%', 3, /UTF-8/],
  ['/{a}%zz', 4, /UTF-8/],
  ['/%C3', 0, /UTF-8/],
  ['/\uD800', 0, /lone surrogate/],
  ['/*', 1, /"\*" has no meaning/],
  ['/a/*path', 3, /"\*path" has no meaning/],
  ['/users/:id', 7, /":id" has no meaning/],
  [`/${'a'.repeat(1_024)}`, 1_024, /longer than 1024/],
  [`/${Array.from({ length: 33 }, (_, i) => `{p${i}}`).join('/')}`, 183, /more than 32/],
  // Regular expressions.
  ['/{a:}', 4, /expected a regular expression/],
  ['/{a:x/y}', 5, /ends before the next "\/"/],
  ['/{a:[^/]+}', 6, /ends before the next "\/"/],
  ['/{a:.*}', 4, /does not go past "\/"/],
  ['/{a:.+}', 4, /does not go past "\/"/],
  ['/{a:(b}', 4, /no "\)"/],
  ['/{a:b)}', 5, /no "\("/],
  ['/{a:[b}', 4, /no "]"/],
  ['/{a:[]}', 4, /class is empty/],
  ['/{a:b]}', 5, /literal "]"/],
  ['/{a:*b}', 4, /nothing that "\*"/],
  ['/{a:b**}', 6, /nothing that "\*"/],
  ['/{a:b{2}{3}}', 8, /nothing that "{"/],
  ['/{a:b{x}}', 5, /expected {n}/],
  ['/{a:b{3,2}}', 5, /greater count comes first/],
  ['/{a:b{1001}}', 5, /greater than 1000/],
  ['/{a:^b}', 4, /"\^" is not needed/],
  ['/{a:b$}', 5, /"\$" is not needed/],
  ['/{a:(?=b)c}', 4, /lookahead/],
  ['/{a:(?!b)c}', 4, /lookahead/],
  ['/{a:(?<=b)c}', 4, /lookahead/],
  ['/{a:(?i:b)}', 4, /modifiers/],
  ['/{a:(b)\\1}', 7, /"\\1" is not supported/],
  ['/{a:\\bb}', 4, /"\\b" is not supported/],
  ['/{a:b\\}', 5, /"\\" is not supported/],
  ['/{a:\\q}', 4, /"\\q" is not supported/],
  ['/{a:\\p{Nonsense}}', 4, /not a Unicode property/],
  ['/{a:\\pL}', 4, /not a Unicode property/],
  ['/{a:\\x4}', 4, /expected \\xHH/],
  ['/{a:\\x00}', 4, /no value contains/],
  ['/{a:\\u{110000}}', 4, /no value contains/],
  ['/{a:\\uD800}', 4, /no value contains/],
  ['/{a:[z-a]}', 5, /not a range/],
  ['/{a:[\\d-z]}', 5, /not a range/],
  ['/{a:b{0}}', 4, /matches no value/],
  ['/{a:(?:)}', 4, /matches no value/],
  ['/{a:[^\\s\\S]}', 4, /matches no value/],
  ['/{a:(?:x|y)*x(?:x|y){20}}', 4, /too complex/],
  ['/{a:((b{100}){100}){100}}', 4, /too complex/],
]

const MALFORMED_HOSTS: readonly (readonly [string, number, RegExp])[] = [
  ['', 0, /expected a host/],
  ['.example.com', 0, /expected a label/],
  ['a..b', 2, /expected a label/],
  ['example.com:8080', 8, /leave out the port/],
  ['exa mple.com', 0, /letters, digits/],
  ['*.example.com', 0, /letters, digits/],
  ['münchen.de', 0, /Punycode/],
  ['{a}.{a}.com', 4, /occurs twice/],
  ['{a...}.com', 0, /has no {name...}/],
  ['{a}{b}.com', 3, /put text between/],
  ['{a', 0, /no "}"/],
  ['{a:[}.com', 3, /no "]"/],
  ['a'.repeat(1_025), 1_024, /longer than 1024/],
]

function assertRefused(
  pattern: string,
  match: RouteMatchers | undefined,
  malformed: string,
  position: number,
  says: RegExp,
): void {
  const router = new Router<null>()
  assert.throws(
    () => router.add({ method: 'GET', pattern, match, value: null }),
    (error) => {
      assert.ok(error instanceof GoWebError)
      assert.equal(error.code, 'PATTERN_INVALID')
      assert.match(error.message, says)
      assert.ok(error.message.includes(` at position ${position}: `), error.message)
      assert.ok(error.message.includes(JSON.stringify(malformed).slice(0, 200)), error.message)
      return true
    },
  )
  assert.deepEqual([...router.routes()], [])
}

describe('a malformed pattern is refused', () => {
  for (const [pattern, position, says] of MALFORMED) {
    test(JSON.stringify(pattern).slice(0, 60), () =>
      assertRefused(pattern, undefined, pattern, position, says),
    )
  }
})

describe('a malformed host pattern is refused', () => {
  for (const [host, position, says] of MALFORMED_HOSTS) {
    test(JSON.stringify(host).slice(0, 60), () => assertRefused('/', { host }, host, position, says))
  }
})

test('host and path have at most 32 parameters together', () => {
  const names = Array.from({ length: 20 }, (_, i) => `{p${i}}`)
  const host = names.join('.').replaceAll('p', 'h')
  assertRefused(`/${names.join('/')}`, { host }, host, 0, /more than 32/)
})

describe('a pattern that looks odd is fine', () => {
  const odd = [
    '//',
    '/a//',
    '/...',
    '/.a',
    '/a.',
    '/.{a}',
    '/{a}.',
    '/{a}.{b}.{c}',
    '/a:b',
    '/{a}:cancel',
    '/a*b',
    '/%2A',
    '/%3Aid',
    '/%7Ba%7D',
    '/{é}',
    '/{$}/{_1}',
    '/{a:\\x7b|\\x7D}',
    '/{a:[{}]}',
    '/{a:(?<year>\\d+)|(x)}',
    '/{a:a|}',
    '/{a:\\p{Script=Greek}+}',
    '/{a:[\\^$.*+?()|[\\]-]+}',
    '/{a:\\t\\n\\v\\f\\r\\/?}'.replace('\\/', ''),
    `/${'a'.repeat(1_023)}`,
  ]
  for (const pattern of odd) {
    test(pattern.slice(0, 60), () => {
      const router = new Router<null>()
      router.add({ method: 'GET', pattern, value: null })
      assert.equal([...router.routes()].length, 1)
    })
  }
})

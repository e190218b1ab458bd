import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { answer, makeRouter } from './router-fixture.ts'

// None of these ends within a lifetime where the work grows with the square of the size or worse.
const HUGE = 300_000

describe('a huge path is answered in linear time', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['/{a}-{b}-{c}-{d}', `/${'-'.repeat(HUGE)}`, /^\/\{a\}/],
    ['/{a}-{b}-{c}-{d}.x', `/${'-'.repeat(HUGE)}`, /^404/],
    ['/{a:[^x]+}-{b:[^x]+}-{c:[^x]+}', `/${'-'.repeat(HUGE)}`, /^\/\{a/],
    ['/{a:[^x]+}-{b:[^x]+}-{c:[^x]+}', `/${'-'.repeat(HUGE)}x`, /^404/],
    ['/{a:(?:x+)+y}', `/${'x'.repeat(HUGE)}`, /^404/],
    ['/{a:(?:x|x)*y}', `/${'x'.repeat(HUGE)}`, /^404/],
    ['/{a:x*x*x*x*x*y}', `/${'x'.repeat(HUGE)}`, /^404/],
    ['/{a:[a-z]*\\.?[a-z]*\\.?[a-z]+!}', `/${'x'.repeat(HUGE)}`, /^404/],
    ['/s/{rest...}', `/s/${'a/'.repeat(HUGE)}`, /^\/s\/\{rest/],
    ['/s/{rest...}', `/s/${'%2F'.repeat(HUGE)}`, /^\/s\/\{rest/],
    ['/s/{rest...}', `/s/${'%C3%A9'.repeat(HUGE / 10)}%`, /^400/],
    ['/s/{rest...}', `/s/${'../'.repeat(HUGE)}`, /^400/],
    ['/s/{rest...}', `/s/${'/'.repeat(HUGE)}.`, /^400/],
    ['/{x}', `/${'a/'.repeat(HUGE)}`, /^404/],
  ]
  for (const [pattern, path, line] of cases) {
    test(`${pattern} with ${path.slice(0, 12)}…`, () => {
      for (const trailingSlash of ['strict', 'redirect', 'ignore'] as const) {
        assert.match(answer(makeRouter([pattern], { trailingSlash }), path), line)
      }
    })
  }
})

test('branches that fail late cost each node once', () => {
  // Each level could be static, a regular expression or a parameter: 3 ** 10 ways, all of them routes, or half.
  const levels = ['a', '{x:[a-b]}', '{x}']
  const routes = Array.from({ length: levels.length ** 7 }, (_, i) => {
    const digits = i.toString(levels.length).padStart(7, '0')
    const segments = Array.from(digits, (digit, level) => levels[Number(digit)]!.replace('x', `x${level}`))
    return `/${segments.join('/')}/end`
  })
  const router = makeRouter(routes)
  assert.equal(answer(router, `/${'a/'.repeat(7)}none`), '404')
  assert.equal(answer(router, `POST /${'a/'.repeat(7)}end`), '405 GET, HEAD, OPTIONS')
  assert.equal(answer(router, `/${'a/'.repeat(7)}end`), '/a/a/a/a/a/a/a/end')
})

test('a pattern as deep as may be is walked', () => {
  const pattern = `/${'a/'.repeat(511)}b`
  const other = `/${'{p}/'.replace('p', 'p0')}${'a/'.repeat(508)}c`
  const router = makeRouter([pattern, other, '/{rest...}'])
  assert.equal(answer(router, pattern), pattern)
  assert.match(answer(router, `/${'a/'.repeat(511)}x`), /^\/\{rest/)
})

test('patterns with many optional pieces are compiled or refused, not pondered', () => {
  for (const regexp of [
    '(?:a|b)*a(?:a|b){20}',
    '((a?){30}){30}',
    '(?:a|)'.repeat(150),
    `${'('.repeat(300)}a${')'.repeat(300)}`,
  ]) {
    try {
      assert.match(answer(makeRouter([`/{x:${regexp}}`]), '/a'), /\{"x":"a"\}$/)
    } catch (error) {
      assert.match(String(error), /too complex/)
    }
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { GoWebError } from '../../src/errors/goweb-error.ts'
import type { RequestFacts } from '../../src/router/route.ts'
import { Router } from '../../src/router/router.ts'
import { fuzzOptions } from './fuzz-options.ts'
import { hasDotSegment, OracleRouter, type PartSpec, type RouteSpec } from './router-oracle.ts'

// Few and similar texts, so that routes and paths meet; some that make a path malformed are rare.
const COMMON = ['a', 'b', 'ab', '-', 'a-', '-a', '.a']
const RARE = ['.', '..', '/..', 'é', '%', '/', '\\', '?', ' ', '{', '😀', '~', '\n', '#']
const text = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...COMMON) },
  { weight: 1, arbitrary: fc.constantFrom(...RARE) },
)
const REGEXPS = [
  'a',
  '[ab]+',
  '[^-]+',
  'a{1,2}b?',
  '(?:a|ab)+',
  '.',
  '.{2}',
  '\\.',
  '[a-z]{2}',
  '\\p{L}+',
  '[^a]*',
  '-|a',
]
const WORDS = ['a', 'aa', 'aab', 'abab', 'a-a', 'a-b-a', 'a.b', '...', 'x', '']
const word = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: text })
const GOOD_ENDS = ['', '', '', '', '/', '/', '//', 'a', '/a', '%61']
const BAD_ENDS = ['%', '%2', '%00', '%FF', '\0', '#', '/.', '/%2e%2E', '%2F..']
const MUST_ENCODE = /[\0- %/?#\\{}*:\x7F]/

const part: fc.Arbitrary<PartSpec> = fc.oneof(
  fc.record({ text }),
  fc.record({ param: fc.constant(''), regexp: fc.option(fc.constantFrom(...REGEXPS)) }),
)

const route: fc.Arbitrary<RouteSpec> = fc
  .record({
    method: fc.constantFrom('GET', 'GET', 'GET', 'POST', 'HEAD', '*', 'WEBSOCKET', 'OPTIONS'),
    segments: fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 3 }),
    hasRest: fc.boolean(),
    match: fc.constantFrom(
      undefined,
      undefined,
      undefined,
      { host: 'a.test' },
      { headers: { 'x-a': '1' } },
      {
        host: 'a.test',
        headers: { 'x-a': '1' },
      },
    ),
  })
  .map((spec) => {
    let count = 0
    const segments = spec.segments.map((parts) => normalizeParts(parts, () => `p${count++}`))
    return { ...spec, segments: segments.length === 0 && !spec.hasRest ? [[]] : segments }
  })

/** Joins static texts, and puts one between parameters that would run into each other. */
function normalizeParts(parts: readonly PartSpec[], nextName: () => string): PartSpec[] {
  const result: PartSpec[] = []
  for (const item of parts) {
    const last = result.at(-1)
    if ('text' in item) {
      if (last !== undefined && 'text' in last) result[result.length - 1] = { text: last.text + item.text }
      else result.push(item)
    } else {
      if (last !== undefined && 'param' in last && last.regexp === null && item.regexp === null)
        result.push({ text: '-' })
      result.push({ param: nextName(), regexp: item.regexp })
    }
  }
  return result
}

/** Writes text with some of its characters percent-encoded, in either case. */
function spell(text: string, choices: readonly number[]): string {
  return Array.from(text, (character, i) => {
    const choice = choices[i % choices.length] ?? 0
    if (choice % 3 !== 0 && !MUST_ENCODE.test(character)) return character
    const escapes = Array.from(
      Buffer.from(character),
      (byte) => `%${byte.toString(16).padStart(2, '0')}`,
    ).join('')
    return choice % 2 === 0 ? escapes.toUpperCase() : escapes
  }).join('')
}

function writePattern({ segments, hasRest }: RouteSpec, choices: readonly number[]): string {
  const texts = segments.map((parts) =>
    parts
      .map((item) => {
        if ('text' in item) return spell(item.text, choices)
        return item.regexp === null ? `{${item.param}}` : `{${item.param}:${item.regexp}}`
      })
      .join(''),
  )
  return `/${[...texts, ...(hasRest ? ['{rest...}'] : [])].join('/')}`
}

/** A path that fits a route often, but not always. */
function writePath(spec: RouteSpec, words: readonly string[], choices: readonly number[]): string {
  let word = 0
  const next = (): string => words[word++ % words.length]!
  const texts = spec.segments.map((parts) =>
    spell(parts.map((item) => ('text' in item ? item.text : next())).join(''), choices),
  )
  const rest = spec.hasRest
    ? [spell(next(), choices), ...(next() === 'x' ? [] : [spell(next(), choices)])]
    : []
  return `/${[...texts, ...rest].join('/')}`
}

const scenario = fc.record({
  policy: fc.constantFrom('strict', 'redirect', 'ignore'),
  routes: fc.array(fc.record({ route, choices: fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }) }), {
    minLength: 1,
    maxLength: 12,
  }),
  requests: fc.array(
    fc.record({
      method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'WEBSOCKET', 'OPTIONS', 'BREW'),
      route: fc.nat(),
      words: fc.array(word, { minLength: 1, maxLength: 4 }),
      choices: fc.array(fc.nat(5), { minLength: 1, maxLength: 5 }),
      end: fc.oneof(
        { weight: 15, arbitrary: fc.constantFrom(...GOOD_ENDS) },
        { weight: 1, arbitrary: fc.constantFrom(...BAD_ENDS) },
      ),
      host: fc.constantFrom('a.test', 'b.test'),
      header: fc.constantFrom('1', undefined),
    }),
    { minLength: 1, maxLength: 12 },
  ),
})

type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never

function check({ policy, routes, requests }: Scenario): void {
  const oracle = new OracleRouter(policy)
  const router = new Router<RouteSpec>({ trailingSlash: policy })
  for (const { route: spec, choices } of routes) {
    const pattern = writePattern(spec, choices)
    const { method, match } = spec
    const expected = hasDotSegment(spec) ? 'PATTERN_INVALID' : oracle.add(spec) ? 'added' : 'ROUTE_CONFLICT'
    assert.equal(tryToAdd(router, { method, pattern, match, value: spec }), expected, pattern)
  }
  for (const request of requests) {
    const path =
      writePath(routes[request.route % routes.length]!.route, request.words, request.choices) + request.end
    const facts: RequestFacts = {
      host: request.host,
      scheme: 'http',
      header: (name) => (name === 'x-a' ? request.header : undefined),
      query: () => undefined,
    }
    const answer = router.find(request.method, path, facts)
    const expected = oracle.find(request.method, path, facts)
    const message = `${request.method} ${JSON.stringify(path)}`
    if (answer.kind === 'match') {
      const found = { kind: answer.kind, route: answer.route.value, params: { ...answer.params } }
      assert.deepEqual(found, expected, message)
    } else if (answer.kind === 'method-not-allowed') {
      const { kind, allow, candidates, hasWebSocket } = answer
      assert.deepEqual({ kind, allow, candidates: candidates.map(({ value }) => value) }, expected, message)
      assert.equal(
        hasWebSocket,
        candidates.some(({ method }) => method === 'WEBSOCKET'),
      )
    } else if (answer.kind === 'redirect') {
      const location = expected.kind === 'redirect' ? encodeNonAscii(expected.location) : undefined
      assert.deepEqual({ ...answer }, { kind: 'redirect', location }, message)
    } else {
      assert.equal(answer.kind, expected.kind, message)
    }
  }
}

function tryToAdd(router: Router<RouteSpec>, definition: Parameters<Router<RouteSpec>['add']>[0]): string {
  try {
    router.add(definition)
    return 'added'
  } catch (error) {
    assert.ok(error instanceof GoWebError, String(error))
    return error.code
  }
}

function encodeNonAscii(path: string): string {
  return path.replace(/[^\x21-\x7E]+/g, encodeURIComponent)
}

test('a router answers as one that looks at every route does', () => {
  fc.assert(fc.property(scenario, check), fuzzOptions(1_500))
})

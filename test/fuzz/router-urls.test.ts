import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { GoWebError } from '../../src/errors/goweb-error.ts'
import type { RequestFacts } from '../../src/router/route.ts'
import { Router } from '../../src/router/router.ts'
import { fuzzOptions } from './fuzz-options.ts'

const PATTERNS = [
  '/{a}',
  '/{a}/{b}',
  '/x/{a:[^-]+}',
  '/x/v{a}',
  '/{a}.{b}',
  '/{a}-{b}-{c}',
  '/{a:[ab\\x2f%?]+|.+}/{b}',
  '/{a:[a-c]{2}}{b:\\w+}',
  '/{a:\\w+}-{b}',
  '/{a}%2F{b}',
  '/100%25/{a}',
  '/é {a}/{b...}',
  '/{b...}',
]
const PIECES = [
  'a',
  'b',
  'ab',
  '-',
  '.',
  '..',
  '/',
  '\\',
  '%',
  '%2F',
  '?',
  '#',
  'é',
  '😀',
  ' ',
  '\n',
  ':',
  '@',
  '+',
]
const value = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

function factsOf(host: string): RequestFacts {
  return { host, scheme: 'https', header: () => undefined, query: () => undefined }
}

function tryUrl(run: () => string): string | null {
  try {
    return run()
  } catch (error) {
    assert.ok(error instanceof GoWebError && error.code === 'ROUTE_PARAM_INVALID', String(error))
    return null
  }
}

test('a URL leads back to the params it was built from', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PATTERNS), value, value, value, (pattern, a, b, c) => {
      const router = new Router<null>()
      const { paramNames } = router.add({ method: 'GET', pattern, name: 'it', value: null })
      const params = Object.fromEntries(
        Object.entries({ a, b, c }).filter(([name]) => paramNames.includes(name)),
      )
      const url = tryUrl(() => router.url('it', params))
      if (url === null) return
      assert.match(url, /^\/(?!\/)[\x21-\x7E]*$/)
      // What a browser or proxy makes of it is the same.
      assert.equal(new URL(url, 'http://a.test').pathname, url)
      const result = router.find('GET', url, factsOf(''))
      assert.ok(result.kind === 'match', `${url} is not found`)
      assert.deepEqual({ ...result.params }, params)
    }),
    fuzzOptions(5_000),
  )
})

test('an absolute URL leads back to the params of host and path', () => {
  const router = new Router<null>()
  router.add({
    method: 'GET',
    pattern: '/{id}',
    match: { host: '{tenant}-{zone:[a-z]+}.a.test' },
    name: 'it',
    value: null,
  })
  const label = fc.oneof(value, fc.stringMatching(/^[a-z0-9-]{1,6}$/))
  fc.assert(
    fc.property(label, label, value, (tenant, zone, id) => {
      const url = tryUrl(() => router.url('it', { tenant, zone, id }, { absolute: true }))
      if (url === null) return
      const { host, pathname } = new URL(url)
      const result = router.find('GET', pathname, factsOf(host))
      assert.ok(result.kind === 'match', `${url} is not found`)
      assert.deepEqual({ ...result.params }, { tenant, zone, id })
    }),
    fuzzOptions(3_000),
  )
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { isGoWebError } from '../../../src/errors/goweb-error.ts'
import { Router } from '../../../src/router/router.ts'
import type { RouteMatchers } from '../../../src/router/route.ts'
import type { UrlOptions, UrlParamValue } from '../../../src/router/url.ts'

type Params = Record<string, UrlParamValue>

function build(pattern: string, params: Params, options?: UrlOptions, match?: RouteMatchers): string {
  const router = new Router<null>()
  router.add({ method: 'GET', pattern, name: 'it', match, value: null })
  return router.url('it', params, options)
}

const BUILT: readonly (readonly [string, Params, string])[] = [
  ['/', {}, '/'],
  ['/a/b/', {}, '/a/b/'],
  ['/users/{id}', { id: '42' }, '/users/42'],
  ['/users/{id}', { id: 42 }, '/users/42'],
  ['/users/{id}', { id: 2n ** 70n }, '/users/1180591620717411303424'],
  ['/users/{id}', { id: -1.5 }, '/users/-1.5'],
  ['/users/{id:[0-9]+}', { id: 42 }, '/users/42'],
  ['/{a}/{b}', { a: 'x y', b: 'é😀' }, '/x%20y/%C3%A9%F0%9F%98%80'],
  ['/{a}', { a: 'b/c' }, '/b%2Fc'],
  ['/{a}', { a: '100%' }, '/100%25'],
  ['/{a}', { a: '?#[]{}|\\^"<>`' }, '/%3F%23%5B%5D%7B%7D%7C%5C%5E%22%3C%3E%60'],
  ['/{a}', { a: "-._~!$&'()*+,;=:@" }, "/-._~!$&'()*+,;=:@"],
  ['/café/a b/%41%2F{x}', { x: '1' }, '/caf%C3%A9/a%20b/A%2F1'],
  ['/{name}.{ext}', { name: 'a.tar', ext: 'gz' }, '/a.tar.gz'],
  ['/v{n}/x', { n: 2 }, '/v2/x'],
  ['/s/{path...}', { path: '' }, '/s/'],
  ['/s/{path...}', { path: 'a/b c/d' }, '/s/a/b%20c/d'],
  ['/s/{path...}', { path: 'a//b/' }, '/s/a//b/'],
  ['/{constructor}', { constructor: 'x' }, '/x'],
]

for (const [pattern, params, url] of BUILT) {
  test(`${pattern} becomes ${url}`, () => assert.equal(build(pattern, params), url))
}

describe('a value that does not fit is refused', () => {
  const refused: readonly (readonly [string, Readonly<Record<string, unknown>>, RegExp])[] = [
    ['/{a}', {}, /parameter a is missing/],
    ['/{a}', { a: undefined }, /parameter a is missing/],
    ['/{toString}', {}, /parameter toString is missing/],
    ['/{a}', { a: '' }, /value of a is empty/],
    ['/{a}', { a: 'x', b: 'y' }, /no parameter "b", but a/],
    ['/', { b: 'y' }, /no parameter "b", but none/],
    ['/{a}', { a: null }, /string or a finite number/],
    ['/{a}', { a: {} }, /string or a finite number/],
    ['/{a}', { a: Number.NaN }, /string or a finite number/],
    ['/{a}', { a: true }, /string or a finite number/],
    ['/{a}', { a: '\0' }, /NUL/],
    ['/{a}', { a: '\uD800' }, /lone surrogate/],
    ['/{a:[0-9]+}', { a: 'x' }, /does not match \[0-9\]\+/],
    ['/{a:[0-9]+}', { a: 1.5 }, /does not match/],
    ['/{a}', { a: '.' }, /"\." or "\.\." segment/],
    ['/{a}', { a: '..' }, /segment/],
    ['/{a}', { a: '../x' }, /segment/],
    ['/{a}', { a: 'x\\..' }, /segment/],
    ['/.{a}', { a: '.' }, /segment/],
    ['/s/{a...}', { a: 'x/../y' }, /segment/],
    ['/s/{a...}', { a: '..' }, /segment/],
    ['/{a...}', { a: '/evil.test' }, /another host/],
    ['/{a}-{b}', { a: 'x', b: 'y-z' }, /a and b would not be read back/],
    ['/{a:[a-z-]+}-{b}', { a: 'x', b: 'y-z' }, /would not be read back/],
  ]
  for (const [pattern, params, says] of refused) {
    test(`${pattern} with ${Object.entries(params).map(String).join(' ')}`, () => {
      assert.throws(
        () => build(pattern, params as Params),
        (error) => {
          assert.ok(isGoWebError(error))
          assert.equal(error.code, 'ROUTE_PARAM_INVALID')
          assert.match(error.message, says)
          assert.ok(error.message.includes(pattern))
          return true
        },
      )
    })
  }
})

test('a name that no route has is refused', () => {
  assert.throws(
    () => new Router().url('none'),
    (error) => isGoWebError(error) && error.code === 'ROUTE_NAME_UNKNOWN' && error.message.includes('"none"'),
  )
})

test('a query is appended', () => {
  const query = { a: 'x y', b: [1, true, 'é&'], c: undefined, d: [] }
  assert.equal(build('/{id}', { id: 1 }, { query }), '/1?a=x+y&b=1&b=true&b=%C3%A9%26')
  assert.equal(build('/', {}, { query: {} }), '/')
})

describe('an absolute URL', () => {
  const absolute = true
  const cases: readonly (readonly [RouteMatchers | undefined, Params, UrlOptions, string])[] = [
    [{ host: '{tenant}.example.com' }, { tenant: 'acme' }, { absolute }, 'https://acme.example.com/'],
    [{ host: 'Example.com' }, {}, { absolute, scheme: 'wss', port: 8443 }, 'wss://example.com:8443/'],
    [{ host: 'api-{v:[0-9]+}.x' }, { v: 2 }, { absolute, query: { q: 1 } }, 'https://api-2.x/?q=1'],
    [{ host: '[::1]', scheme: 'http' }, {}, { absolute, port: 1 }, 'http://[::1]:1/'],
    [{ scheme: 'http' }, {}, { absolute, host: 'localhost:8080' }, 'http://localhost:8080/'],
    [undefined, {}, { absolute, host: '[::1]:80' }, 'https://[::1]:80/'],
  ]
  for (const [match, params, options, url] of cases) {
    test(url, () => assert.equal(build('/', params, options, match), url))
  }

  test('is not needed for a route with a host', () => {
    const match = { host: '{tenant}.example.com' }
    assert.equal(build('/x/{id}', { id: '1' }, {}, match), '/x/1')
    assert.equal(build('/x/{id}', { id: '1', tenant: 'a' }, {}, match), '/x/1')
  })

  test('may have a path that starts with two slashes', () => {
    assert.equal(build('//{a}', { a: 'x' }, { absolute, host: 'h' }), 'https://h//x')
  })

  const refused: readonly (readonly [RouteMatchers | undefined, Params, UrlOptions])[] = [
    [undefined, {}, { absolute }],
    [undefined, {}, { absolute, host: 'a/b' }],
    [undefined, {}, { absolute, host: 'user@a' }],
    [undefined, {}, { absolute, host: '' }],
    [undefined, {}, { absolute, host: 'a', scheme: 'javascript' as 'http' }],
    [{ host: '{t}.x' }, {}, { absolute }],
    [{ host: '{t}.x' }, { t: 'a.b' }, { absolute }],
    [{ host: '{t}.x' }, { t: 'A' }, { absolute }],
    [{ host: '{t}.x' }, { t: 'a@b' }, { absolute }],
    [{ host: '{t:[0-9]+}.x' }, { t: 'a' }, { absolute }],
    [{ host: '{t}-{u}.x' }, { t: 'a', u: 'b-c' }, { absolute }],
    [{ host: 'x' }, {}, { absolute, port: 65_536 }],
    [{ host: 'x' }, {}, { absolute, port: 1.5 }],
  ]
  for (const [match, params, options] of refused) {
    test(`is refused for ${JSON.stringify([match, params, options])}`, () => {
      assert.throws(
        () => build('/', params, options, match),
        (error) => isGoWebError(error) && error.code === 'ROUTE_PARAM_INVALID',
      )
    })
  }
})

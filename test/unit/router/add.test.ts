import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { isGoWebError, type GoWebError } from '../../../src/errors/goweb-error.ts'
import type { RouteDefinition, RouteMatchers } from '../../../src/router/route.ts'
import { Router, type RouterOptions } from '../../../src/router/router.ts'
import { answer, makeRouter, parseRoute } from './router-fixture.ts'

function refusal(run: () => unknown): GoWebError {
  try {
    run()
  } catch (error) {
    assert.ok(isGoWebError(error), String(error))
    return error
  }
  return assert.fail('it was not refused')
}

/** Conditions that hold for the same requests. */
const EQUAL_CONDITIONS: readonly (readonly [RouteMatchers | undefined, RouteMatchers | undefined])[] = [
  [undefined, {}],
  [{}, { host: undefined, headers: {}, query: {} }],
  [{ host: '{a}.example.com' }, { host: '{b}.EXAMPLE.com' }],
  [{ host: '{a:[a-z]+}.x' }, { host: '{b:[a-z]+}.x' }],
  [{ headers: { 'X-A': '1', b: true } }, { headers: { b: true, 'x-a': '1' } }],
  [{ query: { a: /x/i } }, { query: { a: /x/i } }],
  [{ query: { a: /x/g } }, { query: { a: /x/y } }],
]

const DIFFERENT_CONDITIONS: readonly (readonly [RouteMatchers | undefined, RouteMatchers])[] = [
  [undefined, { scheme: 'https' }],
  [{ scheme: 'http' }, { scheme: 'https' }],
  [{ host: 'a.x' }, { host: 'b.x' }],
  [{ host: '{a}.x' }, { host: '{a:[a-z]+}.x' }],
  [{ headers: { a: '1' } }, { headers: { a: '2' } }],
  [{ headers: { a: '1' } }, { query: { a: '1' } }],
  [{ headers: { a: 'true' } }, { headers: { a: true } }],
  [{ headers: { a: '/x/' } }, { headers: { a: /x/ } }],
  [{ query: { a: /x/ } }, { query: { a: /x/i } }],
  [{ query: { A: '1' } }, { query: { a: '1' } }],
]

describe('two routes that match the same requests', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['/a', '/a'],
    ['/{id}', '/{name}'],
    ['/{a}/{b:x+}', '/{c}/{d:x+}'],
    ['/{a...}', '/{b...}'],
    ['/caf%C3%A9', '/café'],
    ['/a%2fb', '/a%2Fb'],
    ['/{a}.{b}', '/{x}.{y}'],
    ['* /a', '* /a'],
    ['WEBSOCKET /a', 'WEBSOCKET /a'],
  ]
  for (const [first, second] of pairs) {
    test(`${first} and ${second} conflict`, () => {
      const router = makeRouter([first])
      const error = refusal(() => router.add(parseRoute(second)))
      assert.equal(error.code, 'ROUTE_CONFLICT')
      for (const route of [first, second]) assert.ok(error.message.includes(route), error.message)
      assert.equal([...router.routes()].length, 1)
    })
  }
  for (const [first, second] of EQUAL_CONDITIONS) {
    test(`conflict with the conditions ${JSON.stringify([first, second])}`, () => {
      const router = new Router<number>()
      router.add({ method: 'GET', pattern: '/{p}x', match: first, value: 1 })
      const error = refusal(() => router.add({ method: 'GET', pattern: '/{q}x', match: second, value: 2 }))
      assert.equal(error.code, 'ROUTE_CONFLICT')
    })
  }
})

describe('two routes that differ', () => {
  const pairs: readonly (readonly [string, string])[] = [
    ['/a', 'POST /a'],
    ['/a', '* /a'],
    ['/a', '/a/'],
    ['/a', '/A'],
    ['/a%2Fb', '/a/b'],
    ['/{a}', '/{a:x+}'],
    ['/{a:x+}', '/{a:x*}'],
    ['/{a}', '/{a...}'],
    ['/{a}-{b}', '/{a}.{b}'],
    ['/s/', '/s/{a...}'],
  ]
  for (const [first, second] of pairs) {
    test(`${first} and ${second} are both added`, () => {
      assert.equal([...makeRouter([first, second]).routes()].length, 2)
    })
  }
  for (const [first, second] of DIFFERENT_CONDITIONS) {
    test(`are both added with the conditions ${JSON.stringify([first, second])}`, () => {
      const router = new Router<number>()
      router.add({ method: 'GET', pattern: '/', match: first, value: 1 })
      router.add({ method: 'GET', pattern: '/', match: second, value: 2 })
      assert.equal([...router.routes()].length, 2)
    })
  }
})

test('two routes with the same name are refused', () => {
  const router = new Router<string>()
  router.add({ method: 'GET', pattern: '/a', name: 'it', value: 'a' })
  const error = refusal(() => router.add({ method: 'GET', pattern: '/b', name: 'it', value: 'b' }))
  assert.equal(error.code, 'ROUTE_NAME_TAKEN')
  assert.match(error.message, /GET \/b.*GET \/a/)
})

describe('a malformed route is refused', () => {
  const malformed: Readonly<Record<string, unknown>> = {
    'lower-case method': { method: 'get' },
    'empty method': { method: '' },
    'method with a space': { method: 'GET ' },
    'no method': { method: undefined },
    'empty name': { name: '' },
    'name that is no string': { name: 1 },
    'unknown matcher': { match: { hosts: 'a' } },
    'host that is no string': { match: { host: 1 } },
    'unknown scheme': { match: { scheme: 'ftp' } },
    'header name with a space': { match: { headers: { 'a b': '1' } } },
    'empty header name': { match: { headers: { '': '1' } } },
    'header matcher of another type': { match: { headers: { a: 1 } } },
    'headers that are no object': { match: { headers: 'a' } },
    'query matcher of another type': { match: { query: { a: false } } },
    'query that is null': { match: { query: null } },
  }
  for (const [title, fields] of Object.entries(malformed)) {
    test(title, () => {
      const router = new Router<number>()
      const definition = {
        method: 'GET',
        pattern: '/',
        value: 1,
        ...(fields as object),
      } as RouteDefinition<number>
      assert.equal(refusal(() => router.add(definition)).code, 'ROUTE_INVALID')
      assert.deepEqual([...router.routes()], [])
    })
  }

  test('pattern that is no string', () => {
    const definition = { method: 'GET', pattern: 1, value: 1 } as unknown as RouteDefinition<number>
    assert.equal(refusal(() => new Router<number>().add(definition)).code, 'PATTERN_INVALID')
  })

  test('policy for slashes that does not exist', () => {
    const options = { trailingSlash: 'maybe' } as unknown as RouterOptions
    assert.equal(refusal(() => new Router(options)).code, 'ROUTE_INVALID')
  })
})

test('a param of the host must not have the name of one of the path', () => {
  const router = new Router<number>()
  const error = refusal(() =>
    router.add({ method: 'GET', pattern: '/x/{id}', match: { host: '{id}.a' }, value: 1 }),
  )
  assert.equal(error.code, 'PATTERN_INVALID')
  assert.match(error.message, /"id" occurs twice/)
})

test('a failed add leaves the router as it was', () => {
  const router = makeRouter(['/a/{x}', '/b'])
  router.add({ method: 'GET', pattern: '/named', name: 'named', value: 'named' })
  const requests = ['/a/1', '/a/c/d', '/a/c/e', '/b', '/named', '/named2', '/x']
  const before = requests.map((request) => answer(router, request))
  const bad: readonly RouteDefinition<string>[] = [
    { method: 'GET', pattern: '/a/{y}', value: '' },
    { method: 'GET', pattern: '/a/c/{d', value: '' },
    { method: 'GET', pattern: '/a/c/d', name: 'named', value: '' },
    { method: 'GET', pattern: '/x', name: 'x', match: { host: '{' }, value: '' },
    { method: 'get', pattern: '/x', name: 'y', value: '' },
  ]
  for (const definition of bad) refusal(() => router.add(definition))
  assert.deepEqual(
    requests.map((request) => answer(router, request)),
    before,
  )
  assert.equal([...router.routes()].length, 3)
  for (const name of ['x', 'y']) assert.equal(refusal(() => router.url(name)).code, 'ROUTE_NAME_UNKNOWN')
})

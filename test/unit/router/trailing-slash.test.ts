import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { isGoWebError } from '../../../src/errors/goweb-error.ts'
import { Router, type RouterOptions } from '../../../src/router/router.ts'
import { answer, makeFacts, makeRouter, parseRoute } from './router-fixture.ts'

const ROUTES = ['/', '/a', '/b/', '/x/{id}', '/y/{id}/', '/s/{path...}', 'POST /p']

const EXPECTED: Readonly<Record<'strict' | 'redirect' | 'ignore', Readonly<Record<string, string>>>> = {
  strict: { '/a/': '404', '/b': '404', '/x/1/': '404', '/y/1': '404', '/s': '404' },
  redirect: {
    '/a/': 'redirect /a',
    '/b': 'redirect /b/',
    '/x/1/': 'redirect /x/1',
    '/y/1': 'redirect /y/1/',
    '/s': 'redirect /s/',
    '/a//': '404',
    '/%61/': 'redirect /%61',
    '/x/caf%C3%A9%2f/': 'redirect /x/caf%C3%A9%2f',
    '/x/é/': 'redirect /x/%C3%A9',
    'HEAD /a/': 'redirect /a',
    'POST /p/': 'redirect /p',
    '/p/': '404',
    '/none/': '404',
    '/%zz/': '400',
  },
  ignore: {
    '/a/': '/a',
    '/b': '/b/',
    '/x/1/': '/x/{id} {"id":"1"}',
    '/y/1': '/y/{id}/ {"id":"1"}',
    '/s': '/s/{path...} {"path":""}',
    '/s/a/': '/s/{path...} {"path":"a/"}',
    '/a//': '404',
    '/x//': '404',
    '//': '404',
    '/p/': '405 OPTIONS, POST',
  },
}

for (const [trailingSlash, requests] of Object.entries(EXPECTED)) {
  describe(trailingSlash, () => {
    const router = makeRouter(ROUTES, { trailingSlash: trailingSlash as 'strict' })
    test('finds what is written as it is', () => {
      assert.equal(answer(router, '/'), '/')
      assert.equal(answer(router, '/a'), '/a')
      assert.equal(answer(router, '/b/'), '/b/')
      assert.equal(answer(router, '/x/1'), '/x/{id} {"id":"1"}')
      assert.equal(answer(router, '/s/'), '/s/{path...} {"path":""}')
      assert.equal(answer(router, '/s/a'), '/s/{path...} {"path":"a"}')
    })
    for (const [request, line] of Object.entries(requests)) {
      test(`${request}: ${line}`, () => assert.equal(answer(router, request), line))
    }
  })
}

describe('redirect', () => {
  test('never leads to another host', () => {
    const router = makeRouter(['/{a}', '/{a}/', '/{a}/{b}', '//{a}', '/{x}/{y}/{z}', '//{a}/{b}/'], {
      trailingSlash: 'redirect',
    })
    for (const path of ['//evil.test/', '//evil.test/x', '//evil.test/x/y', '///', '//']) {
      assert.doesNotMatch(answer(router, path), /redirect/, path)
    }
  })

  test('is no answer where both forms are routes', () => {
    const router = makeRouter(['/a', '/a/'], { trailingSlash: 'redirect' })
    assert.equal(answer(router, '/a'), '/a')
    assert.equal(answer(router, '/a/'), '/a/')
  })

  test('follows only where the condition of the other form holds', () => {
    const router = new Router<string>({ trailingSlash: 'redirect' })
    router.add({ method: 'GET', pattern: '/a/', match: { host: 'x' }, value: 'x' })
    assert.equal(answer(router, '/a', makeFacts({ host: 'x' })), 'redirect /a/')
    assert.equal(answer(router, '/a', makeFacts({ host: 'y' })), '404')
  })

  test('comes after the methods of the path as it is', () => {
    assert.equal(
      answer(makeRouter(['POST /a', '/a/'], { trailingSlash: 'redirect' }), '/a'),
      '405 OPTIONS, POST',
    )
  })

  test('does not send a lone surrogate', () => {
    assert.equal(answer(makeRouter(['/{a}'], { trailingSlash: 'redirect' }), '/\uD800/'), '404')
  })
})

describe('ignore', () => {
  const options: RouterOptions = { trailingSlash: 'ignore' }
  for (const [first, second] of [
    ['/a', '/a/'],
    ['/{x}/', '/{y}'],
    ['/a//', '/a/'],
  ] as const) {
    test(`makes ${first} and ${second} conflict`, () => {
      const router = makeRouter([first], options)
      assert.throws(
        () => router.add(parseRoute(second)),
        (error) => isGoWebError(error) && error.code === 'ROUTE_CONFLICT',
      )
      assert.equal(answer(router, '/q/q'), '404')
    })
  }

  test('prefers the more specific pattern, not the one written with the same slash', () => {
    const router = makeRouter(['/{rest...}', '/a', '/{x}/'], options)
    assert.equal(answer(router, '/a/'), '/a')
    assert.equal(answer(router, '/b'), '/{x}/ {"x":"b"}')
    assert.equal(answer(router, '/b/c'), '/{rest...} {"rest":"b/c"}')
  })

  test('prefers a route to an empty rest', () => {
    const router = makeRouter(['/a/{rest...}', '/a', '/{x}'], options)
    assert.equal(answer(router, '/a'), '/a')
    assert.equal(answer(router, '/a/'), '/a')
    assert.equal(answer(router, '/a/b'), '/a/{rest...} {"rest":"b"}')
  })

  test('does not take a slash for part of a rest that needs it', () => {
    // Found by the fuzz test: the rest behind two slashes began behind one.
    const router = makeRouter(['//{rest...}'], options)
    assert.equal(answer(router, '//a'), '//{rest...} {"rest":"a"}')
    assert.equal(answer(router, '/'), '//{rest...} {"rest":""}')
    assert.equal(answer(router, '/a'), '404')
  })

  test('lists a route once among those that fit', () => {
    const router = makeRouter(['//{rest...}', 'POST /{a}/'], options)
    const miss = router.find('PUT', '//', makeFacts({}))
    assert.ok(miss.kind === 'method-not-allowed')
    assert.deepEqual(
      miss.candidates.map(({ value }) => value),
      ['//{rest...}'],
    )
  })
})

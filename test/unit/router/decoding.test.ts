import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { answer, makeRouter, PLAIN_FACTS } from './router-fixture.ts'

describe('every spelling of a path is the same path', () => {
  for (const pattern of ['/café/a b', '/caf%C3%A9/a%20b', '/caf%c3%a9/%61 %62']) {
    const router = makeRouter([pattern])
    for (const path of ['/caf%C3%A9/a%20b', '/caf%c3%a9/a%20b', '/%63afé/%61%20b']) {
      test(`${pattern} matches ${path}`, () => assert.equal(answer(router, path), pattern))
    }
    test(`${pattern} does not match others`, () => {
      for (const path of ['/cafe/a%20b', '/caf%C3%A8/a%20b', '/café/a%2520b'])
        assert.equal(answer(router, path), '404')
    })
  }
})

describe('an encoded slash is not a separator', () => {
  const router = makeRouter(['/a/{x}', '/a/b/c', '/{one}', '/s%2Ft', '/r/{rest...}', '/{p}.{q:[^x]+}/z'])
  const expected: Readonly<Record<string, string>> = {
    '/a/b%2Fc': '/a/{x} {"x":"b/c"}',
    '/a%2Fb%2fc': '/{one} {"one":"a/b/c"}',
    '/a/b/c': '/a/b/c',
    '/s%2ft': '/s%2Ft',
    '/s/t': '404',
    '/r/a%2Fb/c': '/r/{rest...} {"rest":"a/b/c"}',
    '/a/%2F': '/a/{x} {"x":"/"}',
    '/1.2%2F3/z': '/{p}.{q:[^x]+}/z {"p":"1","q":"2/3"}',
    '%2Fa/b': '400',
  }
  for (const [path, line] of Object.entries(expected))
    test(path, () => assert.equal(answer(router, path), line))
})

describe('values are decoded once', () => {
  const router = makeRouter(['/{x}', '/n/{n:[0-9é%]+}'])
  const expected: Readonly<Record<string, string>> = {
    '/%41%42': '/{x} {"x":"AB"}',
    '/a%20b+c': '/{x} {"x":"a b+c"}',
    '/%2541': '/{x} {"x":"%41"}',
    '/%E4%BD%A0%F0%9F%98%80': '/{x} {"x":"你😀"}',
    '/%3F%23%5B%5D': '/{x} {"x":"?#[]"}',
    '/%0A%7F': '/{x} {"x":"\\n\x7F"}',
    '/%5C': '/{x} {"x":"\\\\"}',
    '/n/%31%C3%A9%25': '/n/{n:[0-9é%]+} {"n":"1é%"}',
    '/n/%41': '404',
  }
  for (const [path, line] of Object.entries(expected))
    test(path, () => assert.equal(answer(router, path), line))
})

describe('static text may contain what paths show encoded only', () => {
  const router = makeRouter(['/100%25', '/why%3F', '/a%23b', '/a%5Cb', '/{x}/%25{y}'])
  const expected: Readonly<Record<string, string>> = {
    '/100%25': '/100%25',
    '/100%': '400',
    '/why%3F': '/why%3F',
    '/why?': '400',
    '/a%23b': '/a%23b',
    '/a#b': '400',
    '/a%5cb': '/a%5Cb',
    '/a\\b': '400',
    '/1/%252': '/{x}/%25{y} {"x":"1","y":"2"}',
  }
  for (const [path, line] of Object.entries(expected))
    test(path, () => assert.equal(answer(router, path), line))
})

describe('malformed paths are refused, whether a route could match them or not', () => {
  const malformed = [
    '',
    'a',
    'a/b',
    '*',
    'http://a/b',
    '/%',
    '/%4',
    '/%zz',
    '/a%',
    '/%C3',
    '/%C3%28',
    '/%FF',
    '/%C0%AF',
    '/%ED%A0%80',
    '/%F4%90%80%80',
    '/\0',
    '/a\0b',
    '/%00',
    '/a%00',
    '/a b',
    '/a\tb',
    '/a\nb',
    '/a\x7Fb',
    '/a?b',
    '/a#b',
    '/a\\b',
    '/.',
    '/..',
    '/./a',
    '/../a',
    '/a/.',
    '/a/..',
    '/a/../b',
    '/a/./b',
    '/%2e',
    '/%2E%2e/a',
    '/.%2e',
    '/a/%2e./b',
    '/a/..%2Fb',
    '/..%2f..%2fetc%2Fpasswd',
    '/a%2F..',
    '/..%5Ca',
    '/a%5c..%5Cb',
  ]
  const routers = {
    'no route': makeRouter([]),
    'static routes': makeRouter(['/', '/a', '/b']),
    'a parameter': makeRouter(['/{x}', '/{x}/{y}', '/{x}/{y}/{z}']),
    'parts of segments': makeRouter(['/.{x}', '/{x}.', '/{x}.{y}', '/a/.{x}', '/a/{x}.']),
    'the rest': makeRouter(['/{x...}']),
    'text that must be decoded': makeRouter(['/%25', '/{x...}']),
    redirects: makeRouter(['/{x...}', '/{x}', '/{x}/{y}/'], { trailingSlash: 'redirect' }),
  }
  for (const [title, router] of Object.entries(routers)) {
    test(title, () => {
      for (const path of malformed) assert.equal(answer(router, `GET ${path}`), '400', JSON.stringify(path))
    })
  }

  test('the reason is told', () => {
    const reasons: Readonly<Record<string, RegExp>> = {
      a: /start with "\/"/,
      '/%zz': /UTF-8/,
      '/%00': /NUL/,
      '/a b': /control character, a space/,
      '/..': /segment/,
    }
    for (const [path, reason] of Object.entries(reasons)) {
      const result = routers['the rest'].find('GET', path, PLAIN_FACTS)
      assert.ok(result.kind === 'path-invalid')
      assert.match(result.reason, reason)
    }
  })

  test('dots that are no dot segments are fine', () => {
    for (const path of ['/...', '/.a', '/a.', '/..a', '/a..', '/a/.b/..c', '/.%2Ea', '/%2e%2e%2e']) {
      assert.match(answer(routers['the rest'], path), /^\/\{x\.\.\.\}/, path)
    }
  })
})

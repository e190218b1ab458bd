import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Router } from '../../../src/router/router.ts'
import { answer, makeRouter, parseRoute, PLAIN_FACTS } from './router-fixture.ts'

/** Routes, then requests with their answers. */
const TABLE: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>])[] = [
  ['no routes', [], { '/': '404', '/a': '404' }],
  [
    'static paths',
    ['/', '/a', '/a/b', '/ab', '/a/bc'],
    {
      '/': '/',
      '/a': '/a',
      '/a/b': '/a/b',
      '/ab': '/ab',
      '/a/bc': '/a/bc',
      '/abc': '404',
      '/a/': '404',
      '/A': '404',
      '/a/b/c': '404',
      '//': '404',
      '//a': '404',
    },
  ],
  [
    'a parameter',
    ['/users/{id}'],
    {
      '/users/42': '/users/{id} {"id":"42"}',
      "/users/a-b.c~_!$&'()*+,;=:@": '/users/{id} {"id":"a-b.c~_!$&\'()*+,;=:@"}',
      '/users/': '404',
      '/users': '404',
      '/users/1/2': '404',
      '/users/1/': '404',
    },
  ],
  [
    'several parameters',
    ['/{a}/{b}/x/{c}'],
    {
      '/1/2/x/3': '/{a}/{b}/x/{c} {"a":"1","b":"2","c":"3"}',
      '/1//x/3': '404',
      '//2/x/3': '404',
      '/1/2/y/3': '404',
    },
  ],
  [
    'the rest of a path',
    ['/static/{path...}'],
    {
      '/static/': '/static/{path...} {"path":""}',
      '/static/a': '/static/{path...} {"path":"a"}',
      '/static/a/b.js': '/static/{path...} {"path":"a/b.js"}',
      '/static//a/': '/static/{path...} {"path":"/a/"}',
      '/static/.hidden': '/static/{path...} {"path":".hidden"}',
      '/static/a/.b/...': '/static/{path...} {"path":"a/.b/..."}',
      '/static': '404',
      '/statics': '404',
    },
  ],
  ['everything', ['/{path...}'], { '/': '/{path...} {"path":""}', '/a//b': '/{path...} {"path":"a//b"}' }],
  [
    'static text around a parameter',
    ['/v{major:[0-9]+}/x', '/file-{name}.txt', '/@{user}'],
    {
      '/v12/x': '/v{major:[0-9]+}/x {"major":"12"}',
      '/v/x': '404',
      '/va/x': '404',
      '/v1a/x': '404',
      '/file-a.txt': '/file-{name}.txt {"name":"a"}',
      '/file-.txt': '404',
      '/file-a.b.txt': '/file-{name}.txt {"name":"a.b"}',
      '/@bob': '/@{user} {"user":"bob"}',
    },
  ],
  [
    'several parameters in a segment: the left one takes what it can',
    ['/{name}.{ext}', '/x/{a}-{b}-{c}', '/y/{a}--{b}'],
    {
      '/archive.tar.gz': '/{name}.{ext} {"name":"archive.tar","ext":"gz"}',
      '/.x': '404',
      '/x.': '404',
      '/..x': '/{name}.{ext} {"name":".","ext":"x"}',
      '/x/1-2-3': '/x/{a}-{b}-{c} {"a":"1","b":"2","c":"3"}',
      '/x/1-2-3-4': '/x/{a}-{b}-{c} {"a":"1-2","b":"3","c":"4"}',
      '/x/-----': '/x/{a}-{b}-{c} {"a":"-","b":"-","c":"-"}',
      '/x/----': '404',
      '/x/1-2': '404',
      '/y/a---b': '/y/{a}--{b} {"a":"a-","b":"b"}',
    },
  ],
  [
    'regular expressions within a segment',
    ['/{y:[0-9]{4}}-{m:[0-9]{2}}-{slug}', '/{y:[0-9]{4}}{m:[0-9]{2}}', '/r/{a:[a-z-]+}-{b:[0-9-]+}'],
    {
      '/2024-05-a-b': '/{y:[0-9]{4}}-{m:[0-9]{2}}-{slug} {"y":"2024","m":"05","slug":"a-b"}',
      '/202405': '/{y:[0-9]{4}}{m:[0-9]{2}} {"y":"2024","m":"05"}',
      '/2024-5-a': '404',
      '/20240': '404',
      '/r/a-b-1-2': '/r/{a:[a-z-]+}-{b:[0-9-]+} {"a":"a-b","b":"1-2"}',
      '/r/a---': '/r/{a:[a-z-]+}-{b:[0-9-]+} {"a":"a-","b":"-"}',
      '/r/a-': '404',
    },
  ],
  [
    'a regular expression matches as a whole',
    ['/{kind:a|bc}', '/n/{n:\\d{2,3}}'],
    {
      '/a': '/{kind:a|bc} {"kind":"a"}',
      '/bc': '/{kind:a|bc} {"kind":"bc"}',
      '/abc': '404',
      '/ac': '404',
      '/n/1': '404',
      '/n/12': '/n/{n:\\d{2,3}} {"n":"12"}',
      '/n/1234': '404',
    },
  ],
  [
    'empty segments are segments',
    ['/a//b', '/a/b', '/{x}//{y}'],
    {
      '/a//b': '/a//b',
      '/a/b': '/a/b',
      '/q//r': '/{x}//{y} {"x":"q","y":"r"}',
      '/a///b': '404',
    },
  ],
  [
    'long common beginnings',
    ['/abcdefghij/1', '/abcdefghij/2', '/abcdefgh', '/abcdefghXY'],
    {
      '/abcdefghij/1': '/abcdefghij/1',
      '/abcdefghij/2': '/abcdefghij/2',
      '/abcdefgh': '/abcdefgh',
      '/abcdefghXY': '/abcdefghXY',
      '/abcdefg': '404',
      '/abcdefghij/': '404',
      '/abcdefghij/3': '404',
    },
  ],
  [
    'first characters far apart',
    ['/a', '/é', '/中', '/😀', '/~', '/0'],
    {
      '/a': '/a',
      '/~': '/~',
      '/0': '/0',
      '/%C3%A9': '/é',
      '/%E4%B8%AD': '/中',
      '/%F0%9F%98%80': '/😀',
      '/中': '/中',
      '/b': '404',
      '/%F0%9F%98%81': '404',
    },
  ],
]

for (const [title, routes, requests] of TABLE) {
  test(title, () => {
    // In any order of registration.
    for (const order of [routes, routes.toReversed()]) {
      const router = makeRouter(order)
      for (const [request, expected] of Object.entries(requests))
        assert.equal(answer(router, request), expected, request)
    }
  })
}

describe('the more specific route is tried first', () => {
  const priority: typeof TABLE = [
    [
      'static, regular expression, parameter, rest',
      ['/{path...}', '/{name}', '/{id:[0-9]+}', '/me'],
      {
        '/me': '/me',
        '/12': '/{id:[0-9]+} {"id":"12"}',
        '/12a': '/{name} {"name":"12a"}',
        '/mee': '/{name} {"name":"mee"}',
        '/': '/{path...} {"path":""}',
        '/a/b': '/{path...} {"path":"a/b"}',
      },
    ],
    [
      'static beginnings before parameters',
      ['/{name}', '/v{n}', '/v1{n}', '/v1.{n:[0-9]+}'],
      {
        '/v1.2': '/v1.{n:[0-9]+} {"n":"2"}',
        '/v1.x': '/v1{n} {"n":".x"}',
        '/v1': '/v{n} {"n":"1"}',
        '/v': '/{name} {"name":"v"}',
      },
    ],
    [
      'text behind a parameter',
      ['/{name}', '/{name}.json', '/{name}on', '/{name}.{ext}'],
      {
        '/a.json': '/{name}.json {"name":"a"}',
        '/a.on': '/{name}on {"name":"a."}',
        '/a.txt': '/{name}.{ext} {"name":"a","ext":"txt"}',
        '/a': '/{name} {"name":"a"}',
      },
    ],
    [
      'the end before an empty rest',
      ['/s/{path...}', '/s/'],
      { '/s/': '/s/', '/s/a': '/s/{path...} {"path":"a"}' },
    ],
    [
      'the longest rest',
      ['/{all...}', '/a/{some...}', '/a/b/{few...}'],
      {
        '/a/b/c': '/a/b/{few...} {"few":"c"}',
        '/a/b': '/a/{some...} {"some":"b"}',
        '/a': '/{all...} {"all":"a"}',
      },
    ],
    [
      'back out of a branch that fails further on',
      ['/a/b/c', '/a/{x}/d', '/{y}/b/e', '/{z:a|q}/b/f', '/{all...}'],
      {
        '/a/b/c': '/a/b/c',
        '/a/b/d': '/a/{x}/d {"x":"b"}',
        '/a/b/e': '/{y}/b/e {"y":"a"}',
        '/a/b/f': '/{z:a|q}/b/f {"z":"a"}',
        '/a/b/g': '/{all...} {"all":"a/b/g"}',
      },
    ],
    [
      'params of a branch that failed do not show',
      ['/{a}/{b}/x', '/{c}/{d...}'],
      {
        '/1/2/x': '/{a}/{b}/x {"a":"1","b":"2"}',
        '/1/2/y': '/{c}/{d...} {"c":"1","d":"2/y"}',
      },
    ],
  ]
  for (const [title, routes, requests] of priority) {
    test(title, () => {
      for (const order of [routes, routes.toReversed()]) {
        const router = makeRouter(order)
        for (const [request, expected] of Object.entries(requests))
          assert.equal(answer(router, request), expected, request)
      }
    })
  }

  test('the first added of two that are equally specific', () => {
    assert.equal(answer(makeRouter(['/{a:[a-c]+}', '/{b:[b-d]+}']), '/bc'), '/{a:[a-c]+} {"a":"bc"}')
    assert.equal(answer(makeRouter(['/{b:[b-d]+}', '/{a:[a-c]+}']), '/bc'), '/{b:[b-d]+} {"b":"bc"}')
  })
})

describe('methods', () => {
  const router = makeRouter([
    '/a',
    'POST /a',
    'DELETE /{x}',
    'HEAD /h',
    '/h',
    '* /any',
    'PUT /any',
    'WEBSOCKET /ws',
    'WEBSOCKET /a',
  ])
  const expected: Readonly<Record<string, string>> = {
    'GET /a': '/a',
    'POST /a': 'POST /a',
    'HEAD /a': '/a',
    'HEAD /h': 'HEAD /h',
    'DELETE /a': 'DELETE /{x} {"x":"a"}',
    'PUT /a': '405 DELETE, GET, HEAD, OPTIONS, POST',
    'OPTIONS /a': '405 DELETE, GET, HEAD, OPTIONS, POST',
    'OPTIONS /h': '405 DELETE, GET, HEAD, OPTIONS',
    'GET /any': '* /any',
    'PUT /any': 'PUT /any',
    'HEAD /any': '* /any',
    'BREW /any': '* /any',
    'WEBSOCKET /any': '405 DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT',
    'WEBSOCKET /ws': 'WEBSOCKET /ws',
    'WEBSOCKET /a': 'WEBSOCKET /a',
    'GET /ws': '405 DELETE, OPTIONS',
    'get /a': '405 DELETE, GET, HEAD, OPTIONS, POST',
    'HEAD /b': '405 DELETE, OPTIONS',
    'GET /': '404',
    'OPTIONS *': '405 DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT',
    'GET *': '400',
  }
  for (const [request, line] of Object.entries(expected)) {
    test(request, () => assert.equal(answer(router, request), line))
  }

  test('HEAD takes the more specific route for GET rather than a less specific one for HEAD', () => {
    assert.equal(answer(makeRouter(['/a', 'HEAD /{x}']), 'HEAD /a'), '/a')
  })

  test('a miss names the routes that fit the path, the most specific first', () => {
    const miss = router.find('PUT', '/a', PLAIN_FACTS)
    assert.ok(miss.kind === 'method-not-allowed')
    assert.deepEqual(
      miss.candidates.map(({ value }) => value),
      ['/a', 'POST /a', 'WEBSOCKET /a', 'DELETE /{x}'],
    )
    assert.equal(miss.hasWebSocket, true)
    const other = router.find('PUT', '/b', PLAIN_FACTS)
    assert.ok(other.kind === 'method-not-allowed')
    assert.equal(other.hasWebSocket, false)
  })

  test('OPTIONS * tells whether there are WebSocket routes', () => {
    const miss = router.find('OPTIONS', '*', PLAIN_FACTS)
    assert.ok(miss.kind === 'method-not-allowed')
    assert.equal(miss.hasWebSocket, true)
    assert.equal(answer(new Router<string>(), 'OPTIONS *'), '405 OPTIONS')
  })
})

describe('params', () => {
  test('inherit nothing', () => {
    for (const pattern of ['/x', '/{a}', '/{a}/{b}', '/{a}/{b}/{c}', '/{a}/{b}/{c}/{d}']) {
      const path = pattern.replaceAll(/[{}]/g, '')
      const result = makeRouter([pattern]).find('GET', path, PLAIN_FACTS)
      assert.ok(result.kind === 'match')
      for (const name of ['toString', 'constructor', '__proto__', 'hasOwnProperty'])
        assert.ok(!(name in result.params), name)
      assert.equal(Object.keys(result.params).join('/'), path.slice(1).replace('x', ''))
    }
  })

  test('may have the names of what objects usually inherit', () => {
    const router = makeRouter(['/{constructor}/{toString}/{hasOwnProperty}'])
    assert.equal(
      answer(router, '/1/2/3'),
      '/{constructor}/{toString}/{hasOwnProperty} {"constructor":"1","toString":"2","hasOwnProperty":"3"}',
    )
  })

  test('belong to one match', () => {
    const router = makeRouter(['/{a}'])
    const first = router.find('GET', '/1', PLAIN_FACTS)
    const second = router.find('GET', '/2', PLAIN_FACTS)
    assert.ok(first.kind === 'match' && second.kind === 'match')
    assert.deepEqual([first.params['a'], second.params['a']], ['1', '2'])
  })

  test('can be many', () => {
    const names = Array.from({ length: 32 }, (_, i) => `p${i}`)
    const router = makeRouter([`/${names.map((name) => `{${name}}`).join('/')}`])
    const result = router.find('GET', `/${names.join('/')}`, PLAIN_FACTS)
    assert.ok(result.kind === 'match')
    assert.deepEqual(
      Object.entries(result.params),
      names.map((name) => [name, name]),
    )
  })
})

test('routes() walks the routes in order of registration', () => {
  const routes = ['/b', 'POST /a/{id}', '/a']
  const router = makeRouter(routes)
  assert.deepEqual(
    Array.from(router.routes(), ({ value }) => value),
    routes,
  )
  const [, second] = router.routes()
  assert.deepEqual(second, {
    method: 'POST',
    pattern: '/a/{id}',
    name: undefined,
    match: undefined,
    value: 'POST /a/{id}',
    paramNames: ['id'],
  })
})

test('routes can be added after a lookup', () => {
  const router = makeRouter(['/{x}'])
  assert.equal(answer(router, '/a'), '/{x} {"x":"a"}')
  router.add(parseRoute('/a'))
  assert.equal(answer(router, '/a'), '/a')
  router.add(parseRoute('/a/{y}'))
  assert.equal(answer(router, '/a/b'), '/a/{y} {"y":"b"}')
  router.add(parseRoute('/100%25'))
  assert.equal(answer(router, '/100%25'), '/100%25')
  assert.equal(answer(router, '/a'), '/a')
})

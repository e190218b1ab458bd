import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import type { RequestFacts, RouteMatchers } from '../../../src/router/route.ts'
import { Router } from '../../../src/router/router.ts'
import { answer, makeFacts, PLAIN_FACTS } from './router-fixture.ts'

interface Case {
  readonly match: RouteMatchers
  readonly holds: readonly Parameters<typeof makeFacts>[0][]
  readonly fails: readonly Parameters<typeof makeFacts>[0][]
}

const CASES: Readonly<Record<string, Case>> = {
  'a host': {
    match: { host: 'Example.com' },
    holds: [
      { host: 'example.com' },
      { host: 'EXAMPLE.COM:8080' },
      { host: 'example.com.' },
      { host: 'example.com.:80' },
    ],
    fails: [
      { host: 'www.example.com' },
      { host: 'example.com.evil' },
      { host: 'example' },
      { host: '' },
      { host: 'xexample.com' },
    ],
  },
  'a host with a parameter': {
    match: { host: '{t}.example.com' },
    holds: [{ host: 'acme.example.com' }, { host: 'ACME.example.com:1' }],
    fails: [
      { host: 'example.com' },
      { host: '.example.com' },
      { host: 'a.b.example.com' },
      { host: 'acme.example.org' },
    ],
  },
  'a host with parameters in labels': {
    match: { host: 'api-{v:[0-9]+}.{region}-{zone}.x' },
    holds: [{ host: 'api-2.eu-west-1.x' }],
    fails: [{ host: 'api-a.eu-west.x' }, { host: 'api-2.eu.x' }, { host: 'api-2.x' }],
  },
  'an IPv6 address': {
    match: { host: '[::1]' },
    holds: [{ host: '[::1]' }, { host: '[::1]:8080' }],
    fails: [{ host: '::1' }, { host: '[::2]' }, { host: '[::1' }],
  },
  'an IPv4-mapped address': {
    match: { host: '[::ffff:1.2.3.4]' },
    holds: [{ host: '[::FFFF:1.2.3.4]:80' }],
    fails: [{ host: '1.2.3.4' }],
  },
  'a scheme': {
    match: { scheme: 'https' },
    holds: [{ scheme: 'https' }],
    fails: [{ scheme: 'http' }, { scheme: 'HTTPS' }],
  },
  'the value of a header': {
    match: { headers: { 'X-Version': '2' } },
    holds: [{ headers: { 'x-version': '2' } }],
    fails: [{}, { headers: { 'x-version': '22' } }, { headers: { 'x-version': '' } }],
  },
  'a header that matches': {
    match: { headers: { accept: /\bjson\b/i } },
    holds: [{ headers: { accept: 'text/html, application/JSON' } }],
    fails: [{}, { headers: { accept: 'text/html' } }],
  },
  'a header that is there': {
    match: { headers: { a: true } },
    holds: [{ headers: { a: '' } }],
    fails: [{}, { headers: { b: '' } }],
  },
  'a query parameter': {
    match: { query: { v: '1' } },
    holds: [{ query: { v: '1' } }],
    fails: [{}, { query: { v: '2' } }, { query: { V: '1' } }],
  },
  'all of several': {
    match: { host: 'a', scheme: 'http', headers: { h: true }, query: { q: /^x/ } },
    holds: [{ host: 'a', headers: { h: '1' }, query: { q: 'xy' } }],
    fails: [
      { host: 'a' },
      { host: 'a', headers: { h: '1' } },
      { host: 'b', headers: { h: '1' }, query: { q: 'x' } },
    ],
  },
}

for (const [title, { match, holds, fails }] of Object.entries(CASES)) {
  test(`a route asks for ${title}`, () => {
    const router = new Router<string>()
    router.add({ method: 'GET', pattern: '/', match, value: 'it' })
    for (const facts of holds)
      assert.equal(router.find('GET', '/', makeFacts(facts)).kind, 'match', JSON.stringify(facts))
    for (const facts of fails)
      assert.equal(router.find('GET', '/', makeFacts(facts)).kind, 'not-found', JSON.stringify(facts))
  })
}

describe('params of host and path', () => {
  const router = new Router<string>()
  router.add({ method: 'GET', pattern: '/u/{id}', match: { host: '{tenant}.{zone}.test' }, value: 'it' })
  const facts = makeFacts({ host: 'Acme.EU.test:8080' })

  test('come together', () => {
    assert.equal(answer(router, '/u/7', facts), 'it {"tenant":"acme","zone":"eu","id":"7"}')
    assert.equal(answer(router, '/u/a%2Fb', facts), 'it {"tenant":"acme","zone":"eu","id":"a/b"}')
    assert.deepEqual([...router.routes()][0]!.paramNames, ['tenant', 'zone', 'id'])
  })

  test('of the host come without any of the path', () => {
    const other = new Router<string>()
    other.add({ method: 'GET', pattern: '/', match: { host: '{tenant}.test' }, value: 'it' })
    assert.equal(answer(other, '/', makeFacts({ host: 'a.test' })), 'it {"tenant":"a"}')
  })
})

describe('several routes of one method and pattern', () => {
  const router = new Router<string>()
  const add = (value: string, match?: RouteMatchers, method = 'GET'): unknown =>
    router.add({ method, pattern: '/x', match, value })
  add('plain')
  add('host', { host: 'a' })
  add('other host', { host: '{h}' })
  add('host and header', { host: 'a', headers: { h: '1' } })
  add('two headers', { headers: { h: '1', i: '1' } })
  add('posted on b', { host: 'b' }, 'POST')
  router.add({ method: 'POST', pattern: '/{any}', value: 'posted' })

  test('the one with more matchers is tried first, then the one added first', () => {
    assert.equal(answer(router, '/x', makeFacts({ host: 'a.b' })), 'plain')
    assert.equal(answer(router, '/x', makeFacts({ host: 'a' })), 'host')
    assert.equal(answer(router, '/x', makeFacts({ host: 'b' })), 'other host {"h":"b"}')
    assert.equal(answer(router, '/x', makeFacts({ host: 'a', headers: { h: '1' } })), 'host and header')
    assert.equal(
      answer(router, '/x', makeFacts({ host: 'a', headers: { h: '1', i: '1' } })),
      'host and header',
    )
    assert.equal(answer(router, '/x', makeFacts({ host: 'c', headers: { h: '1', i: '1' } })), 'two headers')
  })

  test('a less specific pattern is tried when no condition holds', () => {
    assert.equal(answer(router, 'POST /x', makeFacts({ host: 'b' })), 'posted on b')
    assert.equal(answer(router, 'POST /x', makeFacts({ host: 'c' })), 'posted {"any":"x"}')
  })
})

test('a route whose condition does not hold counts for nothing', () => {
  const router = new Router<string>()
  router.add({ method: 'GET', pattern: '/x', match: { host: 'a' }, value: 'a' })
  router.add({ method: 'POST', pattern: '/x', match: { host: 'a' }, value: 'a' })
  router.add({ method: 'PUT', pattern: '/x', match: { host: 'b' }, value: 'b' })
  assert.equal(answer(router, '/x', makeFacts({ host: 'b' })), '405 OPTIONS, PUT')
  assert.equal(answer(router, 'PUT /x', makeFacts({ host: 'a' })), '405 GET, HEAD, OPTIONS, POST')
  assert.equal(answer(router, '/x', makeFacts({ host: 'c' })), '404')
})

test('facts are not asked for unless a route of the path has a condition', () => {
  const router = new Router<string>()
  router.add({ method: 'GET', pattern: '/plain', value: 'plain' })
  router.add({ method: 'GET', pattern: '/{x}', match: { headers: { h: true } }, value: 'conditional' })
  const asked: string[] = []
  const facts: RequestFacts = { ...PLAIN_FACTS, header: (name) => (asked.push(name), '1') }
  answer(router, '/plain', facts)
  answer(router, '/none/at/all', facts)
  assert.deepEqual(asked, [])
  assert.equal(answer(router, '/other', facts), 'conditional {"x":"other"}')
  assert.deepEqual(asked, ['h'])
})

test('facts may look something up in the same router', () => {
  const router = new Router<string>()
  router.add({ method: 'GET', pattern: '/in/{a}', value: 'inner' })
  router.add({ method: 'GET', pattern: '/{x}/{y}', match: { headers: { h: '1' } }, value: 'outer' })
  const facts: RequestFacts = {
    ...PLAIN_FACTS,
    header: () => (answer(router, '/in/zzz') === 'inner {"a":"zzz"}' ? '1' : undefined),
  }
  assert.equal(answer(router, '/1/2', facts), 'outer {"x":"1","y":"2"}')
})

test('an error from facts leaves the router in order', () => {
  const router = new Router<string>()
  router.add({ method: 'GET', pattern: '/{x}', match: { headers: { h: '1' } }, value: 'it' })
  const facts: RequestFacts = { ...PLAIN_FACTS, header: () => assert.fail('broken facts') }
  assert.throws(() => router.find('GET', '/a', facts), /broken facts/)
  assert.equal(answer(router, '/a', makeFacts({ headers: { h: '1' } })), 'it {"x":"a"}')
})

test('regular expressions with the flag g do not remember the last request', () => {
  const router = new Router<string>()
  router.add({ method: 'GET', pattern: '/', match: { query: { q: /a/g } }, value: 'it' })
  const facts = makeFacts({ query: { q: 'a' } })
  for (let i = 0; i < 3; i++) assert.equal(answer(router, '/', facts), 'it')
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Cookies } from '../../../src/http/cookies.ts'
import { parseCookies } from '../../../src/http/parse-cookies.ts'
import { serializeCookie, type CookieOptions } from '../../../src/http/serialize-cookie.ts'
import { hasCode } from './has-code.ts'

describe('parseCookies', () => {
  test('gives names and decoded values, the first of each name', () => {
    assert.deepEqual(
      [...parseCookies('a=1; b="2"; c=%20x; d=%zz; e=a=b; a=2; f=; =g; h;  i = j ')],
      [
        ['a', '1'],
        ['b', '"2"'],
        ['c', ' x'],
        ['d', '%zz'],
        ['e', 'a=b'],
        ['f', ''],
        ['i', 'j'],
      ],
    )
  })

  test('has no names that come from a prototype', () => {
    assert.equal(parseCookies('').get('toString'), undefined)
    assert.equal(parseCookies('__proto__=1').get('__proto__'), '1')
  })

  test('refuses headers of no honest client', () => {
    assert.equal(parseCookies(Array.from({ length: 500 }, (_, i) => `c${i}=`).join(';')).size, 500)
    assert.throws(() => parseCookies('a;'.repeat(501) + 'b=1'), hasCode('COOKIES_TOO_LARGE', /500 cookies/))
    assert.throws(() => parseCookies(`a=${'x'.repeat(65_536)}`), hasCode('COOKIES_TOO_LARGE', /65536/))
  })
})

describe('serializeCookie', () => {
  test('is safe by default', () => {
    assert.equal(serializeCookie('a', '1'), 'a=1; Path=/; HttpOnly; Secure; SameSite=Lax')
  })

  test('writes every attribute', () => {
    const options: CookieOptions = {
      maxAgeSeconds: 60,
      expires: new Date(0),
      domain: 'example.com',
      path: '/a',
      httpOnly: false,
      secure: true,
      sameSite: 'none',
      partitioned: true,
    }
    assert.equal(
      serializeCookie('a', 'ü;,"', options),
      'a=%C3%BC%3B%2C%22; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=example.com; Path=/a; Secure; SameSite=None; Partitioned',
    )
    assert.equal(
      serializeCookie('a', '', { secure: false, sameSite: 'strict' }),
      'a=; Path=/; HttpOnly; SameSite=Strict',
    )
  })

  test('refuses what would split the header or be dropped in silence', () => {
    const cases: [name: string, value: string, options?: CookieOptions][] = [
      ['', 'x'],
      ['a b', 'x'],
      ['a=', 'x'],
      ['a;', 'x'],
      ['a\r\n', 'x'],
      ['é', 'x'],
      ['a', '\ud800'],
      ['a', 'x'.repeat(4_096)],
      ['a', 'x', { path: '/;Domain=x' }],
      ['a', 'x', { path: 'a' }],
      ['a', 'x', { path: '/a\n' }],
      ['a', 'x', { path: `/${'a'.repeat(1_024)}` }],
      ['a', 'x', { domain: 'a;b' }],
      ['a', 'x', { domain: '' }],
      ['a', 'x', { domain: '.example.com' }],
      ['a', 'x', { domain: `${'a'.repeat(64)}.com` }],
      ['a', 'x', { domain: 'a.'.repeat(127) + 'aa' }],
      ['a', 'x', { maxAgeSeconds: 1.5 }],
      ['a', 'x', { maxAgeSeconds: Infinity }],
      ['a', 'x', { expires: new Date(NaN) }],
      ['a', 'x', { expires: 'tomorrow' as unknown as Date }],
      ['a', 'x', { sameSite: 'LAX' as 'lax' }],
      ['a', 'x', { sameSite: 'toString' as 'lax' }],
      ['a', 'x', { secure: false, sameSite: 'none' }],
      ['a', 'x', { secure: false, partitioned: true }],
      ['__Secure-a', 'x', { secure: false }],
      ['__HOST-a', 'x', { secure: false }],
      ['__Host-a', 'x', { path: '/a' }],
      ['__host-a', 'x', { domain: 'example.com' }],
    ]
    for (const [name, value, options] of cases) {
      assert.throws(
        () => serializeCookie(name, value, options),
        hasCode('COOKIE_INVALID'),
        JSON.stringify([name, options]),
      )
    }
  })

  test('takes as much as browsers do', () => {
    assert.equal(serializeCookie('a', 'x'.repeat(4_095)).startsWith('a=xxx'), true)
    assert.match(serializeCookie('__Host-a', 'x'), /; Secure/)
  })

  test('judges a long domain in no time', () => {
    assert.throws(
      () => serializeCookie('a', 'x', { domain: `${'a-'.repeat(100_000)}.` }),
      hasCode('COOKIE_INVALID'),
    )
  })
})

describe('Cookies', () => {
  function cookiesOf(header: string | undefined, isSecure = false): { cookies: Cookies; lines: string[] } {
    const lines: string[] = []
    return { cookies: new Cookies(header, (line) => lines.push(line), isSecure), lines }
  }

  test('reads the request', () => {
    const { cookies } = cookiesOf('a=1; b=2')
    assert.equal(cookies.get('a'), '1')
    assert.equal(cookies.get('c'), undefined)
    assert.deepEqual(
      [...cookies.entries()],
      [
        ['a', '1'],
        ['b', '2'],
      ],
    )
    assert.deepEqual([...cookiesOf(undefined).cookies.entries()], [])
  })

  test('parses when it is asked, not before', () => {
    const { cookies } = cookiesOf('a;'.repeat(600) + 'b=1')
    assert.throws(() => cookies.get('a'), hasCode('COOKIES_TOO_LARGE'))
  })

  test('sets cookies, Secure when the request was', () => {
    const plain = cookiesOf('a=1')
    plain.cookies.set('a', '2')
    assert.deepEqual(plain.lines, ['a=2; Path=/; HttpOnly; SameSite=Lax'])
    assert.equal(plain.cookies.get('a'), '1')
    const secure = cookiesOf(undefined, true)
    secure.cookies.set('a', '2')
    secure.cookies.set('b', '3', { secure: false })
    assert.deepEqual(secure.lines, [
      'a=2; Path=/; HttpOnly; Secure; SameSite=Lax',
      'b=3; Path=/; HttpOnly; SameSite=Lax',
    ])
  })

  test('is Secure anyway where browsers require it', () => {
    const { cookies, lines } = cookiesOf(undefined)
    cookies.set('__Host-a', '1')
    cookies.set('b', '1', { sameSite: 'none' })
    assert.ok(lines.length === 2 && lines.every((line) => line.includes('; Secure')))
    assert.throws(() => cookies.set('__Host-a', '1', { secure: false }), hasCode('COOKIE_INVALID'))
  })

  test('deletes with the attributes it was set with', () => {
    const { cookies, lines } = cookiesOf('a=1')
    cookies.delete('a', { path: '/x', domain: 'example.com' })
    assert.deepEqual(lines, [
      'a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=example.com; Path=/x; HttpOnly; SameSite=Lax',
    ])
  })
})

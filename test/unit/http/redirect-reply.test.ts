import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { redirectReply } from '../../../src/http/redirect-reply.ts'
import { hasCode } from './has-code.ts'

function location(of: string): string | undefined {
  return redirectReply(of, 302).headers.get('location')
}

describe('redirectReply', () => {
  test('gives status and location and no body', () => {
    for (const status of [301, 302, 303, 307, 308]) {
      const reply = redirectReply('/a', status)
      assert.deepEqual(
        [reply.status, reply.body, reply.type, reply.headers.get('location')],
        [status, null, undefined, '/a'],
      )
    }
  })

  test('refuses other statuses', () => {
    for (const status of [200, 300, 304, 305, 306, 400, NaN]) {
      assert.throws(() => redirectReply('/', status), hasCode('REDIRECT_INVALID', /not/))
    }
  })

  test('refuses control characters and nothing at all', () => {
    for (const bad of ['', '/a\r\nset-cookie: x=1', '/\n', '/\0', '/\t', '/\x7f']) {
      assert.throws(() => location(bad), hasCode('REDIRECT_INVALID'), JSON.stringify(bad))
    }
  })

  test('keeps a URL as it is, escapes included', () => {
    for (const url of [
      '/',
      '?a=1',
      '#x',
      '//host/a',
      "https://user:pw@[::1]:80/a;b,c/(d)?e=%20f&g=h+i#j!$*'~",
      '/%E4%BD%A0',
    ]) {
      assert.equal(location(url), url)
    }
  })

  test('encodes what a URL cannot hold', () => {
    assert.equal(location('/a b/你?q="x"<>`{|}^'), '/a%20b/%E4%BD%A0?q=%22x%22%3C%3E%60%7B%7C%7D%5E')
    assert.equal(location('/100%'), '/100%25')
    assert.equal(location('/%zz%2'), '/%25zz%252')
    assert.equal(location('/\ud800'), '/%EF%BF%BD')
    assert.equal(location('/😀'), '/%F0%9F%98%80')
  })

  test('encodes backslashes, which browsers take for slashes', () => {
    assert.equal(location(String.raw`/\evil.example`), '/%5Cevil.example')
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { contentDisposition } from '../../../src/http/content-disposition.ts'

test('contentDisposition follows RFC 6266 and RFC 8187', () => {
  const cases: [name: string | undefined, expected: string][] = [
    [undefined, 'attachment'],
    ['', 'attachment'],
    ['plan.html', 'attachment; filename="plan.html"'],
    ['a b.txt', 'attachment; filename="a b.txt"'],
    ['€ rates.txt', `attachment; filename="? rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`],
    ['a"b.txt', `attachment; filename="a_b.txt"; filename*=UTF-8''a%22b.txt`],
    ['100%.txt', `attachment; filename="100_.txt"; filename*=UTF-8''100%25.txt`],
    ["é'(*)", `attachment; filename="?'(*)"; filename*=UTF-8''%C3%A9%27%28%2A%29`],
    ['../../etc/passwd', 'attachment; filename=".._.._etc_passwd"'],
    [String.raw`C:\x`, 'attachment; filename="C:_x"'],
    ['a\r\nset-cookie: x=1', 'attachment; filename="a__set-cookie: x=1"'],
    ['a\0\x7f\x80', 'attachment; filename="a___"'],
    ['\ud800', `attachment; filename="?"; filename*=UTF-8''%EF%BF%BD`],
  ]
  for (const [name, expected] of cases) assert.equal(contentDisposition('attachment', name), expected)
  assert.equal(contentDisposition('inline', 'a.txt'), 'inline; filename="a.txt"')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'

import { parseMediaType } from '../../../src/http/media-type.ts'

test('parseMediaType gives the essence in lower case and the charset', () => {
  const cases: [header: string, essence: string, charset: string | undefined][] = [
    ['text/plain', 'text/plain', undefined],
    [' Text/PLAIN ; Charset=UTF-8', 'text/plain', 'utf-8'],
    ['text/plain;charset="utf-8"', 'text/plain', 'utf-8'],
    [String.raw`text/plain; charset="u\tf-8"`, 'text/plain', 'utf-8'],
    ['text/plain; a="; charset=x"; charset=y', 'text/plain', 'y'],
    ['text/plain; charset=a; charset=b', 'text/plain', 'a'],
    ['text/plain;', 'text/plain', undefined],
    ['text/plain; ;;charset=x', 'text/plain', 'x'],
    ['text/plain; a="b" ; charset=x', 'text/plain', 'x'],
    ['text/plain; =; charset=x', 'text/plain', undefined],
    ['application/vnd.a+json', 'application/vnd.a+json', undefined],
  ]
  for (const [header, essence, charset] of cases)
    assert.deepEqual(parseMediaType(header), { essence, charset }, header)
})

test('parseMediaType refuses what is no media type', () => {
  for (const header of [
    '',
    ' ',
    'text',
    '/',
    'text/',
    '/plain',
    'te xt/plain',
    'text/plain/x',
    'text/plain, text/html',
    'a'.repeat(2_000),
  ]) {
    assert.equal(parseMediaType(header), undefined, header)
  }
})

test('parseMediaType takes no time for hostile parameters', () => {
  for (const header of [
    `a/b;${'a=";'.repeat(200)}`,
    `a/b;a="${'\\'.repeat(900)}`,
    `a/b${'; '.repeat(400)}`,
  ]) {
    assert.equal(parseMediaType(header)?.charset, undefined)
  }
})

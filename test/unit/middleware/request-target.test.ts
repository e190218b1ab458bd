import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { requestTarget } from '../../../src/middleware/static/request-target.ts'

describe('requestTarget', () => {
  test('decodes paths below the prefix', () => {
    for (const [path, prefix, expected] of [
      ['/', '', ['', '']],
      ['/a', '', ['a', 'a']],
      ['/a/b.txt', '', ['a/b.txt', 'b.txt']],
      ['/a/', '', ['a/', '']],
      ['/%C3%BC%20x', '', ['ü x', '%C3%BC%20x']],
      ['/100%25', '', ['100%', '100%25']],
      ['/%2e%2e/a', '', ['../a', 'a']],
      ['/s/a', 's', ['a', 'a']],
      ['/s', 's', ['', 's']],
      ['/s/', 's', ['', '']],
      ['/%73/a', 's', ['a', 'a']],
      ['/s/t/a/b', 's/t', ['a/b', 'b']],
    ] as const) {
      const target = requestTarget(path, prefix === '' ? [] : prefix.split('/'))
      assert.deepEqual([target?.path, target?.lastSegment], expected, path)
    }
  })

  test('gives nothing for what names no file', () => {
    for (const path of [
      '',
      '*',
      'a',
      'http://x/a',
      '//a',
      '/a//b',
      '/a%2fb',
      '/a%2Fb',
      '/a%5cb',
      '/a\\b',
      '/%00',
      '/a\0',
    ]) {
      assert.equal(requestTarget(path, []), undefined, JSON.stringify(path))
    }
    for (const path of [
      '/%',
      '/%2',
      '/%zz',
      '/%ff',
      '/%c0%af',
      '/%e0%80%af',
      '/%ed%a0%80',
      '/%f8%88%80%80%80',
    ]) {
      assert.equal(requestTarget(path, []), undefined, path)
    }
    for (const path of ['/', '/S/a', '/sa', '/a/s', '/s%2fa'])
      assert.equal(requestTarget(path, ['s']), undefined, path)
  })
})

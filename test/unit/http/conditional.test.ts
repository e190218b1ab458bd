import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { evaluateConditions, isRangeCurrent, type Validators } from '../../../src/http/conditional.ts'

const MODIFIED = Date.UTC(2026, 0, 2, 3, 4, 5) + 678
const SAME = 'Fri, 02 Jan 2026 03:04:05 GMT'
const BEFORE = 'Fri, 02 Jan 2026 03:04:04 GMT'
const AFTER = 'Fri, 02 Jan 2026 03:04:06 GMT'
const STRONG: Validators = { etag: '"a"', modifiedMs: MODIFIED }
const WEAK: Validators = { etag: 'W/"a"', modifiedMs: MODIFIED }

function requestOf(
  headers: Record<string, string>,
  method = 'GET',
): { method: string; header(name: string): string | undefined } {
  return { method, header: (name) => headers[name] }
}

describe('evaluateConditions', () => {
  test('goes on without conditions', () => {
    assert.equal(evaluateConditions(requestOf({}), STRONG), undefined)
  })

  const CASES: [headers: Record<string, string>, validators: Validators, expected: 304 | 412 | undefined][] =
    [
      [{ 'if-none-match': '"a"' }, STRONG, 304],
      [{ 'if-none-match': 'W/"a"' }, STRONG, 304],
      [{ 'if-none-match': '"a"' }, WEAK, 304],
      [{ 'if-none-match': '"x", "a"' }, STRONG, 304],
      [{ 'if-none-match': '*' }, STRONG, 304],
      [{ 'if-none-match': '*' }, {}, 304],
      [{ 'if-none-match': '"b"' }, STRONG, undefined],
      [{ 'if-none-match': '"a"' }, {}, undefined],
      [{ 'if-none-match': 'a' }, STRONG, undefined],
      [{ 'if-none-match': '"b"', 'if-modified-since': SAME }, STRONG, undefined],
      [{ 'if-none-match': '"a"', 'if-modified-since': BEFORE }, STRONG, 304],
      [{ 'if-modified-since': SAME }, STRONG, 304],
      [{ 'if-modified-since': AFTER }, STRONG, 304],
      [{ 'if-modified-since': BEFORE }, STRONG, undefined],
      [{ 'if-modified-since': 'yesterday' }, STRONG, undefined],
      [{ 'if-modified-since': SAME }, { etag: '"a"' }, undefined],
      [{ 'if-match': '"a"' }, STRONG, undefined],
      [{ 'if-match': '*' }, STRONG, undefined],
      [{ 'if-match': '"b", "a"' }, STRONG, undefined],
      [{ 'if-match': '"b"' }, STRONG, 412],
      [{ 'if-match': 'W/"a"' }, STRONG, 412],
      [{ 'if-match': 'W/"a"' }, WEAK, 412],
      [{ 'if-match': '"a"' }, {}, 412],
      [{ 'if-match': '"a"', 'if-unmodified-since': BEFORE }, STRONG, undefined],
      [{ 'if-unmodified-since': BEFORE }, STRONG, 412],
      [{ 'if-unmodified-since': SAME }, STRONG, undefined],
      [{ 'if-unmodified-since': 'x' }, STRONG, undefined],
      [{ 'if-unmodified-since': BEFORE }, {}, undefined],
      [{ 'if-match': '"b"', 'if-none-match': '"a"' }, STRONG, 412],
      [{ 'if-match': '"a"', 'if-none-match': '"a"' }, STRONG, 304],
      [{ 'if-unmodified-since': SAME, 'if-modified-since': SAME }, STRONG, 304],
    ]
  for (const [headers, validators, expected] of CASES) {
    test(`${JSON.stringify(headers)} on ${JSON.stringify(validators)} gives ${String(expected)}`, () => {
      assert.equal(evaluateConditions(requestOf(headers), validators), expected)
      assert.equal(evaluateConditions(requestOf(headers, 'HEAD'), validators), expected)
    })
  }

  test('answers 412 instead of 304 to methods that change something, and ignores If-Modified-Since', () => {
    assert.equal(evaluateConditions(requestOf({ 'if-none-match': '*' }, 'PUT'), STRONG), 412)
    assert.equal(evaluateConditions(requestOf({ 'if-modified-since': SAME }, 'PUT'), STRONG), undefined)
    assert.equal(evaluateConditions(requestOf({ 'if-match': '"b"' }, 'PUT'), STRONG), 412)
  })
})

test('isRangeCurrent compares strongly and to the second', () => {
  const cases: [ifRange: string | undefined, validators: Validators, expected: boolean][] = [
    [undefined, STRONG, true],
    ['"a"', STRONG, true],
    ['"b"', STRONG, false],
    ['W/"a"', STRONG, false],
    ['W/"a"', WEAK, false],
    ['"a"', {}, false],
    [SAME, WEAK, true],
    [BEFORE, WEAK, false],
    [AFTER, WEAK, false],
    [SAME, { etag: '"a"' }, false],
    ['a', STRONG, false],
    ['', STRONG, false],
  ]
  for (const [ifRange, validators, expected] of cases) {
    const request = requestOf(ifRange === undefined ? {} : { 'if-range': ifRange })
    assert.equal(isRangeCurrent(request, validators), expected, String(ifRange))
  }
})

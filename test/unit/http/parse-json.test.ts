import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { locateJsonError } from '../../../src/http/locate-json-error.ts'
import { parseJson } from '../../../src/http/parse-json.ts'
import { hasCode } from './has-code.ts'

describe('parseJson', () => {
  test('gives what JSON.parse gives, duplicate keys included', () => {
    for (const text of [
      '1',
      '"a"',
      'null',
      ' [1, {"a": []}] ',
      '{"a":1,"a":2}',
      '"\\u2028\u2028"',
      '{"constructor":1,"prototype":2}',
      '{"":{"constructor":{}}}',
    ]) {
      assert.deepEqual(parseJson(text, 64), JSON.parse(text))
    }
  })

  test('refuses __proto__ and constructor.prototype, however they are spelled and wherever', () => {
    for (const text of [
      '{"__proto__":1}',
      '{"__proto__":null}',
      '[[{"a":{"__proto__":{}}}]]',
      String.raw`{"__pro\u0074o__":{}}`,
      String.raw`{"\u005F\u005fproto__":{}}`,
      '{"constructor":{"prototype":{"x":1}}}',
      String.raw`{"constructor":{"\u0070rototype":1}}`,
      String.raw`{"c\u006fnstructor":{"prototype":1}}`,
    ]) {
      assert.throws(() => parseJson(text, 64), hasCode('JSON_KEY_FORBIDDEN'), text)
    }
  })

  test('takes those words in values', () => {
    for (const text of [
      '"__proto__"',
      '["__proto__"]',
      '{"a":"\\"__proto__\\":"}',
      '{"prototype":{}}',
      '{"constructor":[{"x":"prototype"}]}',
      String.raw`{"a":"\u0061"}`,
    ]) {
      assert.deepEqual(parseJson(text, 64), JSON.parse(text))
    }
  })

  test('counts depth outside of strings only', () => {
    assert.equal(parseJson('"[[[[[[[["', 1), '[[[[[[[[')
    assert.deepEqual(parseJson('["\\"[[{{"]', 1), ['"[[{{'])
    assert.deepEqual(parseJson('[[],[],{},[]]', 2), [[], [], {}, []])
    assert.throws(() => parseJson('[[],[{}]]', 2), hasCode('JSON_TOO_DEEP'))
    assert.throws(() => (parseJson('1', 0) as never) && parseJson('[]', 0), hasCode('JSON_TOO_DEEP'))
  })

  test('survives brackets that never close, and strings that never end', () => {
    assert.throws(() => parseJson('{"a":'.repeat(200_000), 64), hasCode('JSON_TOO_DEEP'))
    assert.throws(() => parseJson(`"${'\\'.repeat(200_001)}`, 64), hasCode('JSON_INVALID'))
    assert.throws(() => parseJson(']'.repeat(200_000), 64), hasCode('JSON_INVALID', /position 0/))
  })

  test('says where the error is, in lines and columns', () => {
    assert.throws(
      () => parseJson('{\n  "a": 1,\n}', 64),
      hasCode('JSON_INVALID', /position 12 \(line 3, column 1\)/),
    )
    assert.throws(() => parseJson('[1, 2', 64), hasCode('JSON_INVALID', /ends too early, at position 5/))
    assert.throws(() => parseJson('', 64), hasCode('JSON_INVALID', /empty/))
  })
})

describe('locateJsonError', () => {
  const CASES: [text: string, position: number][] = [
    ['{}', -1],
    ['', 0],
    [' ', 1],
    ['[1,]', 3],
    ['[,1]', 1],
    ['[1 2]', 3],
    ['{"a"}', 4],
    ['{"a":}', 5],
    ['{"a":1,}', 7],
    ['{a:1}', 1],
    ["{'a':1}", 1],
    ['[}', 1],
    ['{]', 1],
    ['1 1', 2],
    ['01', 1],
    ['-', 1],
    ['-a', 1],
    ['1.', 1],
    ['.5', 0],
    ['+1', 0],
    ['tru', 3],
    ['trux', 3],
    ['nullx', 4],
    ['NaN', 0],
    ['"a', 2],
    ['"\n"', 1],
    ['"\\x"', 1],
    ['"\\u12g4"', 1],
    ['[1]]', 3],
    ['\ufeff1', 0],
    ['\u00a01', 0],
  ]
  for (const [text, position] of CASES) {
    test(`finds ${position} in ${JSON.stringify(text)}`, () => {
      assert.equal(locateJsonError(text), position)
    })
  }

  test('is not confused by depth', () => {
    assert.equal(locateJsonError('['.repeat(100_000)), 100_000)
    assert.equal(locateJsonError('['.repeat(100_000) + ']'.repeat(100_000)), -1)
  })
})

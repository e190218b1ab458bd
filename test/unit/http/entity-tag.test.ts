import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  fileEntityTag,
  matchesStrongly,
  matchesWeakly,
  parseEntityTags,
} from '../../../src/http/entity-tag.ts'

test('parseEntityTags reads lists, commas in tags included', () => {
  const cases: [header: string, tags: '*' | string[]][] = [
    ['"a"', ['"a"']],
    ['W/"a"', ['W/"a"']],
    ['"a", W/"b" ,"c"', ['"a"', 'W/"b"', '"c"']],
    ['"a,b", "c"', ['"a,b"', '"c"']],
    [' , "a",, "b"', ['"a"', '"b"']],
    ['""', ['""']],
    ['*', '*'],
    [' * ', '*'],
    ['', []],
    ['a', []],
    ['"a', []],
    ['w/"a"', []],
    ['"a" "b"', []],
    ['"a", b, "c"', ['"a"']],
  ]
  for (const [header, tags] of cases) assert.deepEqual(parseEntityTags(header), tags, header)
})

test('parseEntityTags takes no time for hostile headers', () => {
  assert.deepEqual(parseEntityTags(', '.repeat(50_000)), [])
  assert.deepEqual(parseEntityTags(`"${'a'.repeat(50_000)}`), [])
  assert.deepEqual(parseEntityTags(`"a"${' '.repeat(50_000)}x`), [])
})

test('tags compare as in RFC 9110 section 8.8.3.2', () => {
  const table: [a: string, b: string, strong: boolean, weak: boolean][] = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ]
  for (const [a, b, strong, weak] of table) {
    assert.deepEqual([matchesStrongly(a, b), matchesWeakly(a, b)], [strong, weak])
    assert.deepEqual([matchesStrongly(b, a), matchesWeakly(b, a)], [strong, weak])
  }
})

test('fileEntityTag is weak and changes with size and time', () => {
  const tag = fileEntityTag(10, 1_000.5)
  assert.match(tag, /^W\/"[0-9a-z]+-[0-9a-z]+"$/)
  assert.deepEqual(parseEntityTags(tag), [tag])
  assert.equal(
    new Set([tag, fileEntityTag(11, 1_000.5), fileEntityTag(10, 1_000.75), fileEntityTag(10, 1_001)]).size,
    4,
  )
})

import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { GoWebError } from '../../src/errors/goweb-error.ts'
import { locateJsonError } from '../../src/http/locate-json-error.ts'
import { parseJson } from '../../src/http/parse-json.ts'
import { fuzzOptions } from './fuzz-options.ts'

const MAX_DEPTH = 6
const PIECES = [
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  '"',
  '\\',
  '"a"',
  '"a":',
  '"__proto__":',
  '"constructor":',
  '"prototype":',
  '"\\u005f_proto__":',
  '1',
  '-',
  '0',
  '01',
  '.5',
  '1.',
  'e',
  '1e5',
  '-0',
  'true',
  'fals',
  'null',
  'nul',
  ' ',
  '\n',
  '\t',
  '\u00a0',
  '\\u12',
  '\\u0041',
  '\\x',
  '"\u0001"',
  '\ufeff',
  'NaN',
  '/',
  "'",
  '"\ud800"',
  '"é"',
]

const broken = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((pieces) => pieces.join(''))
const sound = fc.json({ maxDepth: 8 })
/** Sound JSON with one character taken out or put in. */
const mutated = fc
  .tuple(sound, fc.nat(), fc.constantFrom('', ...PIECES))
  .map(
    ([text, at, piece]) =>
      text.slice(0, at % (text.length + 1)) + piece + text.slice((at % (text.length + 1)) + 1),
  )
const anyText = fc.oneof(broken, sound, mutated, fc.string({ unit: 'binary', maxLength: 20 }))

function nativeParse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}

function isForbidden(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { constructor } = value as { constructor?: unknown }
  if (Object.hasOwn(value, '__proto__')) return true
  if (
    !Array.isArray(value) &&
    Object.hasOwn(value, 'constructor') &&
    typeof constructor === 'object' &&
    constructor !== null &&
    Object.hasOwn(constructor, 'prototype')
  ) {
    return true
  }
  return Object.values(value).some(isForbidden)
}

test('parseJson equals JSON.parse where it is allowed, and throws only GoWebError otherwise', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const native = nativeParse(text)
      let value: unknown
      try {
        value = parseJson(text, MAX_DEPTH)
      } catch (error) {
        assert.ok(error instanceof GoWebError, String(error))
        if (error.code === 'JSON_INVALID') assert.equal(native, undefined)
        else if (error.code === 'JSON_KEY_FORBIDDEN')
          assert.ok(native !== undefined && isForbidden(native.value))
        else {
          assert.equal(error.code, 'JSON_TOO_DEEP')
          assert.ok(native === undefined || depthOf(native.value) > MAX_DEPTH)
        }
        return
      }
      assert.ok(native !== undefined)
      assert.deepEqual(value, native.value)
      assert.ok(depthOf(value) <= MAX_DEPTH)
      assert.ok(!isForbidden(value))
    }),
    fuzzOptions(20_000),
  )
})

test('locateJsonError says -1 exactly for JSON, and the longest prefix that JSON can begin with otherwise', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const position = locateJsonError(text)
      assert.equal(position === -1, nativeParse(text) !== undefined, JSON.stringify(text))
      if (position === -1) return
      // What comes before the position is sound: the error of that prefix lies at its own end, or it is JSON itself.
      const ofPrefix = locateJsonError(text.slice(0, position))
      assert.ok(
        ofPrefix === -1 || ofPrefix >= position || isInsideToken(text, ofPrefix, position),
        JSON.stringify(text),
      )
    }),
    fuzzOptions(20_000),
  )
})

/** An escape or a number is judged as a whole, so an error may be placed at its beginning. */
function isInsideToken(text: string, from: number, to: number): boolean {
  return /^(?:\\u?[0-9a-fA-F]{0,4}|-?[0-9.eE+-]*)$/.test(text.slice(from, to))
}

import assert from 'node:assert/strict'
import { test } from 'node:test'

import * as fc from 'fast-check'

import { coalesceRanges, parseByteRanges } from '../../src/http/byte-ranges.ts'
import { fuzzOptions } from './fuzz-options.ts'

/** The bytes that a header asks for, marked one by one; undefined when the header has to be ignored. */
function oracle(header: string, size: number): boolean[] | undefined {
  if (!/^[ \t]*bytes[ \t]*=/i.test(header)) return undefined
  const asked = Array.from({ length: size }, () => false)
  const specs = header
    .slice(header.indexOf('=') + 1)
    .split(',')
    .map((spec) => spec.replaceAll(/^[ \t]+|[ \t]+$/g, ''))
    .filter((spec) => spec !== '')
  if (specs.length === 0) return undefined
  for (const spec of specs) {
    const dash = spec.indexOf('-')
    const first = spec.slice(0, dash)
    const last = spec.slice(dash + 1)
    if (dash === -1 || !/^[0-9]*$/.test(first) || !/^[0-9]*$/.test(last) || spec === '-') return undefined
    if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined
    for (let i = 0; i < size; i++) {
      const isIn =
        first === '' ? i >= size - Number(last) : i >= Number(first) && (last === '' || i <= Number(last))
      if (isIn) asked[i] = true
    }
  }
  return asked
}

test('parseByteRanges marks the bytes that a naive reading marks', () => {
  const digits = fc.oneof(
    fc.integer({ min: 0, max: 25 }).map(String),
    fc.constantFrom('', '00', '007', '999999999999999'),
  )
  const spec = fc.oneof(
    fc.tuple(digits, digits).map(([first, last]) => `${first}-${last}`),
    fc.constantFrom('', ' ', '\t', '-', '1', 'a-b', '1--2', '1-2-3', '+1-2', '1- 2', '-5', '0-'),
  )
  const header = fc
    .tuple(
      fc.constantFrom('bytes=', 'Bytes=', ' bytes =', 'bytes', 'items=', '=', ''),
      fc.array(spec, { maxLength: 6 }),
      fc.constantFrom(',', ', ', ' ,'),
    )
    .map(([unit, specs, comma]) => unit + specs.join(comma))
  fc.assert(
    fc.property(header, fc.integer({ min: 0, max: 20 }), (text, size) => {
      const expected = oracle(text, size)
      const found = parseByteRanges(text, size)
      if (expected === undefined) {
        assert.equal(found, undefined)
        return
      }
      assert.notEqual(found, undefined)
      const marked = Array.from({ length: size }, () => false)
      for (const { start, end } of found === 'unsatisfiable' || found === undefined ? [] : found) {
        assert.ok(start >= 0 && start <= end && end < size)
        marked.fill(true, start, end + 1)
      }
      assert.deepEqual(marked, expected)
      assert.equal(found === 'unsatisfiable', !expected.includes(true))
      if (found === undefined || found === 'unsatisfiable') return
      const whole = coalesceRanges(found)
      const hasHole = expected.slice(expected.indexOf(true), expected.lastIndexOf(true) + 1).includes(false)
      assert.deepEqual(
        whole,
        hasHole ? undefined : { start: expected.indexOf(true), end: expected.lastIndexOf(true) },
      )
    }),
    fuzzOptions(20_000),
  )
})

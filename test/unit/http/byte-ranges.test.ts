import assert from 'node:assert/strict'
import { test } from 'node:test'

import { coalesceRanges, parseByteRanges } from '../../../src/http/byte-ranges.ts'

test('parseByteRanges reads the forms of RFC 9110 section 14.1.2', () => {
  const cases: [header: string, expected: [number, number][] | 'unsatisfiable' | undefined][] = [
    ['bytes=0-0', [[0, 0]]],
    ['bytes=0-', [[0, 9]]],
    ['bytes=9-', [[9, 9]]],
    ['bytes=2-100', [[2, 9]]],
    ['bytes=-3', [[7, 9]]],
    ['bytes=-100', [[0, 9]]],
    ['BYTES=0-1', [[0, 1]]],
    [
      'bytes=0-1, 4-5,,\t-1',
      [
        [0, 1],
        [4, 5],
        [9, 9],
      ],
    ],
    ['bytes=20-30, 0-1', [[0, 1]]],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=10-20, 30-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=', undefined],
    ['bytes=,', undefined],
    ['bytes', undefined],
    ['', undefined],
    ['items=0-1', undefined],
    ['bytes=2-1', undefined],
    ['bytes=-', undefined],
    ['bytes=a-b', undefined],
    ['bytes=0-1;2-3', undefined],
    ['bytes=0x0-1', undefined],
    ['bytes=1.5-2', undefined],
    ['bytes=--1', undefined],
    ['bytes=0-1, x', undefined],
    [`bytes=0-${'9'.repeat(17)}`, undefined],
    [`bytes=${Array.from({ length: 51 }, () => '0-0').join(',')}`, undefined],
  ]
  for (const [header, expected] of cases) {
    const ranges = Array.isArray(expected) ? expected.map(([start, end]) => ({ start, end })) : expected
    assert.deepEqual(parseByteRanges(header, 10), ranges, header)
  }
})

test('no range of an empty body can be satisfied', () => {
  for (const header of ['bytes=0-', 'bytes=-1', 'bytes=0-0'])
    assert.equal(parseByteRanges(header, 0), 'unsatisfiable')
})

test('parseByteRanges takes no time for hostile headers', () => {
  assert.equal(parseByteRanges(`bytes=${','.repeat(100_000)}`, 10), undefined)
  assert.equal(parseByteRanges(`bytes=${' '.repeat(100_000)}x`, 10), undefined)
  assert.equal(parseByteRanges(`bytes=x${' '.repeat(200_000)}x`, 10), undefined)
  assert.equal(parseByteRanges(`bytes=0-1${'\t '.repeat(100_000)}x`, 10), undefined)
})

test('coalesceRanges joins what overlaps or touches, in any order', () => {
  const cases: [ranges: [number, number][], whole: [number, number] | undefined][] = [
    [[[0, 4]], [0, 4]],
    [
      [
        [5, 9],
        [0, 4],
      ],
      [0, 9],
    ],
    [
      [
        [0, 9],
        [2, 3],
      ],
      [0, 9],
    ],
    [
      [
        [0, 4],
        [6, 9],
      ],
      undefined,
    ],
    [[], undefined],
  ]
  for (const [ranges, whole] of cases) {
    assert.deepEqual(
      coalesceRanges(ranges.map(([start, end]) => ({ start, end }))),
      whole === undefined ? undefined : { start: whole[0], end: whole[1] },
    )
  }
})

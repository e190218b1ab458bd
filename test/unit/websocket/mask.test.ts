import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advanceMask, applyMask } from '../../../src/websocket/mask.ts'

const MASK = [0x12, 0xf4, 0x00, 0x9a] as const
const KEY = MASK[0] | (MASK[1] << 8) | (MASK[2] << 16) | (MASK[3] << 24)

test('masks any length at any alignment as byte by byte', () => {
  for (const length of [
    0, 1, 2, 3, 4, 5, 7, 8, 22, 23, 24, 25, 26, 27, 31, 32, 39, 40, 43, 127, 255, 1_000,
  ]) {
    for (let offset = 0; offset < 8; offset++) {
      const memory = Uint8Array.from({ length: length + 16 }, (_, index) => index * 31)
      const expected = memory.slice()
      for (let i = 0; i < length; i++) expected[offset + i]! ^= MASK[(i % 4) as 0 | 1 | 2 | 3]
      // A view that begins inside its buffer, as chunks of a pool do.
      const view = memory.subarray(offset % 4)
      applyMask(view, offset - (offset % 4), offset - (offset % 4) + length, KEY)
      assert.deepEqual(memory, expected, `${length} bytes at ${offset}`)
    }
  }
})

test('tells whether what results is ASCII', () => {
  for (const length of [1, 6, 23, 24, 27, 44, 127, 131, 500]) {
    for (let at = 0; at < length; at++) {
      const bytes = new Uint8Array(length).fill(0x41)
      applyMask(bytes, 0, length, KEY)
      assert.equal(applyMask(bytes, 0, length, KEY), 0)
      bytes[at] = 0x80
      applyMask(bytes, 0, length, KEY)
      assert.notEqual(applyMask(bytes, 0, length, KEY), 0, `${at} of ${length}`)
    }
  }
})

test('goes on where a piece ended', () => {
  const whole = Uint8Array.from({ length: 41 }, (_, index) => index)
  const expected = whole.slice()
  applyMask(expected, 0, 41, KEY)
  for (let at = 0; at <= 41; at++) {
    const pieces = whole.slice()
    applyMask(pieces, 0, at, KEY)
    applyMask(pieces, at, 41, advanceMask(KEY, at))
    assert.deepEqual(pieces, expected)
  }
})

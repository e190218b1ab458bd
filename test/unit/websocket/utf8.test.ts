import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeUtf8, UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from '../../../src/websocket/utf8.ts'
import { concat, hex } from './client-frame.ts'

/** Length of the longest prefix that the beginning of some UTF-8 text has, found with the platform's decoder. */
function validPrefix(bytes: Uint8Array): number {
  for (let length = bytes.length; length > 0; length--) {
    if (isPrefix(bytes.subarray(0, length))) return length
  }
  return 0
}

function isPrefix(bytes: Uint8Array): boolean {
  const tails = ['', '80', '8080', '808080', '90', '9080', '908080', 'a0', 'a080', '8f8080', '8080bf']
  return tails.some((tail) => decodes(concat(bytes, hex(tail))))
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

describe('UTF-8 validation', () => {
  test('agrees with the decoder on every sequence of up to three bytes of interest', () => {
    const interesting = [
      0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed,
      0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff,
    ]
    for (const first of interesting) {
      for (const second of interesting) {
        for (const third of interesting) {
          const bytes = Uint8Array.of(first, second, third)
          assert.equal(validateUtf8(UTF8_ACCEPT, bytes, 0, 3) === UTF8_ACCEPT, decodes(bytes), bytes.join())
        }
      }
    }
  })

  test('accepts every character and no surrogate', () => {
    for (let point = 0; point <= 0x10ffff; point += point < 0x3000 ? 1 : 0x7f) {
      const isSurrogate = point >= 0xd800 && point <= 0xdfff
      const bytes = isSurrogate
        ? Uint8Array.of(0xed, 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f))
        : new TextEncoder().encode(String.fromCodePoint(point))
      const expected = isSurrogate ? UTF8_REJECT : UTF8_ACCEPT
      assert.equal(validateUtf8(UTF8_ACCEPT, bytes, 0, bytes.length), expected, point.toString(16))
    }
  })

  test('fails at the first byte that rules UTF-8 out, in pieces as at once', () => {
    for (const bad of [
      'c0',
      'c1',
      '80',
      'f5',
      'ff',
      'e09f',
      'eda0',
      'f08f',
      'f490',
      'c341',
      'e28241',
      'f09f9841',
      'f0902841',
    ]) {
      const bytes = concat(hex('41c3a9'), hex(bad), hex('41'))
      const valid = validPrefix(bytes)
      let state = UTF8_ACCEPT
      let failedAt = -1
      for (let i = 0; i < bytes.length && failedAt === -1; i++) {
        state = validateUtf8(state, bytes, i, i + 1)
        if (state === UTF8_REJECT) failedAt = i
      }
      assert.equal(failedAt, valid, bad)
      assert.equal(validateUtf8(UTF8_ACCEPT, bytes, 0, bytes.length), UTF8_REJECT, bad)
    }
  })

  test('gives the same for large pieces wherever they are cut', () => {
    const text = new TextEncoder().encode('aé€𝄞'.repeat(60))
    for (let at = 0; at <= text.length; at++) {
      const state = validateUtf8(UTF8_ACCEPT, text, 0, at)
      assert.notEqual(state, UTF8_REJECT)
      assert.equal(validateUtf8(state, text, at, text.length), UTF8_ACCEPT)
      if (at === text.length) continue
      const broken = text.slice()
      broken[at] = 0xff
      assert.equal(validateUtf8(UTF8_ACCEPT, broken, 0, broken.length), UTF8_REJECT)
    }
  })

  test('decodes whole texts only', () => {
    assert.equal(decodeUtf8(hex('efbbbf c3a9')), '\u{feff}é')
    assert.equal(decodeUtf8(hex('c3')), undefined)
    assert.equal(decodeUtf8(hex('')), '')
  })
})

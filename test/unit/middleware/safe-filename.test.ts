import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import * as fc from 'fast-check'

import { safeFilename } from '../../../src/middleware/multipart/safe-filename.ts'

describe('safeFilename', () => {
  test('keeps good names and makes good ones of others', () => {
    for (const [name, safe] of [
      ['photo.jpg', 'photo.jpg'],
      ['ünï çøde 😀.txt', 'ünï çøde 😀.txt'],
      ['u\u0308.txt', 'ü.txt'],
      ['/etc/passwd', 'passwd'],
      ['..\\..\\windows\\system.ini', 'system.ini'],
      ['a/b\\c', 'c'],
      ['..', ''],
      ['.', ''],
      ['', ''],
      ['a/', ''],
      ['.htaccess', 'htaccess'],
      ['. . .bashrc', 'bashrc'],
      ['name. . ', 'name'],
      ['a\0b\r\nc\u007f', 'a_b__c_'],
      ['annual\u202efdp.exe', 'annual_fdp.exe'],
      ['a<b>:"|?*.txt', 'a_b______.txt'],
      ['CON', '_CON'],
      ['nul.txt', '_nul.txt'],
      ['com1.log', '_com1.log'],
      ['console.log', 'console.log'],
      ['half\ud800.txt', 'half\ufffd.txt'],
    ] as const) {
      assert.equal(safeFilename(name), safe, JSON.stringify(name))
    }
  })

  test('shortens long names and keeps their extension', () => {
    for (const letter of ['x', 'ü', '😀']) {
      const safe = safeFilename(`${letter.repeat(500)}.tar`)
      assert.match(safe, /^(.)\1+\.tar$/u)
      assert.ok(Buffer.byteLength(safe) <= 200 && Buffer.byteLength(safe) > 190)
    }
    assert.equal(Buffer.byteLength(safeFilename(`a.${'x'.repeat(500)}`)), 200)
  })

  test('is safe and stable whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
        const safe = safeFilename(name)
        assert.ok(Buffer.byteLength(safe) <= 200)
        assert.doesNotMatch(safe, /[/\\<>:"|?*\p{Cc}]|^[. ]|[. ]$/u)
        assert.equal(safeFilename(safe), safe)
      }),
      { numRuns: 3_000, seed: 1 },
    )
  })

  test('takes little time for hostile names', () => {
    for (const hostile of [' '.repeat(1_000_000), `${'. '.repeat(500_000)}x`, `x${' '.repeat(1_000_000)}y`]) {
      assert.ok(Buffer.byteLength(safeFilename(hostile)) <= 200)
    }
  })
})

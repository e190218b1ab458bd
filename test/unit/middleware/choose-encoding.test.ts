import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { EncodingChooser } from '../../../src/middleware/encoding/choose-encoding.ts'

const chooser = new EncodingChooser(['br', 'zstd', 'gzip'])

describe('EncodingChooser', () => {
  test('orders codings by weight, then by the server', () => {
    const cases: readonly (readonly [
      header: string | undefined,
      codings: string,
      refusesIdentity?: boolean,
    ])[] = [
      [undefined, ''],
      ['', ''],
      ['gzip, br, zstd', 'br zstd gzip'],
      ['gzip;q=0.9, br;q=0.8', 'gzip br'],
      ['GZip ; Q=1.000 ,\tBR;q=0.001', 'gzip br'],
      ['x-gzip', 'gzip'],
      ['*', 'br zstd gzip'],
      ['br;q=0, *', 'zstd gzip'],
      ['gzip, *;q=0.1', 'gzip br zstd'],
      ['gzip, *;q=0', 'gzip', true],
      ['identity', ''],
      ['identity;q=0', '', true],
      ['identity;q=0, gzip', 'gzip', true],
      ['identity;q=0.5, gzip;q=0.4, br;q=0.5', 'br'],
      ['identity, gzip', 'gzip'],
      ['*;q=0', '', true],
      ['*;q=0, identity', ''],
      ['deflate, compress', ''],
      // Malformed members count for nothing.
      ['gzip;q=2, br', 'br'],
      ['gzip;q=0.1234, br', 'br'],
      ['gzip;q=-1, br', 'br'],
      ['gzip;q=, br', 'br'],
      ['gzip;level=9, br', 'br'],
      ['gzip;q=1;q=1, br', 'br'],
      [',,;;,;q=1,br', 'br'],
      ['__proto__, constructor, br', 'br'],
    ]
    for (let round = 0; round < 2; round++) {
      for (const [header, codings, refusesIdentity = false] of cases) {
        assert.deepEqual(
          chooser.choose(header),
          { codings: codings === '' ? [] : codings.split(' '), refusesIdentity },
          header ?? '(none)',
        )
      }
    }
  })

  test('remembers no more than a little', () => {
    for (let i = 0; i < 1_000; i++) {
      assert.deepEqual(chooser.choose(`gzip, unknown-${i}`).codings, ['gzip'])
      assert.deepEqual(chooser.choose(`br, ${'x'.repeat(10_000)}${i}`).codings, ['br'])
    }
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseExtensions } from '../../../src/websocket/extension-header.ts'

describe('Sec-WebSocket-Extensions', () => {
  const good: [header: string | undefined, offers: unknown][] = [
    [undefined, []],
    ['', []],
    ['foo', [{ name: 'foo', parameters: [] }]],
    [
      'foo, bar; baz=2',
      [
        { name: 'foo', parameters: [] },
        { name: 'bar', parameters: [['baz', '2']] },
      ],
    ],
    [
      'permessage-deflate; client_max_window_bits; server_max_window_bits=10',
      [
        {
          name: 'permessage-deflate',
          parameters: [
            ['client_max_window_bits', undefined],
            ['server_max_window_bits', '10'],
          ],
        },
      ],
    ],
    ['a;b="10"', [{ name: 'a', parameters: [['b', '10']] }]],
    ['a;b="1\\0"', [{ name: 'a', parameters: [['b', '10']] }]],
    ['a ; b = c', [{ name: 'a', parameters: [['b', 'c']] }]],
    [
      ', a,, b ,',
      [
        { name: 'a', parameters: [] },
        { name: 'b', parameters: [] },
      ],
    ],
    [
      'a;b;b',
      [
        {
          name: 'a',
          parameters: [
            ['b', undefined],
            ['b', undefined],
          ],
        },
      ],
    ],
  ]
  for (const [header, offers] of good) {
    test(`takes ${header}`, () => assert.deepEqual(parseExtensions(header), offers))
  }

  const bad = [
    'a b',
    'a=1',
    ';a',
    'a;',
    'a;;b',
    'a;b=',
    'a;b="',
    'a;b="x y"',
    'a;b=""',
    'a;b="x"y',
    'a/b',
    'a;b=1=2',
    'a, é',
  ]
  for (const header of bad) {
    test(`refuses ${header}`, () => {
      assert.throws(() => parseExtensions(header), { code: 'HANDSHAKE_EXTENSIONS_INVALID', status: 400 })
    })
  }

  test('takes 128 names and no more', () => {
    const names = Array.from({ length: 129 }, (_, index) => `x${index}`)
    assert.equal(parseExtensions(names.slice(1).join()).length, 128)
    assert.throws(() => parseExtensions(names.join()), { code: 'HANDSHAKE_EXTENSIONS_INVALID' })
    assert.throws(() => parseExtensions(names.join(';')), { code: 'HANDSHAKE_EXTENSIONS_INVALID' })
  })
})

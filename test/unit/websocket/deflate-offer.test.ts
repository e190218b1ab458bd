import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resolveCompression, type CompressionOptions } from '../../../src/websocket/compression-options.ts'
import { acceptDeflateOffer } from '../../../src/websocket/deflate-offer.ts'
import { parseExtensions } from '../../../src/websocket/extension-header.ts'

const BOTH: CompressionOptions = { serverNoContextTakeover: false, clientNoContextTakeover: false }
const NEITHER = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'

function answer(offer: string, options: CompressionOptions = BOTH): string | undefined {
  return acceptDeflateOffer(parseExtensions(offer), resolveCompression('x', options)!)?.response
}

describe('an offer of permessage-deflate', () => {
  const cases: [offer: string, response: string | undefined, options?: CompressionOptions][] = [
    ['permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate', NEITHER, {}],
    ['x-unknown, permessage-deflate', 'permessage-deflate'],
    ['x-unknown', undefined],
    ['permessage-deflate; server_no_context_takeover', 'permessage-deflate; server_no_context_takeover'],
    ['permessage-deflate; client_no_context_takeover', 'permessage-deflate; client_no_context_takeover'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits=10', 'permessage-deflate; client_max_window_bits=10'],
    ['permessage-deflate; client_max_window_bits=8', 'permessage-deflate; client_max_window_bits=8'],
    ['permessage-deflate; client_max_window_bits=15', 'permessage-deflate'],
    [
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; client_max_window_bits=11',
      { ...BOTH, clientMaxWindowBits: 11 },
    ],
    [
      'permessage-deflate; client_max_window_bits=9',
      'permessage-deflate; client_max_window_bits=9',
      { ...BOTH, clientMaxWindowBits: 11 },
    ],
    ['permessage-deflate', undefined, { ...BOTH, clientMaxWindowBits: 11 }],
    ['permessage-deflate; server_max_window_bits=8', 'permessage-deflate; server_max_window_bits=8'],
    ['permessage-deflate; server_max_window_bits=15', 'permessage-deflate; server_max_window_bits=15'],
    [
      'permessage-deflate; server_max_window_bits=12',
      'permessage-deflate; server_max_window_bits=10',
      { ...BOTH, serverMaxWindowBits: 10 },
    ],
    [
      'permessage-deflate',
      'permessage-deflate; server_max_window_bits=10',
      { ...BOTH, serverMaxWindowBits: 10 },
    ],
    [
      'permessage-deflate; server_max_window_bits="10"; client_max_window_bits',
      'permessage-deflate; server_max_window_bits=10',
    ],
    // RFC 7692 section 5.2: several offers are alternatives.
    [
      'permessage-deflate; server_max_window_bits=7, permessage-deflate; client_max_window_bits=9',
      'permessage-deflate; client_max_window_bits=9',
    ],
    ['permessage-deflate; x_made_up, permessage-deflate', 'permessage-deflate'],
  ]
  for (const [offer, response, options] of cases) {
    test(`${offer} with ${JSON.stringify(options ?? BOTH)}`, () =>
      assert.equal(answer(offer, options), response))
  }

  const declined = [
    'x_made_up',
    'server_no_context_takeover=true',
    'client_no_context_takeover=1',
    'server_no_context_takeover; server_no_context_takeover',
    'client_max_window_bits; client_max_window_bits=10',
    'server_max_window_bits',
    'server_max_window_bits=7',
    'server_max_window_bits=16',
    'server_max_window_bits=08',
    'server_max_window_bits=10x',
    'client_max_window_bits=7',
    'client_max_window_bits=16',
    'client_max_window_bits=+9',
    'Server_No_Context_Takeover',
  ]
  for (const parameters of declined) {
    test(`is declined with ${parameters}`, () =>
      assert.equal(answer(`permessage-deflate; ${parameters}`), undefined))
  }

  test('tells windows and takeover of both sides', () => {
    const offer = parseExtensions('permessage-deflate; server_max_window_bits=9; client_no_context_takeover')
    assert.deepEqual(acceptDeflateOffer(offer, resolveCompression('x', BOTH)!), {
      response: 'permessage-deflate; client_no_context_takeover; server_max_window_bits=9',
      hasServerTakeover: true,
      hasClientTakeover: false,
      serverWindowBits: 9,
      clientWindowBits: 15,
    })
  })
})

describe('the option compression', () => {
  test('is off unless it is given', () => {
    assert.equal(resolveCompression('x', undefined), undefined)
    assert.equal(resolveCompression('x', false), undefined)
    assert.deepEqual(resolveCompression('x', true), resolveCompression('x', {}))
    assert.equal(resolveCompression('x', { level: 1, memLevel: undefined })?.memLevel, 8)
  })

  const wrong: [value: unknown, problem: string][] = [
    ['yes', 'x: expected true, false or an object, got string'],
    [null, 'x: expected true, false or an object, got null'],
    [{ treshold: 1 }, 'x: there is no option treshold'],
    [{ level: 0 }, 'x.level: expected a whole number from 1 to 9, got 0'],
    [{ memLevel: 10 }, 'x.memLevel: expected a whole number from 1 to 9, got 10'],
    [{ thresholdBytes: -1 }, 'x.thresholdBytes: expected a whole number from 0 on, got -1'],
    [{ serverMaxWindowBits: 7 }, 'x.serverMaxWindowBits: expected a whole number from 8 to 15, got 7'],
    [{ clientMaxWindowBits: 9.5 }, 'x.clientMaxWindowBits: expected a whole number from 8 to 15, got 9.5'],
    [{ clientNoContextTakeover: 1 }, 'x.clientNoContextTakeover: expected a boolean, got 1'],
  ]
  for (const [value, problem] of wrong) {
    test(`cannot be ${JSON.stringify(value)}`, () => {
      assert.throws(
        () => resolveCompression('x', value),
        (error: { code?: string; message: string }) =>
          error.code === 'OPTION_INVALID' && error.message.startsWith(problem),
      )
    })
  }
})

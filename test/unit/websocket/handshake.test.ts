import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGoWebError, type GoWebError } from '../../../src/errors/goweb-error.ts'
import { acceptKey } from '../../../src/websocket/accept-key.ts'
import { handshakeAnswer } from '../../../src/websocket/handshake-answer.ts'
import { checkHandshake, offeredProtocols, type Handshake } from '../../../src/websocket/handshake.ts'

// The example of RFC 6455 section 1.2.
const VALID: Readonly<Record<string, string>> = {
  host: 'server.example.com',
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  origin: 'http://example.com',
  'sec-websocket-version': '13',
}

interface Change {
  readonly method?: string
  readonly httpVersion?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

function check({ method = 'GET', httpVersion = '1.1', headers = {} }: Change): Handshake {
  const all: Record<string, string | undefined> = { ...VALID, ...headers }
  return checkHandshake({ method, header: (name) => all[name] }, httpVersion)
}

function refusal(change: Change): GoWebError {
  try {
    check(change)
  } catch (error) {
    if (isGoWebError(error)) return error
    throw error
  }
  assert.fail('the handshake was accepted')
}

function assertRefused(change: Change, code: string, status: number): void {
  const error = refusal(change)
  assert.equal(error.code, code, JSON.stringify(change))
  assert.equal(error.status, status)
}

describe('the handshake check', () => {
  test('accepts the example of RFC 6455 section 1.2', () => {
    assert.deepEqual(check({}), { key: VALID['sec-websocket-key'], protocols: [], extensions: [] })
    assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  test('reads Upgrade and Connection as lists in any case', () => {
    for (const headers of [
      { upgrade: 'WebSocket' },
      { upgrade: 'h2c, WEBSOCKET' },
      { connection: 'keep-alive, upgrade' },
      { connection: 'keep-alive,UPGRADE ,close' },
      { connection: '\tUpgrade ' },
    ]) {
      check({ headers })
    }
  })

  test('tells a request that is no handshake how to become one', () => {
    for (const headers of [
      { upgrade: undefined },
      { upgrade: 'h2c' },
      { upgrade: 'websockets' },
      { upgrade: 'web socket' },
      { upgrade: '' },
      { connection: undefined },
      { connection: 'keep-alive' },
      { connection: 'upgrades' },
    ]) {
      assertRefused({ headers }, 'UPGRADE_REQUIRED', 426)
    }
    assert.deepEqual(refusal({ headers: { upgrade: undefined } }).headers, {
      upgrade: 'websocket',
      connection: 'Upgrade',
    })
  })

  test('wants GET', () => {
    for (const method of ['POST', 'HEAD', 'PUT', 'OPTIONS', 'get']) {
      assertRefused({ method }, 'HANDSHAKE_METHOD_INVALID', 405)
    }
    assert.deepEqual(refusal({ method: 'POST' }).headers, { allow: 'GET' })
  })

  test('wants HTTP/1.1, a host and no body', () => {
    for (const change of [
      { httpVersion: '1.0' },
      { httpVersion: '0.9' },
      { headers: { host: undefined } },
      { headers: { host: '' } },
      { headers: { 'content-length': '5' } },
      { headers: { 'transfer-encoding': 'chunked' } },
    ]) {
      assertRefused(change, 'HANDSHAKE_REQUEST_INVALID', 400)
    }
    check({ headers: { 'content-length': '0' } })
  })

  test('wants version 13 and says so', () => {
    for (const version of [undefined, '', '8', '12', '14', '013', '13, 8', '8, 13', 'x']) {
      assertRefused({ headers: { 'sec-websocket-version': version } }, 'HANDSHAKE_VERSION_UNSUPPORTED', 426)
    }
    assert.equal(
      refusal({ headers: { 'sec-websocket-version': '8' } }).headers?.['sec-websocket-version'],
      '13',
    )
  })

  test('wants one key of 16 bytes', () => {
    for (const key of [
      undefined,
      '',
      'dGhlIHNhbXBsZSBub25jZQ=',
      'dGhlIHNhbXBsZSBub25jZQ',
      'dGhlIHNhbXBsZSBub25jZQ===',
      'dGhlIHNhbXBsZSBub25jZ$==',
      'dGhlIHNhbXBsZSBub25jZQ-_',
      'dGhlIHNhbXBsZSBub25jZQ== ',
      'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==',
    ]) {
      assertRefused({ headers: { 'sec-websocket-key': key } }, 'HANDSHAKE_KEY_INVALID', 400)
    }
  })

  test('reads the offered subprotocols in order', () => {
    const { protocols } = check({ headers: { 'sec-websocket-protocol': 'chat.v2,  chat.v1 ,x' } })
    assert.deepEqual(protocols, ['chat.v2', 'chat.v1', 'x'])
    assert.deepEqual(offeredProtocols(undefined), [])
  })

  test('refuses subprotocols that are no list of different tokens, or very many', () => {
    for (const value of ['', ',', 'a,', 'a,,b', 'a b', 'a;b', 'a, a', 'ä', '"a"']) {
      assertRefused({ headers: { 'sec-websocket-protocol': value } }, 'HANDSHAKE_PROTOCOLS_INVALID', 400)
    }
    const names = Array.from({ length: 65 }, (_, index) => `p${index}`)
    check({ headers: { 'sec-websocket-protocol': names.slice(0, 64).join(',') } })
    assertRefused(
      { headers: { 'sec-websocket-protocol': names.join(',') } },
      'HANDSHAKE_PROTOCOLS_INVALID',
      400,
    )
  })
})

describe('the extensions of a handshake', () => {
  test('are read, and refused when they are malformed', () => {
    const { extensions } = check({ headers: { 'sec-websocket-extensions': 'a; b=1' } })
    assert.deepEqual(extensions, [{ name: 'a', parameters: [['b', '1']] }])
    assertRefused({ headers: { 'sec-websocket-extensions': 'a b' } }, 'HANDSHAKE_EXTENSIONS_INVALID', 400)
  })
})

describe('the answer to a handshake', () => {
  test('is that of RFC 6455 section 1.3', () => {
    const text = handshakeAnswer({
      acceptKey: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      protocol: 'chat',
      extensions: 'permessage-deflate; server_no_context_takeover',
      headers: undefined,
    })
    assert.equal(
      text,
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n' +
        'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n\r\n',
    )
  })

  test('carries further headers, but none that are the handshake’s own', () => {
    const headers = [
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['Sec-WebSocket-Accept', 'mine'],
      ['content-length', '5'],
      ['X-Name', 'value'],
    ] as const
    const text = handshakeAnswer({ acceptKey: 'k', protocol: '', extensions: '', headers })
    assert.match(
      text,
      /\r\nSec-WebSocket-Accept: k\r\nset-cookie: a=1\r\nset-cookie: b=2\r\nX-Name: value\r\n\r\n$/,
    )
    assert.doesNotMatch(text, /mine|content-length|sec-websocket-protocol/i)
  })

  test('cannot be split', () => {
    for (const header of [
      ['x', 'a\r\nb: c'],
      ['x\r\ny', 'a'],
      ['x', 'a\0'],
      ['x', '€'],
      ['', 'a'],
      ['a b', 'c'],
    ] as const) {
      const options = { acceptKey: 'k', protocol: '', extensions: '', headers: [header] }
      assert.throws(() => handshakeAnswer(options), { code: 'HEADER_INVALID' })
    }
  })
})

import { GoWebError } from '../errors/goweb-error.ts'
import { type ExtensionOffer, parseExtensions } from './extension-header.ts'

/** What the handshake check reads of a request. */
export interface HandshakeRequest {
  readonly method: string
  /** Value of one header, several joined by `, `; the name in lower case. */
  header(name: string): string | undefined
}

/** A handshake whose headers are as they must be. */
export interface Handshake {
  /** Sec-WebSocket-Key, for the accept key. */
  readonly key: string
  /** Subprotocols that the client offers, in its order of preference. */
  readonly protocols: readonly string[]
  /** Extensions that the client offers, in its order of preference. */
  readonly extensions: readonly ExtensionOffer[]
}

// 16 bytes in base64 (RFC 6455 section 4.2.1, item 5).
const KEY = /^[A-Za-z0-9+/]{22}==$/
// RFC 9110 section 5.6.2.
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// Far more than any client offers; bounds the work on a header that is only bounded by the server's header limit.
const MAX_PROTOCOLS = 64

/** Whether a request asks for a WebSocket, in whatever version; any other `Upgrade` may be ignored (RFC 9110 section 7.8). */
export function isWebSocketUpgrade(request: HandshakeRequest): boolean {
  return (
    hasListItem(request.header('connection'), 'upgrade') &&
    hasListItem(request.header('upgrade'), 'websocket')
  )
}

/**
 * Checks the headers of an opening handshake (RFC 6455 section 4.2.1).
 *
 * @param httpVersion such as `1.1`.
 * @throws `UPGRADE_REQUIRED`, `HANDSHAKE_METHOD_INVALID`, `HANDSHAKE_REQUEST_INVALID`, `HANDSHAKE_VERSION_UNSUPPORTED`,
 * `HANDSHAKE_KEY_INVALID`, `HANDSHAKE_PROTOCOLS_INVALID`, `HANDSHAKE_EXTENSIONS_INVALID`; each with the status and headers of its answer.
 */
export function checkHandshake(request: HandshakeRequest, httpVersion: string): Handshake {
  if (!isWebSocketUpgrade(request)) {
    throw new GoWebError(
      'UPGRADE_REQUIRED',
      'Expected a WebSocket handshake with the headers Upgrade: websocket and Connection: Upgrade',
      { headers: { upgrade: 'websocket', connection: 'Upgrade' } },
    )
  }
  if (request.method !== 'GET') {
    throw new GoWebError(
      'HANDSHAKE_METHOD_INVALID',
      `A WebSocket handshake is a GET request, not ${request.method}`,
      { headers: { allow: 'GET' } },
    )
  }
  assertPlainRequest(request, httpVersion)
  assertVersion(request.header('sec-websocket-version'))
  const key = request.header('sec-websocket-key')
  if (key === undefined || !KEY.test(key)) {
    throw new GoWebError(
      'HANDSHAKE_KEY_INVALID',
      `Sec-WebSocket-Key must be 16 bytes in base64 (24 characters), but is ${key === undefined ? 'missing' : JSON.stringify(key)}`,
    )
  }
  return {
    key,
    protocols: offeredProtocols(request.header('sec-websocket-protocol')),
    extensions: parseExtensions(request.header('sec-websocket-extensions')),
  }
}

/**
 * Parses Sec-WebSocket-Protocol (RFC 6455 section 4.1, item 10).
 *
 * @param header its value, several lines joined by `, `; undefined when there is none.
 * @throws `HANDSHAKE_PROTOCOLS_INVALID` for what is no list of different tokens, or has more than 64.
 */
export function offeredProtocols(header: string | undefined): readonly string[] {
  if (header === undefined) return []
  const protocols = header.split(',', MAX_PROTOCOLS + 1).map((item) => item.trim())
  if (protocols.length > MAX_PROTOCOLS) {
    throw new GoWebError(
      'HANDSHAKE_PROTOCOLS_INVALID',
      `Sec-WebSocket-Protocol offers more than ${MAX_PROTOCOLS} subprotocols`,
    )
  }
  const bad = protocols.find((item) => !TOKEN.test(item))
  if (bad !== undefined) {
    throw new GoWebError(
      'HANDSHAKE_PROTOCOLS_INVALID',
      `Sec-WebSocket-Protocol must be a list of tokens, but has ${JSON.stringify(bad)}`,
    )
  }
  if (new Set(protocols).size < protocols.length) {
    throw new GoWebError('HANDSHAKE_PROTOCOLS_INVALID', 'Sec-WebSocket-Protocol offers a subprotocol twice')
  }
  return protocols
}

function assertPlainRequest(request: HandshakeRequest, httpVersion: string): void {
  if (!/^1\.[1-9]$|^[2-9]/.test(httpVersion)) {
    throw new GoWebError(
      'HANDSHAKE_REQUEST_INVALID',
      `A WebSocket handshake needs HTTP/1.1, not HTTP/${httpVersion}`,
    )
  }
  if ((request.header('host') ?? '') === '') {
    throw new GoWebError('HANDSHAKE_REQUEST_INVALID', 'A WebSocket handshake needs a Host header')
  }
  // What follows the headers are frames here, but may be a body for a proxy in between: an invitation to smuggle.
  if (
    request.header('transfer-encoding') !== undefined ||
    (request.header('content-length') ?? '0') !== '0'
  ) {
    throw new GoWebError('HANDSHAKE_REQUEST_INVALID', 'A WebSocket handshake has no body')
  }
}

function assertVersion(version: string | undefined): void {
  if (version?.trim() === '13') return
  throw new GoWebError(
    'HANDSHAKE_VERSION_UNSUPPORTED',
    `Sec-WebSocket-Version must be 13, but is ${version === undefined ? 'missing' : JSON.stringify(version)}`,
    { headers: { 'sec-websocket-version': '13', upgrade: 'websocket', connection: 'Upgrade' } },
  )
}

function hasListItem(header: string | undefined, item: string): boolean {
  if (header === undefined) return false
  if (header.length === item.length) return header.toLowerCase() === item
  return header
    .toLowerCase()
    .split(',')
    .some((part) => part.trim() === item)
}

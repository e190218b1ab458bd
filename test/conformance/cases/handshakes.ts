/** One opening handshake and what must answer it. */
export interface HandshakeCase {
  readonly name: string
  /** The request as sent, without the empty line that ends it. */
  readonly lines: readonly string[]
  readonly status: number
  /** Headers of the answer, in lower case; `null` for one that must be missing. */
  readonly headers?: Readonly<Record<string, string | null>>
  /** Code in the problem details of a refusal. */
  readonly code?: string
  readonly section: string
}

const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
/** RFC 6455 section 1.3 computes it for this key. */
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
const VERSION = 'Sec-WebSocket-Version: 13'
const FIRST = 'GET /echo HTTP/1.1'
const HOST = 'Host: example.com'
const UPGRADE = ['Upgrade: websocket', 'Connection: Upgrade']
const GOOD = [FIRST, HOST, ...UPGRADE, KEY, VERSION]

const accepted = {
  status: 101,
  headers: {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-accept': ACCEPT,
    'sec-websocket-protocol': null,
    'sec-websocket-extensions': null,
    'content-length': null,
  },
} as const

/** The good handshake with lines added, or with the line of one header replaced. */
const adding = (...lines: readonly string[]): string[] => [...GOOD, ...lines]
const replacing = (line: string, ...by: readonly string[]): string[] =>
  GOOD.flatMap((each) => (each === line ? by : [each]))

/** RFC 6455 section 4.2: what a server must make of an opening handshake. */
export const HANDSHAKES: readonly HandshakeCase[] = [
  { name: 'the example of the RFC', lines: GOOD, section: '1.3', ...accepted },
  {
    name: 'names and values in other cases',
    lines: [
      'GET /echo HTTP/1.1',
      'hOST: example.com',
      'uPGRADE: WebSocket',
      'CONNECTION: uPGRADE',
      KEY.replace('Sec-WebSocket-Key', 'SEC-WEBSOCKET-KEY'),
      'sec-websocket-version: 13',
    ],
    section: '4.2.1',
    ...accepted,
  },
  {
    name: 'Connection: keep-alive, Upgrade, as Firefox sends it',
    lines: replacing('Connection: Upgrade', 'Connection: keep-alive, Upgrade'),
    section: '4.2.1',
    ...accepted,
  },
  {
    name: 'Connection in two lines',
    lines: replacing('Connection: Upgrade', 'Connection: keep-alive', 'Connection: Upgrade'),
    section: '4.2.1',
    ...accepted,
  },
  {
    name: 'Upgrade with a list that has websocket',
    lines: replacing('Upgrade: websocket', 'Upgrade: h2c, websocket'),
    section: '4.2.1',
    ...accepted,
  },
  {
    name: 'no space after the colon of the key, and space after its value',
    lines: replacing(KEY, `${KEY.replace(': ', ':')} \t`),
    section: '4.2.1',
    ...accepted,
  },
  {
    name: 'an extension that is not supported',
    lines: adding('Sec-WebSocket-Extensions: x-unheard-of; a=1'),
    section: '4.2.2',
    ...accepted,
  },
  {
    name: 'a target in absolute form',
    lines: replacing(FIRST, 'GET http://example.com/echo HTTP/1.1'),
    section: '4.2.1',
    ...accepted,
  },
  { name: 'a query', lines: replacing(FIRST, 'GET /echo?room=1 HTTP/1.1'), section: '4.2.1', ...accepted },
  { name: 'Content-Length: 0', lines: adding('Content-Length: 0'), section: '4.2.1', ...accepted },

  // Refusals: the method and the version of HTTP.
  {
    name: 'POST',
    lines: replacing(FIRST, 'POST /echo HTTP/1.1'),
    status: 405,
    code: 'HANDSHAKE_METHOD_INVALID',
    headers: { allow: 'GET' },
    section: '4.2.1',
  },
  {
    name: 'HTTP/1.0',
    lines: replacing(FIRST, 'GET /echo HTTP/1.0'),
    status: 400,
    code: 'HANDSHAKE_REQUEST_INVALID',
    section: '4.2.1',
  },
  { name: 'no Host', lines: replacing(HOST), status: 400, section: '4.2.1' },
  { name: 'two different hosts', lines: adding('Host: example.org'), status: 400, section: '4.2.1' },
  {
    name: 'a malformed host',
    lines: replacing(HOST, 'Host: user@example.com'),
    status: 400,
    section: '4.2.1',
  },
  {
    name: 'a body of known length',
    lines: adding('Content-Length: 5'),
    status: 400,
    code: 'HANDSHAKE_REQUEST_INVALID',
    section: '4.2.1',
  },
  {
    name: 'a body in chunks',
    lines: adding('Transfer-Encoding: chunked'),
    status: 400,
    code: 'HANDSHAKE_REQUEST_INVALID',
    section: '4.2.1',
  },

  // Refusals: not a WebSocket handshake at all.
  ...[
    ['no Upgrade', replacing('Upgrade: websocket')],
    ['no Connection', replacing('Connection: Upgrade')],
    ['neither', [FIRST, HOST]],
    ['Connection: keep-alive', replacing('Connection: Upgrade', 'Connection: keep-alive')],
    ['Upgrade: h2c', replacing('Upgrade: websocket', 'Upgrade: h2c')],
    ['Upgrade: websockets', replacing('Upgrade: websocket', 'Upgrade: websockets')],
    ['an empty Upgrade', replacing('Upgrade: websocket', 'Upgrade:')],
  ].map(([name, lines]): HandshakeCase => ({
    name: name as string,
    lines: lines as string[],
    status: 426,
    code: 'UPGRADE_REQUIRED',
    headers: { upgrade: 'websocket' },
    section: '4.2.1',
  })),

  // Refusals: the key.
  ...[
    ['no key', replacing(KEY)],
    ['an empty key', replacing(KEY, 'Sec-WebSocket-Key:')],
    ['a key of 15 octets', replacing(KEY, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j')],
    ['a key of 17 octets', replacing(KEY, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZSE=')],
    ['a key that is not base64', replacing(KEY, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25!ZQ==')],
    ['a key in the alphabet for URLs', replacing(KEY, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBu-_5jZQ==')],
    ['a key without its padding', replacing(KEY, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ')],
    ['two keys', adding('Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==')],
    ['the same key twice', adding(KEY)],
  ].map(([name, lines]): HandshakeCase => ({
    name: name as string,
    lines: lines as string[],
    status: 400,
    code: 'HANDSHAKE_KEY_INVALID',
    section: '4.2.1',
  })),

  // Refusals: the version. The answer names the one that is supported (section 4.4).
  ...[
    ['no version', replacing(VERSION)],
    ['version 0', replacing(VERSION, 'Sec-WebSocket-Version: 0')],
    ['version 8', replacing(VERSION, 'Sec-WebSocket-Version: 8')],
    ['version 14', replacing(VERSION, 'Sec-WebSocket-Version: 14')],
    ['version 013', replacing(VERSION, 'Sec-WebSocket-Version: 013')],
    ['version 13.0', replacing(VERSION, 'Sec-WebSocket-Version: 13.0')],
    ['two versions', replacing(VERSION, 'Sec-WebSocket-Version: 8, 13')],
  ].map(([name, lines]): HandshakeCase => ({
    name: name as string,
    lines: lines as string[],
    status: 426,
    code: 'HANDSHAKE_VERSION_UNSUPPORTED',
    headers: { 'sec-websocket-version': '13' },
    section: '4.4',
  })),

  // Subprotocols: /chat speaks chat.v2 and chat.v1, and prefers the former.
  ...subprotocols(),

  // Origins: RFC 6455 section 10.2.
  {
    name: 'the origin of the server itself',
    lines: adding('Origin: http://example.com'),
    section: '10.2',
    ...accepted,
  },
  {
    name: 'the https origin of the same host, as behind a proxy that ends TLS',
    lines: adding('Origin: https://example.com'),
    section: '10.2',
    ...accepted,
  },
  {
    name: 'an origin that is listed',
    lines: adding('Origin: https://app.example.net'),
    section: '10.2',
    ...accepted,
  },
  ...[
    ['a foreign origin', 'http://evil.example'],
    ['the origin of another port', 'http://example.com:8080'],
    ['the https origin of another port', 'https://example.com:8443'],
    ['an origin of a scheme that pages do not have', 'ws://example.com'],
    ['an origin that only begins like the server', 'http://example.com.evil.example'],
    ['an opaque origin', 'null'],
    ['an empty origin', ''],
    ['an origin with a path', 'http://example.com/echo'],
    ['an origin with credentials', 'http://user@example.com'],
  ].map(([name, origin]): HandshakeCase => ({
    name: name as string,
    lines: adding(`Origin: ${origin}`),
    status: 403,
    code: 'ORIGIN_NOT_ALLOWED',
    section: '10.2',
  })),

  // Refusals by routing and by the app.
  {
    name: 'a path that does not exist',
    lines: replacing(FIRST, 'GET /nowhere HTTP/1.1'),
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    section: '4.2.2',
  },
  {
    name: 'a path that serves HTTP only',
    lines: replacing(FIRST, 'GET /hello HTTP/1.1'),
    status: 200,
    section: '4.2.2',
  },
  {
    name: 'a malformed escape in the path',
    lines: replacing(FIRST, 'GET /echo%zz HTTP/1.1'),
    status: 400,
    code: 'PATH_INVALID',
    section: '4.2.2',
  },
  {
    name: 'a refusal thrown by the app',
    lines: replacing(FIRST, 'GET /refused HTTP/1.1'),
    status: 401,
    code: 'UNAUTHORIZED',
    section: '4.2.2',
  },
  {
    name: 'an error thrown by the app',
    lines: replacing(FIRST, 'GET /broken HTTP/1.1'),
    status: 500,
    code: 'INTERNAL',
    section: '4.2.2',
  },
  {
    name: 'a redirect by the app',
    lines: replacing(FIRST, 'GET /moved HTTP/1.1'),
    status: 307,
    headers: { location: '/echo' },
    section: '4.2.2',
  },
]

function subprotocols(): HandshakeCase[] {
  const to = (...lines: readonly string[]): string[] => [...replacing(FIRST, 'GET /chat HTTP/1.1'), ...lines]
  const chosen = (protocol: string | null): Pick<HandshakeCase, 'status' | 'headers'> => ({
    status: 101,
    headers: { 'sec-websocket-protocol': protocol },
  })
  const refused = { status: 400, code: 'HANDSHAKE_PROTOCOLS_INVALID' } as const
  const rows: Omit<HandshakeCase, 'section'>[] = [
    { name: 'no subprotocol offered', lines: to(), ...chosen(null) },
    { name: 'one subprotocol offered', lines: to('Sec-WebSocket-Protocol: chat.v1'), ...chosen('chat.v1') },
    {
      name: 'both offered in the other order',
      lines: to('Sec-WebSocket-Protocol: chat.v1, chat.v2'),
      ...chosen('chat.v2'),
    },
    {
      name: 'both offered in two lines',
      lines: to('Sec-WebSocket-Protocol: chat.v1', 'Sec-WebSocket-Protocol: chat.v2'),
      ...chosen('chat.v2'),
    },
    { name: 'only unknown subprotocols', lines: to('Sec-WebSocket-Protocol: soap, xmpp'), ...chosen(null) },
    {
      name: 'a subprotocol in another case, which is another one',
      lines: to('Sec-WebSocket-Protocol: CHAT.V1'),
      ...chosen(null),
    },
    { name: 'an empty list of subprotocols', lines: to('Sec-WebSocket-Protocol:'), ...refused },
    {
      name: 'an empty item among the subprotocols',
      lines: to('Sec-WebSocket-Protocol: chat.v1,,chat.v2'),
      ...refused,
    },
    { name: 'a subprotocol that is no token', lines: to('Sec-WebSocket-Protocol: chat v1'), ...refused },
    {
      name: 'a subprotocol offered twice',
      lines: to('Sec-WebSocket-Protocol: chat.v1, chat.v1'),
      ...refused,
    },
  ]
  return rows.map((row) => ({ ...row, section: '4.2.2' }))
}

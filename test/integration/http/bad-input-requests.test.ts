import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { GoWeb, type Server } from 'goweb'
import { assertEnds, assertProblem, assertStays, exchange, request } from '../../conformance/wire/exchange.ts'
import { takeResponse } from '../../conformance/wire/http-response.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { skipOn } from '../../skip-on.ts'
import { outcomeOnBun, type OutcomeOnBun } from './bad-requests-on-bun.ts'

const isBun = process.versions['bun'] !== undefined

/** A request as sent, the status that answers it, and what becomes of the connection. */
interface Row {
  readonly name: string
  readonly sent: string
  readonly status: number
  readonly code?: string
  /** The connection goes on serving; otherwise the server must end it after the answer. */
  readonly stays?: true
}

const HEAD = 'GET /hello HTTP/1.1\r\nHost: localhost\r\n'
const malformed = (name: string, sent: string): Row => ({
  name,
  sent,
  status: 400,
  code: 'REQUEST_MALFORMED',
})
const line = (name: string, text: string): Row => malformed(name, `${HEAD}${text}\r\n\r\n`)
const host = (name: string, value: string): Row => ({
  name,
  sent: `GET /hello HTTP/1.1\r\nHost: ${value}\r\n\r\n`,
  status: 400,
  code: 'HOST_INVALID',
  stays: true,
})
const framed = (name: string, lines: readonly string[], body = '5\r\nhello\r\n0\r\n\r\n'): Row =>
  malformed(name, request('POST /length', lines, body))
const chunks = (name: string, body: string): Row => framed(name, ['Transfer-Encoding: chunked'], body)

const REQUEST_LINES: readonly Row[] = [
  malformed('a word', 'GARBAGE\r\n\r\n'),
  malformed('the hello of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'),
  malformed('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  malformed('a space before the method', ` ${HEAD}\r\n`),
  malformed('a space in the target', 'GET /hel lo HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('a method in lower case', 'get /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('a method that nobody knows', 'FETCH /hello HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('a target that is no path', 'GET hello HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('a query without a path', 'GET ?a=1 HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('NUL in the path', 'GET /hel\0lo HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('NUL in the query', 'GET /hello?\0 HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('a raw octet beyond ASCII in the path', 'GET /h\xe9llo HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('the version in lower case', 'GET /hello http/1.1\r\nHost: localhost\r\n\r\n'),
  malformed('the version 1.2', 'GET /hello HTTP/1.2\r\nHost: localhost\r\n\r\n'),
  malformed('another protocol', 'GET /hello NOPE/1.0\r\nHost: localhost\r\n\r\n'),
  malformed('lines that end with LF alone', 'GET /hello HTTP/1.1\nHost: localhost\n\n'),
  { name: 'no version', sent: 'GET /hello\r\n\r\n', status: 505, code: 'HTTP_VERSION_UNSUPPORTED' },
  {
    name: 'the version 0.9',
    sent: 'GET /hello HTTP/0.9\r\n\r\n',
    status: 505,
    code: 'HTTP_VERSION_UNSUPPORTED',
  },
  {
    name: 'the version 2.0',
    sent: 'GET /hello HTTP/2.0\r\nHost: localhost\r\n\r\n',
    status: 505,
    code: 'HTTP_VERSION_UNSUPPORTED',
  },
  { name: 'empty lines before the request', sent: `\r\n\r\n${HEAD}\r\n`, status: 200, stays: true },
]

const HEADERS: readonly Row[] = [
  line('a space in a name', 'Bad Header: 1'),
  line('a space before the colon', 'Name : 1'),
  line('an empty name', ': 1'),
  line('a bracket in a name', 'na(me: 1'),
  line('an octet beyond ASCII in a name', 'n\xe4me: 1'),
  line('no colon', 'nocolon'),
  line('a folded line', 'Name: a\r\n b'),
  line('NUL in a value', 'Name: a\0b'),
  line('a control character in a value', 'Name: a\x01b'),
  line('CR in a value', 'Name: a\rb'),
  line('LF in a value, with a header behind it', 'Name: a\nInjected: b'),
  malformed('a folded first line', 'GET /hello HTTP/1.1\r\n Name: a\r\nHost: localhost\r\n\r\n'),
  {
    name: 'one of 20000 octets',
    sent: `${HEAD}Name: ${'a'.repeat(20_000)}\r\n\r\n`,
    status: 431,
    code: 'REQUEST_HEADERS_TOO_LARGE',
  },
  {
    name: '10000 short ones',
    sent: `${HEAD}${'a: 1\r\n'.repeat(10_000)}\r\n`,
    status: 431,
    code: 'REQUEST_HEADERS_TOO_LARGE',
  },
  {
    name: 'a path of 20000 octets',
    sent: request(`GET /${'a'.repeat(20_000)}`),
    status: 431,
    code: 'REQUEST_HEADERS_TOO_LARGE',
  },
  {
    name: 'a path of 12000 octets',
    sent: request(`GET /${'a'.repeat(12_000)}`),
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    stays: true,
  },
  {
    name: 'a path of 4000 segments',
    sent: request(`GET ${'/a'.repeat(4_000)}`),
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    stays: true,
  },
  {
    name: 'a query of 12000 octets',
    sent: request(`GET /hello?${'a'.repeat(12_000)}`),
    status: 200,
    stays: true,
  },
  {
    name: 'an expectation that nobody knows',
    sent: request('GET /hello', ['Expect: a miracle']),
    status: 417,
    stays: true,
  },
]

const HOSTS: readonly Row[] = [
  { name: 'none', sent: 'GET /hello HTTP/1.1\r\n\r\n', status: 400 },
  { name: 'none on HTTP/1.0', sent: 'GET /hello HTTP/1.0\r\n\r\n', status: 200 },
  {
    name: 'empty, as RFC 9112 section 3.2 allows',
    sent: 'GET /hello HTTP/1.1\r\nHost:\r\n\r\n',
    status: 200,
    stays: true,
  },
  host('two different', 'localhost\r\nHost: example.com'),
  host('the same twice', 'localhost\r\nHost: localhost'),
  host('with a space', 'local host'),
  host('with a path', 'localhost/path'),
  host('with a query', 'localhost?a'),
  host('with credentials', 'user@localhost'),
  host('with a backslash', 'localhost\\path'),
  host('with an open bracket', '[::1'),
  host('with a port that is no number', 'localhost:http'),
  host('with a port that is too large', 'localhost:99999'),
  host('with a port and no name', ':80'),
  host('with an escaped NUL', 'local%00host'),
  host('with two ports', 'localhost:80:81'),
]

const TARGETS: readonly Row[] = [
  { name: 'absolute', sent: request('GET http://example.com/hello'), status: 200, stays: true },
  {
    name: 'absolute with a query',
    sent: request('GET http://example.com/hello?a=1'),
    status: 200,
    stays: true,
  },
  { name: 'absolute without a path', sent: request('GET http://example.com'), status: 200, stays: true },
  {
    name: 'absolute without a host',
    sent: request('GET http:///hello'),
    status: 400,
    code: 'HOST_INVALID',
    stays: true,
  },
  {
    name: 'absolute with credentials',
    sent: request('GET http://user@example.com/hello'),
    status: 400,
    code: 'HOST_INVALID',
    stays: true,
  },
  {
    name: 'absolute with a bad port',
    sent: request('GET http://example.com:99999/hello'),
    status: 400,
    code: 'HOST_INVALID',
    stays: true,
  },
  {
    name: 'absolute with another scheme',
    sent: request('GET ftp://example.com/hello'),
    status: 400,
    code: 'PATH_INVALID',
    stays: true,
  },
  {
    name: 'a path that begins like a host',
    sent: request('GET //example.com/hello'),
    status: 404,
    code: 'ROUTE_NOT_FOUND',
    stays: true,
  },
  { name: 'OPTIONS *', sent: request('OPTIONS *'), status: 204, stays: true },
  { name: 'GET *', sent: request('GET *'), status: 400, code: 'PATH_INVALID', stays: true },
  {
    name: 'CONNECT to a host',
    sent: request('CONNECT example.com:443'),
    status: 501,
    code: 'METHOD_NOT_IMPLEMENTED',
  },
  { name: 'CONNECT to a path', sent: request('CONNECT /hello'), status: 501, code: 'METHOD_NOT_IMPLEMENTED' },
  { name: 'TRACE', sent: request('TRACE /hello'), status: 405, code: 'METHOD_NOT_ALLOWED', stays: true },
  {
    name: 'DELETE where there is only GET',
    sent: request('DELETE /hello'),
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    stays: true,
  },
]

const FRAMING: readonly Row[] = [
  framed('a length and chunks', ['Content-Length: 5', 'Transfer-Encoding: chunked']),
  framed('chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 15']),
  framed('two different lengths', ['Content-Length: 5', 'Content-Length: 15']),
  framed('the same length twice', ['Content-Length: 15', 'Content-Length: 15']),
  ...['5, 5', '5 5', '+5', '-5', '0x5', '5a', '1e1', '5.0', '', '18446744073709551617', '９'].map((value) =>
    framed(`the length ${JSON.stringify(value)}`, [`Content-Length: ${value}`]),
  ),
  ...['chunked, identity', 'chunked, chunked', '\x0bchunked'].map((value) =>
    framed(`the transfer coding ${JSON.stringify(value)}`, [`Transfer-Encoding: ${value}`]),
  ),
  ...['identity', 'gzip', 'gzip, chunked', 'chunked;q=1', 'xchunked', '"chunked"'].map((value): Row => ({
    name: `the transfer coding ${JSON.stringify(value)}`,
    sent: request('POST /length', [`Transfer-Encoding: ${value}`], '5\r\nhello\r\n0\r\n\r\n'),
    status: 501,
    code: 'TRANSFER_CODING_UNSUPPORTED',
  })),
  framed('chunked twice', ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked']),
  chunks('a chunk size that is no number', 'xyz\r\n'),
  chunks('an empty chunk size', '\r\nhello'),
  chunks('a negative chunk size', '-1\r\n'),
  chunks('a chunk size with 0x', '0x5\r\nhello\r\n0\r\n\r\n'),
  chunks('a chunk size with a space behind it', '5 \r\nhello\r\n0\r\n\r\n'),
  chunks('a chunk size beyond 64 bits', '10000000000000000\r\n'),
  chunks('a chunk that is longer than its size', '5\r\nhello!\r\n0\r\n\r\n'),
  chunks('a chunk size that ends with LF alone', '5\nhello\r\n0\r\n\r\n'),
  chunks('a chunk that ends with LF alone', '5\r\nhello\n0\r\n\r\n'),
  chunks('a trailer without a colon', '5\r\nhello\r\n0\r\nTrailer\r\n\r\n'),
  {
    name: 'a chunk extension of 20000 octets',
    sent: request(
      'POST /length',
      ['Transfer-Encoding: chunked'],
      `5;${'x'.repeat(20_000)}\r\nhello\r\n0\r\n\r\n`,
    ),
    status: 413,
    code: 'BODY_TOO_LARGE',
  },
]

describe('bad requests', () => {
  let server: Server
  const reported: unknown[] = []
  before(async () => {
    const app = new GoWeb({ report: (error) => reported.push(error) })
      .get('/', (c) => c.text('root'))
      .get('/hello', (c) => c.text('hello'))
      .get('/where', (c) => c.json({ host: c.host, url: c.url.href, path: c.path, query: c.query.get('a') }))
      .post('/length', async (c) => c.text(String((await c.body.bytes()).length)))
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  })
  after(() => server.close(0))

  for (const [part, rows] of Object.entries({ REQUEST_LINES, HEADERS, HOSTS, TARGETS, FRAMING })) {
    describe(part.toLowerCase().replace('_', ' '), () => {
      for (const row of rows) test(`${row.name}: ${row.status}`, () => play(row))
    })
  }

  test('what the message smuggles behind a bad request is never served', async () => {
    const smuggled = request('GET /hello')
    const isTaken = ({ name, code }: Row): boolean => isBun && outcomeOnBun(name, code)?.kind === 'taken'
    for (const { sent } of FRAMING.filter((row) => row.stays === undefined && !isTaken(row))) {
      const { client, response } = await exchange(server.port, sent + smuggled)
      assert.ok(response.status >= 400, sent)
      await assertEnds(client)
      await client.close()
    }
  })

  const drops = skipOn('bun', 'Bun drops the host of a target; that of the Host header counts')
  test(
    'the host of a target in absolute form is the one that counts (RFC 9112 section 3.2.2)',
    { skip: drops },
    async () => {
      const { client, response } = await exchange(
        server.port,
        request('GET http://example.com:8080/where?a=1'),
      )
      assert.deepEqual(response.json(), {
        host: 'example.com:8080',
        url: 'http://example.com:8080/where?a=1',
        path: '/where',
        query: '1',
      })
      await client.close()
    },
  )

  test('TRACE does not tell what was sent', async () => {
    const { client, response } = await exchange(server.port, request('TRACE /hello', ['Cookie: secret']))
    assert.ok(!response.body.includes('secret'))
    await client.close()
  })

  test('none of this is reported as an error of the server', () => assert.deepEqual(reported, []))

  async function play(row: Row): Promise<void> {
    const outcome = isBun ? outcomeOnBun(row.name, row.code) : undefined
    if (outcome !== undefined) return playOnBun(row, outcome)
    const { client, response } = await exchange(server.port, row.sent)
    try {
      if (row.code === undefined) assert.equal(response.status, row.status)
      else assertProblem(response, row.status, row.code)
      if (row.stays === true) await assertStays(client)
      else await assertEnds(client)
    } finally {
      await client.close()
    }
  }

  async function playOnBun({ sent }: Row, outcome: OutcomeOnBun): Promise<void> {
    const client = await TcpClient.connect({ port: server.port })
    try {
      await client.write(Buffer.from(sent, 'latin1'))
      if (outcome.kind !== 'end') {
        const response = await takeResponse(client)
        assert.equal(response.status, outcome.status)
        if (outcome.kind === 'bare') assert.equal(response.body.length, 0)
      }
      if (outcome.kind === 'taken' && outcome.ends !== true) return await assertStays(client)
      // What comes behind a request that was taken is another bad one.
      const rest = (await client.takeRest()).toString('latin1')
      assert.match(rest, outcome.kind === 'taken' ? /^HTTP\/1\.1 400 [^]*$/ : /^$/)
    } finally {
      await client.close()
    }
  }
})

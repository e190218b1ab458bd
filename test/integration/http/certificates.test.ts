import assert from 'node:assert/strict'
import { once } from 'node:events'
import { before, describe, test, type TestContext } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { GoWeb, type Server, type TlsOptions } from 'goweb'
import { makeCertificate, type TestCertificate } from '../../conformance/wire/certificate.ts'
import { SocketClient } from '../../conformance/wire/socket-client.ts'
import { TcpClient } from '../../conformance/wire/tcp-client.ts'
import { assertStays } from '../../conformance/wire/exchange.ts'

async function listen(t: TestContext, tls: TlsOptions | undefined): Promise<Server> {
  const server = await new GoWeb({ report: (error) => assert.fail(String(error)) })
    .get('/hello', (c) => c.text('hello'))
    .ws('/echo', { message: (socket, message) => void socket.send(message) })
    .listen({ port: 0, host: '127.0.0.1', ...(tls && { tls }) })
  t.after(() => server.close(0))
  return server
}

/** The name in the certificate that a client gets which asks for a host; `''` asks for none. */
async function nameFor({ port }: Server, servername: string): Promise<unknown> {
  const socket: TLSSocket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(servername !== '' && { servername }),
  })
  await once(socket, 'secureConnect')
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return subject.CN
}

describe('certificates', () => {
  const made: Record<string, TestCertificate> = {}
  before(() => {
    for (const host of ['localhost', 'a.example', 'b.example', '*.example', 'new.example']) {
      made[host] = makeCertificate({ host })
    }
  })
  const of = (host: string): TestCertificate => made[host]!

  test('of several hosts are told apart by the name that the client asks for', async (t) => {
    const hosts = { 'a.example': of('a.example'), 'B.Example': of('b.example'), '*.example': of('*.example') }
    const server = await listen(t, { ...of('localhost'), hosts })
    const expected = {
      'a.example': 'a.example',
      'A.EXAMPLE': 'a.example',
      'b.example': 'b.example',
      'other.example': '*.example',
      'two.labels.example': 'localhost',
      example: 'localhost',
      'elsewhere.test': 'localhost',
      '': 'localhost',
    }
    const names = Object.keys(expected)
    const got = await Promise.all(names.map((name) => nameFor(server, name)))
    assert.deepEqual(Object.fromEntries(names.map((name, index) => [name, got[index]])), expected)
  })

  test('are exchanged while connections go on', async (t) => {
    const server = await listen(t, { ...of('localhost'), hosts: { 'a.example': of('a.example') } })
    const { cert: ca } = of('localhost')
    const kept = await TcpClient.connect({ port: server.port, ca })
    const socket = await SocketClient.open({ port: server.port, ca })
    await assertStays(kept)
    await server.reloadTls({ ...of('new.example'), hosts: { 'b.example': of('b.example') } })
    assert.deepEqual(await Promise.all(['a.example', 'b.example', ''].map((name) => nameFor(server, name))), [
      'new.example',
      'b.example',
      'new.example',
    ])
    // Bun ends idle connections of a server that gives up its place.
    if (process.versions['bun'] === undefined) await assertStays(kept)
    await socket.sendText('still there')
    assert.equal(await socket.takeText(), 'still there')
    await kept.close()
    await socket.close()
  })

  describe('that are wrong leave those that there are', () => {
    const wrong: readonly (readonly [name: string, tls: () => unknown, problem: RegExp])[] = [
      ['a key of another', () => ({ ...of('a.example'), key: of('b.example').key }), /key.values.mismatch/i],
      ['no certificate at all', () => ({ cert: 'nothing', key: of('a.example').key }), /./],
      ['an empty one', () => ({ cert: '', key: of('a.example').key }), /tls\.cert: expected PEM/],
      ['half of one', () => ({ ...of('a.example'), cert: of('a.example').cert.slice(0, 300) }), /./],
      ['a key that needs a passphrase', () => makeCertificate({ passphrase: 'secret' }), /./],
      [
        'one whose time is over',
        () => makeCertificate({ isExpired: true }),
        /The certificate is valid from .* to .*, which is not now/,
      ],
      [
        'that of one host',
        () => ({ ...of('a.example'), hosts: { 'b.example': { cert: '', key: '' } } }),
        /hosts\['b\.example'\]\.cert/,
      ],
      [
        'an expired one of one host',
        () => ({ ...of('a.example'), hosts: { 'b.example': makeCertificate({ isExpired: true }) } }),
        /The certificate of b\.example/,
      ],
      [
        'a host that is none',
        () => ({ ...of('a.example'), hosts: { 'b.*.example': of('b.example') } }),
        /"b\.\*\.example" is no host name/,
      ],
      ['nothing', () => undefined, /tls: expected/],
    ]
    for (const [name, tls, problem] of wrong) {
      test(name, async (t) => {
        const hosts = { 'a.example': of('a.example') }
        const server = await listen(t, { ...of('localhost'), hosts })
        await assert.rejects(server.reloadTls(tls() as TlsOptions), (error: Error & { code?: string }) => {
          assert.equal(error.code, 'TLS_RELOAD_FAILED')
          assert.match(error.message, /^The server goes on with the certificates that it has: /)
          assert.match(error.message, problem)
          assert.ok(error.cause instanceof Error)
          return true
        })
        assert.deepEqual(
          [await nameFor(server, 'a.example'), await nameFor(server, 'x')],
          ['a.example', 'localhost'],
        )
      })
    }

    test('any, where there is no TLS', async (t) => {
      const server = await listen(t, undefined)
      await assert.rejects(server.reloadTls(of('a.example')), { code: 'TLS_RELOAD_FAILED' })
    })
  })

  test('of hosts that are none are refused by listen', async (t) => {
    const hosts = { 'bad host': of('a.example') }
    await assert.rejects(listen(t, { ...of('localhost'), hosts }), { code: 'LISTEN_OPTIONS_INVALID' })
    const halves = { 'a.example': { cert: of('a.example').cert, key: of('b.example').key } }
    await assert.rejects(listen(t, { ...of('localhost'), hosts: halves }), { code: 'LISTEN_OPTIONS_INVALID' })
  })
})

// not on bun: it looks at the driver of Node's connections
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket as NetSocket } from 'node:net'
import { describe, test } from 'node:test'
import type { AcceptedUpgrade } from '../../../src/app/dispatcher.ts'
import type { IncomingRequest } from '../../../src/http/incoming-request.ts'
import { Reply } from '../../../src/http/reply.ts'
import { clientFrame, concat } from '../../unit/websocket/client-frame.ts'
import { accept, DriverServer } from './driver-server.ts'
import { onWrite } from './on-write.ts'
import { handshake, RawClient } from './raw-client.ts'

const ECHO = {
  message: (socket: { send(message: string | Uint8Array): unknown }, message: string | Uint8Array) =>
    socket.send(message),
}

describe('an accepted handshake', () => {
  test('is answered in one write with what the open hook sends', async (t) => {
    let writes = 0
    const server = await DriverServer.start(t, {
      upgrade: () =>
        accept(
          { open: (socket) => socket.send('welcome') },
          { protocol: 'chat', headers: [['set-cookie', 'a=\xe9']] },
        ),
      onUpgrade: (_req, socket) => onWrite(socket, () => writes++),
    })
    const client = new RawClient(server)
    client.write(handshake({ headers: { 'Sec-WebSocket-Protocol': 'other, chat' } }))
    assert.deepEqual(await client.untilEvents(1), [['text', 'welcome']])
    assert.equal(writes, 1)
    assert.equal(
      await client.head(),
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\nset-cookie: a=\xe9\r\n',
    )
    client.socket.destroy()
  })

  test('is answered at once where there is no open hook, and counted', async (t) => {
    let writes = 0
    const writesBeforeTheTurnEnds = Promise.withResolvers<number>()
    const server = await DriverServer.start(t, {
      upgrade: () => {
        queueMicrotask(() => writesBeforeTheTurnEnds.resolve(writes))
        return accept(ECHO, { headers: [['x-latin1', 'caf\xe9']] })
      },
      onUpgrade: (_req, socket) => onWrite(socket, () => writes++),
    })
    const client = new RawClient(server)
    client.write(concat(Buffer.from(handshake()), clientFrame(1, 'hello')))
    assert.equal(await writesBeforeTheTurnEnds.promise, 1)
    assert.deepEqual(await client.untilEvents(1), [['text', 'hello']])
    const head = await client.head()
    assert.match(head, /\r\nx-latin1: caf\xe9\r\n$/)
    assert.equal(server.hub.counters.bytesOut, head.length + '\r\n'.length + 2 + 'hello'.length)
    client.socket.destroy()
  })

  test('leaves no listener of its signal on the connection, and those of the app', async (t) => {
    const signals: AbortSignal[] = []
    const connections: NetSocket[] = []
    let closed = 0
    const listeners: number[][] = []
    const server = await DriverServer.start(t, {
      upgrade: (request) => {
        if (request.path === '/signal') signals.push(request.signal)
        if (request.path === '/app') connections.at(-1)!.on('close', () => closed++)
        const count = (name: string): number => connections.at(-1)!.listenerCount(name)
        return accept({ message: () => void listeners.push([count('close'), count('end')]) })
      },
      onUpgrade: (_req, socket) => connections.push(socket),
    })
    for (const path of ['/plain', '/signal', '/app']) {
      const client = new RawClient(server)
      client.write(concat(Buffer.from(handshake({ path })), clientFrame(1, 'count')))
      await client.head()
      client.socket.destroy()
      await once(connections.at(-1)!, 'close')
    }
    assert.deepEqual(listeners, [
      [1, 1],
      [1, 1],
      [2, 1],
    ])
    assert.equal(signals[0]!.aborted, false)
    assert.equal(closed, 1)
  })

  test('leaves a connection that the app listens to with it, and no other', async (t) => {
    let closed = 0
    let request: IncomingRequest | undefined
    const connections: NetSocket[] = []
    const server = await DriverServer.start(t, {
      upgrade: (asking) => {
        request = asking
        return accept(ECHO)
      },
      onUpgrade: ({ url }, socket) => {
        connections.push(socket)
        if (url === '/listens') socket.on('close', () => closed++)
      },
    })
    for (const path of ['/listens', '/other']) {
      const client = await RawClient.open(server, path)
      const lateSignal = request!.signal
      for (let count = 1; count <= 20; count++) {
        client.write(clientFrame(1, String(count)))
        await client.untilEvents(count)
      }
      // Node's own object is destroyed when the socket gets another one, which reads faster.
      assert.equal(connections.at(-1)!.destroyed, path === '/other')
      assert.equal(closed, path === '/other' ? 1 : 0)
      client.socket.destroy()
      while (server.registry.size > 0) await new Promise(setImmediate)
      assert.equal(closed, 1)
      assert.equal(lateSignal.aborted, false)
    }
  })

  test('whose answer is larger than the connection takes leaves the first messages waiting', async (t) => {
    const results: unknown[] = []
    const server = await DriverServer.start(t, {
      upgrade: () =>
        accept(
          { message: (socket) => void results.push(socket.send('x'.repeat(1_000))) },
          { headers: [['x-large', 'x'.repeat(4_000_000)]], limits: { maxBackpressureBytes: 100_000 } },
        ),
    })
    const client = new RawClient(server)
    client.socket.pause()
    client.write(concat(Buffer.from(handshake()), clientFrame(1, 'a')))
    while (results.length === 0) await new Promise(setImmediate)
    assert.deepEqual(results, ['dropped'])
    client.socket.destroy()
  })

  test('that fails in its last step is answered, and ends with the server', async (t) => {
    const server = await DriverServer.start(t, {
      upgrade: () => accept(ECHO),
      onUpgrade: (_req, socket) => {
        socket.setNoDelay = () => {
          throw new Error('no memory')
        }
      },
    })
    const client = new RawClient(server)
    client.write(handshake())
    assert.match(await client.head(), /^HTTP\/1\.1 500 /)
    server.registry.terminateAll()
    while ((await server.connections()) > 0) await new Promise(setImmediate)
    assert.equal(server.registry.size, 0)
  })

  test('may have the first frames behind it', async (t) => {
    const server = await DriverServer.start(t, { upgrade: () => accept(ECHO) })
    const client = new RawClient(server)
    client.write(
      concat(Buffer.from(handshake()), clientFrame(1, 'one'), clientFrame(1, 'two').subarray(0, 4)),
    )
    await client.untilEvents(1)
    client.write(clientFrame(1, 'two').subarray(4))
    assert.deepEqual(await client.untilEvents(2), [
      ['text', 'one'],
      ['text', 'two'],
    ])
    client.socket.destroy()
  })

  test('may take its time, while frames arrive', async (t) => {
    const asked = Promise.withResolvers<void>()
    const decided = Promise.withResolvers<AcceptedUpgrade>()
    const server = await DriverServer.start(t, {
      upgrade: () => {
        asked.resolve()
        return decided.promise
      },
    })
    const client = new RawClient(server)
    client.write(concat(Buffer.from(handshake()), clientFrame(1, 'with the handshake')))
    await asked.promise
    client.write(clientFrame(1, 'while it is decided'))
    client.write(clientFrame(2, new Uint8Array(200_000)))
    assert.equal(server.registry.size, 0)
    decided.resolve(accept(ECHO))
    const events = await client.untilEvents(3)
    assert.deepEqual(events.slice(0, 2), [
      ['text', 'with the handshake'],
      ['text', 'while it is decided'],
    ])
    assert.equal(events[2]?.[0], 'binary')
    client.socket.destroy()
  })

  test('comes to nothing when the client has left meanwhile', async (t) => {
    const asked = Promise.withResolvers<AbortSignal>()
    const decided = Promise.withResolvers<AcceptedUpgrade>()
    let serverSide: NetSocket | undefined
    const server = await DriverServer.start(t, {
      upgrade: (request) => {
        asked.resolve(request.signal)
        return decided.promise
      },
      onUpgrade: (_req, socket) => (serverSide = socket),
    })
    const client = new RawClient(server)
    client.write(handshake())
    const signal = await asked.promise
    client.socket.resetAndDestroy()
    assert.ok(serverSide)
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    serverSide.on('close', () => resolve())
    if (!serverSide.closed) await closed
    assert.equal(signal.aborted, true)
    let opened = 0
    decided.resolve(accept({ open: () => opened++ }))
    await new Promise(setImmediate)
    assert.equal(opened, 0)
    assert.equal(server.registry.size, 0)
    assert.deepEqual(server.errors, [])
  })

  test('does not abort the signal of its request when the socket closes', async (t) => {
    let signal: AbortSignal | undefined
    const closed = Promise.withResolvers<void>()
    const server = await DriverServer.start(t, {
      upgrade: (request) => {
        ;({ signal } = request)
        return accept({ close: () => closed.resolve() })
      },
    })
    const client = await RawClient.open(server)
    client.socket.destroy()
    await closed.promise
    assert.equal(signal?.aborted, false)
  })
})

describe('a refused upgrade', () => {
  test('is an ordinary answer on a connection that closes', async (t) => {
    const reply = (): Reply => {
      const made = new Reply(403, 'no', 'text/plain')
      made.headers.set('x-why', 'rules')
      return made
    }
    for (const upgrade of [reply, () => Promise.resolve(reply())]) {
      const server = await DriverServer.start(t, { upgrade })
      const client = new RawClient(server)
      // Bytes that nobody will read must not reset the connection before the answer is read.
      client.write(concat(Buffer.from(handshake()), clientFrame(1, 'x'.repeat(50_000))))
      await client.ended()
      assert.match(client.text, /^HTTP\/1\.1 403 Forbidden\r\n/)
      assert.match(client.text, /\r\nx-why: rules\r\n/i)
      assert.match(client.text, /\r\nconnection: close\r\n/i)
      assert.match(client.text, /\r\n\r\nno$/)
      client.socket.end()
      await client.closed
      assert.equal(server.registry.size, 0)
    }
  })

  test('aborts its signal where the client leaves before the end of the answer only', async (t) => {
    const signals: AbortSignal[] = []
    const server = await DriverServer.start(t, {
      upgrade: (request) => {
        signals.push(request.signal)
        const whole = new Reply(403, 'no', 'text/plain')
        if (request.path === '/whole') return whole
        return new Reply(200, new ReadableStream({ pull: () => new Promise(() => {}) }), 'text/plain')
      },
    })
    const complete = new RawClient(server)
    complete.write(handshake({ path: '/whole' }))
    await complete.ended()
    complete.socket.end()
    await complete.closed
    const leaving = new RawClient(server)
    leaving.write(handshake({ path: '/endless' }))
    await leaving.head()
    leaving.socket.resetAndDestroy()
    while (!signals[1]!.aborted) await new Promise(setImmediate)
    assert.equal(signals[0]!.aborted, false)
  })

  test('may stream its body, with backpressure', async (t) => {
    const size = 2_000_000
    const server = await DriverServer.start(t, {
      upgrade: () =>
        new Reply(
          200,
          (async function* body() {
            for (let sent = 0; sent < size; sent += 100_000) yield new Uint8Array(100_000).fill(0x61)
          })(),
          'text/plain',
        ),
    })
    const client = new RawClient(server)
    client.write(handshake({ headers: { Connection: 'Upgrade, close' } }))
    await client.ended()
    assert.ok(client.text.replaceAll(/[^a]/g, '').length >= size)
    client.socket.end()
    await client.closed
  })

  test('tells its reply when it was sent, and that it was not', async (t) => {
    const sent = Promise.withResolvers<unknown>()
    const server = await DriverServer.start(t, {
      upgrade: () => {
        const reply = new Reply(401, 'who?', 'text/plain')
        reply.onSent = (outcome) => sent.resolve(outcome)
        return reply
      },
    })
    const client = new RawClient(server)
    client.write(handshake())
    await client.ended()
    client.socket.end()
    assert.deepEqual(await sent.promise, { aborted: false, error: undefined })
  })

  test('answers malformed handshakes without asking the app', async (t) => {
    let asked = 0
    const server = await DriverServer.start(t, {
      upgrade: () => {
        asked++
        return accept({})
      },
    })
    for (const [options, status, pattern] of [
      [{ method: 'POST' }, 405, /\r\nallow: GET\r\n/i],
      [{ method: 'HEAD' }, 405, /\r\n\r\n$/],
      [{ version: '1.0' }, 400, /HANDSHAKE_REQUEST_INVALID/],
      [{ headers: { Host: undefined } }, 400, /HANDSHAKE_REQUEST_INVALID/],
      [{ headers: { 'Content-Length': '3' } }, 400, /HANDSHAKE_REQUEST_INVALID/],
      [{ headers: { 'Sec-WebSocket-Version': '8' } }, 426, /\r\nsec-websocket-version: 13\r\n/i],
      [{ headers: { 'Sec-WebSocket-Key': 'short' } }, 400, /HANDSHAKE_KEY_INVALID/],
      [{ headers: { 'Sec-WebSocket-Protocol': 'a, a' } }, 400, /HANDSHAKE_PROTOCOLS_INVALID/],
      [{ headers: { Host: 'a b' } }, 400, /HOST_INVALID/],
    ] as const) {
      const client = new RawClient(server)
      client.write(`${handshake(options)}abc`)
      await client.ended()
      assert.ok(client.text.startsWith(`HTTP/1.1 ${status} `), `${JSON.stringify(options)}: ${client.text}`)
      assert.match(client.text, pattern)
      client.socket.end()
      await client.closed
    }
    assert.equal(asked, 0)
  })

  test('is what becomes of an upgrade that cannot be answered as the app wants', async (t) => {
    const server = await DriverServer.start(t, {
      upgrade: (request) =>
        accept({}, request.path === '/a' ? { protocol: 'unasked' } : { headers: [['x', 'a\r\nb']] }),
    })
    for (const path of ['/a', '/b']) {
      const client = new RawClient(server)
      client.write(handshake({ path }))
      await client.ended()
      assert.match(client.text, /^HTTP\/1\.1 500 /)
      client.socket.end()
      await client.closed
    }
    assert.equal(server.registry.size, 0)
  })
})

describe('upgrades to other protocols', () => {
  for (const isWithoutCallback of [false, true]) {
    const title = isWithoutCallback ? 'as before Node 22.21' : 'with shouldUpgradeCallback'
    // Where Node knows the option it reads the body before the event, and the fallback would not be used.
    const hasBodyFirst = isWithoutCallback && readsBodyBeforeUpgrade()
    test(`are requests like any other, ${title}`, async (t) => {
      const server = await DriverServer.start(t, {
        upgrade: () => assert.fail('asked the app'),
        isWithoutCallback,
        onRequest: (req, res) => {
          let body = ''
          req.setEncoding('utf8').on('data', (chunk) => (body += chunk))
          req.on('end', () => res.end(`${req.method} ${req.url} ${body}.`))
        },
      })
      const client = new RawClient(server)
      const headers = { Upgrade: 'h2c', Connection: 'Upgrade, HTTP2-Settings' }
      client.write(handshake({ path: '/a', headers }))
      await client.until(({ text }) => text.includes('GET /a .'))
      if (!hasBodyFirst) {
        client.write(
          handshake({ path: '/b', method: 'POST', headers: { ...headers, 'Content-Length': '10' } }),
        )
        client.write('hello')
        client.write('world')
        await client.until(({ text }) => text.includes('POST /b helloworld.'))
      }
      client.write('GET /c HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
      await client.until(({ text }) => text.includes('GET /c .'))
      await client.ended()
      client.socket.end()
      await client.closed
    })
  }
})

/** Node 24 reads the body of a request before it tells of the upgrade; Node 22 leaves it to whoever takes the connection. */
function readsBodyBeforeUpgrade(): boolean {
  return Number(process.versions.node.split('.')[0]) >= 24
}

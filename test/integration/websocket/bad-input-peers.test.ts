import assert from 'node:assert/strict'
import { afterEach, describe, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { GoWeb, type Server, type Socket, type SocketMessage } from 'goweb'
import { hex, repeated } from '../../conformance/wire/bytes.ts'
import { clientFrame, frameHead } from '../../conformance/wire/frames.ts'
import { SocketClient } from '../../conformance/wire/socket-client.ts'
import { skipOn } from '../../skip-on.ts'

/** Bun tells that a socket is closed when the close frame is sent; the connection it ends after about 4 s. */
const IS_BUN = process.versions['bun'] !== undefined

/** Longer than any test: what waits for it never happens. */
const NEVER_MS = 600_000

interface End {
  readonly code: number
  readonly reason: string
}

describe('bad peers', () => {
  let server: Server
  let sockets: Socket[]
  let messages: SocketMessage[]
  /** How each socket ended, in order. */
  let ends: End[]
  let wake: () => void
  afterEach(() => server.close(0))

  async function listen(options: Parameters<GoWeb['ws']>[1] = {}): Promise<void> {
    sockets = []
    messages = []
    ends = []
    wake = () => {}
    const app = new GoWeb({ report: (error) => assert.fail(String(error)) }).ws('/echo', {
      pingIntervalMs: 0,
      closeTimeoutMs: NEVER_MS,
      open: (socket) => void sockets.push(socket),
      message: (socket, message) => {
        messages.push(message)
        socket.send(message)
      },
      close: (_socket, code, reason) => {
        ends.push({ code, reason })
        wake()
      },
      ...options,
    })
    app.ws('/other', { message: (socket, message) => void socket.send(message) })
    server = await app.listen({ port: 0, host: '127.0.0.1' })
  }

  const open = (allowHalfOpen = false): Promise<SocketClient> =>
    SocketClient.open({ port: server.port, allowHalfOpen })

  /** Waits until so many sockets have ended. */
  async function ended(count: number): Promise<readonly End[]> {
    while (ends.length < count) await new Promise<void>((resolve) => (wake = resolve))
    return ends
  }

  /** Another connection is served, so what was sent before has been handled. */
  async function assertOthersAreServed(): Promise<void> {
    const client = await SocketClient.open({ port: server.port, target: '/other' })
    for (const text of ['one', 'two', 'three']) {
      await client.sendText(text)
      assert.equal(await client.takeText(), text)
    }
    await client.close()
  }

  describe('that vanish', () => {
    test('with FIN and without a close frame: 1006', async () => {
      await listen()
      const client = await open()
      client.tcp.end()
      assert.deepEqual(await ended(1), [{ code: 1006, reason: '' }])
      assert.equal((await client.tcp.takeRest()).length, 0)
      await client.tcp.close()
    })

    test('with FIN right behind a message: it is answered first', async () => {
      await listen()
      const client = await open(true)
      await client.sendText('last words')
      client.tcp.end()
      assert.equal(await client.takeText(), 'last words')
      assert.deepEqual(await ended(1), [{ code: 1006, reason: '' }])
      await client.tcp.close()
    })

    for (const [name, bytes] of [
      ['a header', hex('81')],
      ['a frame', clientFrame(0x81, Buffer.from('hello')).subarray(0, 8)],
      ['a message', clientFrame(0x01, Buffer.from('hello'))],
      [
        'a large message',
        Buffer.concat([frameHead(0x82, 500_000, 0x80), hex('37fa213d'), Buffer.alloc(100_000)]),
      ],
    ] as const) {
      for (const how of ['end', 'reset'] as const) {
        test(`(${how}) in the middle of ${name}: 1006, and no message`, async () => {
          await listen()
          const client = await open()
          await client.tcp.write(bytes)
          client.tcp[how]()
          assert.deepEqual(await ended(1), [{ code: 1006, reason: '' }])
          assert.deepEqual(messages, [])
          await client.tcp.close()
        })
      }
    }

    test('with a reset right behind a close frame: the end is told once', async () => {
      await listen()
      const client = await open()
      await client.sendClose(1000, 'bye')
      client.tcp.reset()
      await ended(1)
      await assertOthersAreServed()
      assert.equal(ends.length, 1)
      assert.ok(ends[0]?.code === 1000 || ends[0]?.code === 1006)
      await client.tcp.close()
    })

    test('without a trace: noticed by the heartbeat', async () => {
      await listen({ pingIntervalMs: 250, pongTimeoutMs: 250 })
      const client = await open(true)
      assert.equal((await client.takeFrame()).first, 0x89)
      assert.deepEqual(await ended(1), [{ code: 1006, reason: '' }])
      await client.tcp.takeRest()
      await client.tcp.close()
    })

    test('after they answered three pings: noticed by the fourth', async () => {
      await listen({ pingIntervalMs: 250, pongTimeoutMs: 2_000 })
      const client = await open(true)
      for (const answer of [clientFrame(0x8a), clientFrame(0x81, Buffer.from('busy')), clientFrame(0x8a)]) {
        let ping = await client.takeFrame()
        while (ping.first !== 0x89) ping = await client.takeFrame()
        assert.equal(sockets[0]?.state, 'open')
        await client.tcp.write(answer)
      }
      assert.equal((await client.takeFrame()).first, 0x89)
      assert.deepEqual(await ended(1), [{ code: 1006, reason: '' }])
      await client.tcp.close()
    })
  })

  describe('that do not close', () => {
    test('when they are told to: ended after closeTimeoutMs', async () => {
      await listen({ closeTimeoutMs: 250, message: (socket) => socket.close(4001, 'go') })
      const client = await open(true)
      await client.sendText('hello')
      assert.equal(await client.takeClose(), 4001)
      assert.deepEqual(await ended(1), [IS_BUN ? { code: 4001, reason: 'go' } : { code: 1006, reason: '' }])
      await client.tcp.takeRest()
      await client.tcp.close()
    })

    test('but go on sending: what they send is dropped, and they are ended', async () => {
      await listen({
        closeTimeoutMs: 250,
        message: (socket, message) => {
          messages.push(message)
          socket.close(4001)
        },
      })
      const client = await open(true)
      while (client.tcp.socket.writable && ends.length === 0) {
        await client.sendText('and another thing')
        await nextTurn()
      }
      assert.deepEqual(messages, ['and another thing'])
      assert.deepEqual(await ended(1), [{ code: IS_BUN ? 4001 : 1006, reason: '' }])
      await client.tcp.close()
    })

    test('after a violation: ended after closeTimeoutMs', async () => {
      await listen({ closeTimeoutMs: 250, error: () => {} })
      const client = await open(true)
      await client.tcp.write(hex('8100'))
      assert.equal(await client.takeClose(), 1002)
      assert.equal((await ended(1))[0]?.code, 1002)
      await client.tcp.close()
    })

    test('after their own close frame: the connection is ended by the server all the same', async () => {
      await listen({ closeTimeoutMs: 250 })
      const client = await open(true)
      await client.sendClose(3001, 'mine')
      assert.equal(await client.takeClose(), 3001)
      assert.equal((await client.tcp.takeRest()).length, 0)
      assert.deepEqual(await ended(1), [{ code: 3001, reason: 'mine' }])
      await client.tcp.close()
    })

    test('messages that cross the close frame of the server are still read up to theirs', async () => {
      await listen({ message: (socket) => socket.close(4001) })
      const client = await open()
      await client.tcp.write(
        Buffer.concat([clientFrame(0x81), clientFrame(0x81), clientFrame(0x88, hex('0fa1'))]),
      )
      assert.equal(await client.takeClose(), 4001)
      assert.deepEqual(await ended(1), [{ code: 4001, reason: '' }])
      await client.tcp.close()
    })
  })

  describe('that flood', () => {
    test('pings in one packet: the newest is answered, what follows is served', async () => {
      await listen()
      const client = await open()
      const pings = Array.from({ length: 10_000 }, (_, n) => clientFrame(0x89, Buffer.from(String(n))))
      await client.tcp.write(Buffer.concat([...pings, clientFrame(0x81, Buffer.from('done'))]))
      const pongs: string[] = []
      let hasText = false
      while (!hasText || pongs.at(-1) !== '9999') {
        const { first, payload } = await client.takeFrame()
        if (first === 0x8a) pongs.push(payload.toString())
        else hasText = payload.toString() === 'done'
      }
      assert.ok(pongs.length >= 1 && pongs.length <= 10_000)
      const numbers = pongs.map(Number)
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => a - b),
      )
      await client.close()
    })

    test('pings without reading the pongs: what waits is bounded, others are served', async () => {
      await listen({ maxBackpressureBytes: 100_000, controlFramesPerSecond: 0 })
      const client = await SocketClient.open({ port: server.port })
      client.tcp.socket.pause()
      const pings = Buffer.concat(Array.from({ length: 1_000 }, () => clientFrame(0x89, repeated(0x2a, 125))))
      // 25 MB of pongs: more than the system takes for a peer that does not read.
      for (let i = 0; i < 200; i++) {
        const writing = client.tcp.write(pings)
        // On Bun such a peer is not read until it has taken its pongs.
        if (IS_BUN) writing.catch(() => {})
        else await writing
        await nextTurn()
        const [socket] = sockets
        // Bun has answered all pings of a read, of half a megabyte at most, when it tells of the first.
        const most = IS_BUN ? 100_000 + 524_288 : 200_000
        assert.ok((socket?.bufferedAmount ?? 0) <= most, `${socket?.bufferedAmount} bytes wait`)
      }
      await assertOthersAreServed()
      await client.tcp.close()
    })

    test('fragments of one octet: the message is put together, and others are served', async () => {
      await listen()
      const client = await open()
      const frames = [
        clientFrame(0x02, hex('2a')),
        ...Array.from({ length: 99_998 }, () => clientFrame(0x00, hex('2a'))),
        clientFrame(0x80, hex('2a')),
      ]
      const writing = client.tcp.write(Buffer.concat(frames))
      await assertOthersAreServed()
      await writing
      assert.equal((await client.takeFrame()).payload.length, 100_000)
      await client.close()
    })

    const skip = skipOn('bun', 'Bun does not tell of fragments')
    test('empty fragments without end: 1008', { skip }, async () => {
      await listen({ error: () => {} })
      const client = await open()
      await client.send(0x01)
      const piece = Buffer.concat(Array.from({ length: 500 }, () => clientFrame(0x00)))
      for (let i = 0; i < 10; i++) {
        await client.tcp.write(piece)
        await nextTurn()
      }
      assert.equal(await client.takeClose(), 1008)
      assert.equal((await ended(1))[0]?.code, 1008)
      await client.tcp.close()
    })

    test('connections that announce large messages and send nothing: they cost no memory', async () => {
      await listen({ maxPayloadBytes: 4_000_000 })
      const before = process.memoryUsage().arrayBuffers
      const clients = await Promise.all(Array.from({ length: 300 }, () => open()))
      const announcement = Buffer.concat([frameHead(0x82, 4_000_000, 0x80), hex('37fa213d'), hex('00')])
      await Promise.all(clients.map((client) => client.tcp.write(announcement)))
      await assertOthersAreServed()
      const grown = process.memoryUsage().arrayBuffers - before
      assert.ok(grown < 100_000_000, `${grown} bytes for 1.2 GB announced`)
      await Promise.all(clients.map((client) => client.tcp.close()))
      await ended(300)
    })

    test('a message octet by octet: others are served meanwhile', async () => {
      await listen()
      const client = await open()
      const writing = client.tcp.writeInChops(clientFrame(0x81, repeated(0x61, 1_000)), 1)
      await assertOthersAreServed()
      await writing
      assert.equal((await client.takeText()).length, 1_000)
      await client.close()
    })
  })

  describe('that never read', () => {
    const piece = new Uint8Array(100_000)

    /** Sends until the socket refuses. */
    function sendUntilDropped(socket: Socket): { sent: number; results: Set<string>; most: number } {
      const results = new Set<string>()
      let sent = 0
      let most = 0
      for (;;) {
        const result = socket.send(piece)
        results.add(result)
        if (result === 'dropped') return { sent, results, most }
        sent++
        most = Math.max(most, socket.bufferedAmount)
        assert.ok(sent < 10_000, 'nothing is ever dropped')
      }
    }

    test('are closed with 1013 by the policy close, and others are served', async () => {
      await listen({ maxBackpressureBytes: 1_000_000, closeTimeoutMs: 250 })
      const client = await open()
      client.tcp.socket.pause()
      const socket = sockets[0] as Socket
      const { results, most } = sendUntilDropped(socket)
      assert.ok(results.has('queued'))
      assert.ok(most <= 1_100_000, `${most} bytes waited`)
      assert.equal(socket.state, 'closing')
      assert.equal(socket.send('more'), 'dropped')
      assert.equal((await ended(1))[0]?.code, 1013)
      await assertOthersAreServed()
      await client.tcp.close()
    })

    test('lose messages by the policy drop, get whole ones when they read, and drain is told', async () => {
      const drained = Promise.withResolvers<void>()
      await listen({
        maxBackpressureBytes: 1_000_000,
        backpressurePolicy: 'drop',
        drain: () => drained.resolve(),
      })
      const client = await open()
      client.tcp.socket.pause()
      const socket = sockets[0] as Socket
      const { sent } = sendUntilDropped(socket)
      assert.equal(socket.state, 'open')
      assert.equal(socket.send(piece), 'dropped')
      client.tcp.socket.resume()
      for (let i = 0; i < sent; i++) assert.equal((await client.takeFrame()).payload.length, piece.length)
      await drained.promise
      assert.equal(socket.bufferedAmount, 0)
      assert.equal(socket.send('small'), 'sent')
      assert.equal(await client.takeText(), 'small')
      await client.close()
    })

    for (const policy of ['close', 'drop'] as const) {
      test(`do not hold up a topic (policy ${policy})`, async () => {
        await listen({
          maxBackpressureBytes: 1_000_000,
          backpressurePolicy: policy,
          closeTimeoutMs: 250,
          open: (socket) => {
            sockets.push(socket)
            socket.subscribe('news')
          },
          message: (socket, message) => socket.publish('news', message, { toSelf: true }),
        })
        const slow = await open()
        slow.tcp.socket.pause()
        const reader = await open()
        const payload = Buffer.alloc(200_000, 'news')
        for (let i = 0; i < 100; i++) {
          await reader.send(0x82, payload)
          assert.equal((await reader.takeFrame()).payload.length, payload.length)
          assert.ok((sockets[0]?.bufferedAmount ?? 0) <= 1_200_000)
        }
        if (policy === 'close') assert.equal((await ended(1))[0]?.code, 1013)
        else assert.equal(sockets[0]?.state, 'open')
        await reader.close()
        await slow.tcp.close()
      })
    }

    test('and are closed by the app: ended after closeTimeoutMs, however much waits', async () => {
      await listen({ closeTimeoutMs: 250, maxBackpressureBytes: 50_000_000 })
      const client = await open()
      client.tcp.socket.pause()
      const socket = sockets[0] as Socket
      for (let i = 0; i < 300; i++) socket.send(piece)
      socket.close(4001)
      assert.equal((await ended(1))[0]?.code, IS_BUN ? 4001 : 1006)
      await client.tcp.close()
    })

    test('and are terminated: ended at once', async () => {
      await listen({ maxBackpressureBytes: 50_000_000 })
      const client = await open()
      client.tcp.socket.pause()
      const socket = sockets[0] as Socket
      for (let i = 0; i < 300; i++) socket.send(piece)
      socket.terminate()
      assert.equal((await ended(1))[0]?.code, 1006)
      await client.tcp.close()
    })
  })
})

// not on bun: it looks at the driver of Node's connections
import assert from 'node:assert/strict'
import type { Socket as NetSocket } from 'node:net'
import { describe, test } from 'node:test'
import { Reply } from '../../../src/http/reply.ts'
import { clientFrame, concat, hex } from '../../unit/websocket/client-frame.ts'
import type { SocketHooks, SocketOptions } from '../../../src/websocket/socket-hooks.ts'
import type { Socket } from '../../../src/websocket/socket.ts'
import { accept, DriverServer } from './driver-server.ts'
import { onWrite } from './on-write.ts'
import { handshake, RawClient } from './raw-client.ts'

/** Keeps what a server's close hooks are told; `next` waits for one more. */
class Closes {
  readonly all: (readonly [number, string])[] = []
  #wake: () => void = () => {}

  readonly hook: NonNullable<SocketHooks['close']> = (_socket, code, reason) => {
    this.all.push([code, reason])
    this.#wake()
  }

  async until(count: number): Promise<void> {
    while (this.all.length < count) await new Promise<void>((resolve) => (this.#wake = resolve))
  }
}

async function startEcho(
  t: Parameters<typeof DriverServer.start>[0],
  hooks: SocketHooks = {},
  limits: SocketOptions = {},
) {
  const closes = new Closes()
  const echo: SocketHooks = {
    message: (socket, message) => socket.send(message),
    close: closes.hook,
    ...hooks,
  }
  const server = await DriverServer.start(t, { upgrade: () => accept(echo, { limits }) })
  return { server, closes }
}

describe('a connection', () => {
  test('closes in the order of RFC 6455 section 7.1.1: the server ends first', async (t) => {
    const { server, closes } = await startEcho(t)
    const client = await RawClient.open(server)
    client.write(clientFrame(8, hex('03e9')))
    await client.ended()
    assert.deepEqual(client.events, [['close', 1001, '']])
    client.socket.end()
    await client.closed
    await closes.until(1)
    assert.deepEqual(closes.all, [[1001, '']])
    assert.equal(server.registry.size, 0)
  })

  test('whose client only half-closes gets its answers, then its end', async (t) => {
    const { server, closes } = await startEcho(t)
    const client = new RawClient(server)
    client.write(concat(Buffer.from(handshake()), clientFrame(1, 'last words')))
    client.socket.end()
    await client.ended()
    assert.deepEqual(client.events, [['text', 'last words']])
    await client.closed
    await closes.until(1)
    assert.deepEqual(closes.all, [[1006, '']])
  })

  test('that is reset, in the middle of a frame or message, ends with 1006 and no error', async (t) => {
    const { server, closes } = await startEcho(t)
    const beginnings = [
      new Uint8Array(0),
      clientFrame(1, 'hello').subarray(0, 1),
      clientFrame(2, new Uint8Array(100_000)).subarray(0, 70_000),
      clientFrame(1, 'a', { fin: false }),
      concat(clientFrame(1, 'a'.repeat(10_000)), clientFrame(9)),
    ]
    for (const [index, beginning] of beginnings.entries()) {
      const client = await RawClient.open(server)
      client.write(beginning)
      if (index === 4) await client.untilEvents(2)
      client.socket.resetAndDestroy()
      await closes.until(index + 1)
    }
    assert.ok(closes.all.every(([code]) => code === 1006))
    assert.deepEqual(server.errors, [])
    assert.equal(server.registry.size, 0)
  })

  test('that breaks the protocol is closed although the client goes on sending', async (t) => {
    const { server, closes } = await startEcho(t)
    const client = await RawClient.open(server)
    client.write(
      concat(
        clientFrame(1, 'fine'),
        clientFrame(1, 'x', { mask: false }),
        clientFrame(1, 'y'.repeat(100_000)),
      ),
    )
    client.write(clientFrame(1, 'z'.repeat(100_000)))
    await client.ended()
    assert.deepEqual(client.events, [
      ['text', 'fine'],
      ['close', 1002, 'FRAME_MASK_INVALID'],
    ])
    client.socket.end()
    await closes.until(1)
    assert.deepEqual(closes.all, [[1002, 'FRAME_MASK_INVALID']])
    assert.equal(server.errors.length, 1)
  })

  test('that never ends its side is destroyed after closeTimeoutMs', async (t) => {
    const { server, closes } = await startEcho(t, {}, { closeTimeoutMs: 250 })
    const client = await RawClient.open(server)
    client.write(clientFrame(8, hex('03e8')))
    await closes.until(1)
    assert.deepEqual(closes.all, [[1000, '']])
    client.socket.destroy()
  })

  test('whose client falls silent is found out by the heartbeat', async (t) => {
    const pongs: string[] = []
    const hooks: SocketHooks = { pong: (_socket, payload) => pongs.push(Buffer.from(payload).toString()) }
    const closes = new Closes()
    const server = await DriverServer.start(t, {
      upgrade: (request) => {
        // Only the silent one is given little time, so that no delay of this process can end the other.
        const pongTimeoutMs = request.path === '/silent' ? 250 : 60_000
        return accept({ ...hooks, close: closes.hook }, { limits: { pingIntervalMs: 250, pongTimeoutMs } })
      },
    })
    const alive = await RawClient.open(server)
    const silent = await RawClient.open(server, '/silent')
    let answered = 0
    const stayAlive = alive.until(({ events }) => {
      for (; answered < events.length; answered++) alive.write(clientFrame(10))
      return answered >= 4
    })
    await closes.until(1)
    await silent.ended()
    assert.deepEqual(silent.events, [['ping', '']])
    await stayAlive
    assert.deepEqual(closes.all, [[1006, '']])
    assert.ok(pongs.length >= 3)
    alive.socket.destroy()
    silent.socket.destroy()
  })
})

/** Sends in turn after turn until the connection takes no more; returns what was sent. */
async function fill(socket: Socket): Promise<string[]> {
  const sent: string[] = []
  while (socket.bufferedAmount === 0) {
    assert.ok(sent.length < 1_000_000, 'a connection that nobody reads takes everything')
    for (let count = 0; count < 1_000; count++) {
      const text = `late ${sent.length} ${'x'.repeat(sent.length % 100)}`
      socket.send(text)
      sent.push(text)
    }
    await new Promise(setImmediate)
  }
  return sent
}

describe('the memory of what is written', () => {
  test('is left alone while a connection does not take it, whatever others are sent', async (t) => {
    const sockets: Socket[] = []
    const { server } = await startEcho(t, { open: (socket) => sockets.push(socket) })
    const slow = await RawClient.open(server)
    const busy = await RawClient.open(server)
    // Connections that say something again and again are moved to others, which the driver knows better.
    const greetings = Array.from({ length: 20 }, (_, index) => `${index}`)
    for (const [index, text] of greetings.entries()) {
      for (const client of [slow, busy]) client.write(clientFrame(1, text))
      await Promise.all([slow.untilEvents(index + 1), busy.untilEvents(index + 1)])
    }
    slow.socket.pause()
    const late = await fill(sockets[0]!)
    const others = Array.from({ length: 200 }, (_, index) => `busy ${index} ${'y'.repeat(index % 100)}`)
    for (const [index, text] of others.entries()) {
      // Behind what waits already.
      if (index % 10 === 0) {
        sockets[0]!.send(`later ${index}`)
        late.push(`later ${index}`)
      }
      busy.write(clientFrame(1, text))
      await busy.untilEvents(greetings.length + index + 1)
    }
    assert.ok(sockets[0]!.bufferedAmount > 0)
    sockets[0]!.send('the end')
    slow.socket.resume()
    // Not until so many events came: to count them is to read them all again.
    await slow.until(({ text }) => text.endsWith('the end'))
    const textsOf = ({ events }: RawClient) => events.map(([, payload]) => payload)
    assert.deepEqual(textsOf(slow), [...greetings, ...late, 'the end'])
    assert.deepEqual(textsOf(busy), [...greetings, ...others])
  })

  test('is left alone where a connection writes later than it says', async (t) => {
    const sockets: Socket[] = []
    const server = await DriverServer.start(t, {
      upgrade: () => accept({ open: (socket) => sockets.push(socket) }),
      onUpgrade(_req, socket) {
        const write: (bytes: Uint8Array | string) => boolean = socket.write.bind(socket)
        socket.write = (bytes: Uint8Array | string) => {
          setImmediate(() => write(bytes))
          return true
        }
      },
    })
    const clients = [await RawClient.open(server), await RawClient.open(server)]
    for (const [index, socket] of sockets.entries()) socket.send(`for ${index}`)
    for (const [index, client] of clients.entries()) {
      assert.deepEqual(await client.untilEvents(1), [['text', `for ${index}`]])
    }
  })
})

describe('many connections', () => {
  test('leave nothing behind, however they end', async (t) => {
    const { server, closes } = await startEcho(t)
    const total = 1_000
    const once = async (index: number): Promise<void> => {
      const client = await RawClient.open(server)
      client.write(clientFrame(1, `${index}`))
      await client.untilEvents(1)
      if (index % 4 === 0) client.socket.resetAndDestroy()
      else if (index % 4 === 1) client.socket.destroy()
      else if (index % 4 === 2) client.socket.end()
      else {
        client.write(clientFrame(8, hex('03e8')))
        await client.ended()
        client.socket.end()
      }
      await client.closed
    }
    for (let index = 0; index < total; index += 20) {
      await Promise.all(Array.from({ length: 20 }, (_, offset) => once(index + offset)))
    }
    await closes.until(total)
    assert.equal(server.registry.size, 0)
    assert.equal(server.hub.subscriberCount('room'), 0)
    assert.equal(closes.all.filter(([code]) => code === 1000).length, total / 4)
    assert.deepEqual(server.errors, [])
    // Node counts a connection until its handle is gone, a moment after the event.
    while ((await server.connections()) > 0) await new Promise(setImmediate)
  })

  test('keep what they were sent unchanged by what is read later', async (t) => {
    const kept: unknown[] = []
    const pings: Uint8Array[] = []
    const server = await DriverServer.start(t, {
      upgrade: () =>
        accept({
          message: (socket, message) => {
            kept.push(message)
            socket.send('kept')
          },
          ping: (_socket, payload) => void pings.push(payload),
        }),
    })
    const first = await RawClient.open(server)
    const second = await RawClient.open(server)
    // Connections that talk come to share the buffer that they read into.
    for (let count = 1; count <= 20; count++) {
      for (const client of [first, second]) {
        client.write(clientFrame(2, Uint8Array.of(count)))
        await client.untilEvents(count)
      }
    }
    kept.length = 0
    const large = new Uint8Array(20_000).fill(1)
    first.write(
      concat(clientFrame(9, 'first ping'), clientFrame(2, large), clientFrame(2, Uint8Array.of(1, 2, 3))),
    )
    await first.untilEvents(23)
    second.write(concat(clientFrame(9, 'other ping'), clientFrame(2, new Uint8Array(40_000).fill(9))))
    await second.untilEvents(22)
    assert.deepEqual(kept.slice(0, 2), [large, Uint8Array.of(1, 2, 3)])
    assert.equal(Buffer.from(pings[0] ?? []).toString(), 'first ping')
  })

  test('get what is published in one turn as one write each, across topics and directly', async (t) => {
    const sockets: Socket[] = []
    const writes = new Map<NetSocket, number>()
    const opened = Promise.withResolvers<void>()
    const server = await DriverServer.start(t, {
      upgrade: () =>
        accept({
          open: (socket) => {
            sockets.push(socket)
            socket.subscribe('a')
            socket.subscribe('b')
            if (sockets.length === 5) opened.resolve()
          },
        }),
      onUpgrade: (_req, socket) => {
        onWrite(socket, () => writes.set(socket, (writes.get(socket) ?? 0) + 1))
      },
    })
    const clients = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(server)))
    await opened.promise
    writes.clear()
    for (const [index, socket] of sockets.entries()) {
      socket.publish('a', `a${index}`)
      socket.send(`direct ${index}`)
      socket.publish('b', `b${index}`, { toSelf: true })
    }
    const all = await Promise.all(clients.map((client) => client.untilEvents(10)))
    assert.deepEqual([...writes.values()], [1, 1, 1, 1, 1])
    const own = all.map((events) => Number(/direct (\d)/.exec(JSON.stringify(events))?.[1]))
    assert.deepEqual(new Set(own), new Set([0, 1, 2, 3, 4]))
    for (const [place, events] of all.entries()) {
      const expected = sockets.flatMap((_, index) => [
        index === own[place] ? `direct ${index}` : `a${index}`,
        `b${index}`,
      ])
      assert.deepEqual(
        events.map((event) => event[1]),
        expected,
      )
    }
    for (const client of clients) client.socket.destroy()
  })
})

describe('a peer that reads slowly', () => {
  test('gets everything when the server waits for drain', async (t) => {
    const total = 200
    const payload = new Uint8Array(50_000)
    let sent = 0
    let drains = 0
    const fill = (socket: Socket): void => {
      while (sent < total) {
        sent++
        if (socket.send(payload) !== 'sent') return
      }
    }
    const { server } = await startEcho(t, {
      open: fill,
      drain: (socket) => {
        drains++
        fill(socket)
      },
    })
    const client = new RawClient(server)
    client.write(handshake())
    const size = total * (payload.length + 4)
    let received = 0
    client.socket.removeAllListeners('data')
    const done = Promise.withResolvers<void>()
    client.socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      if (received >= size) done.resolve()
    })
    await done.promise
    assert.equal(sent, total)
    assert.ok(drains > 0)
    client.socket.destroy()
  })

  test('or not at all cannot make the server hold more than the limit', async (t) => {
    const states: string[] = []
    let largest = 0
    const { server, closes } = await startEcho(
      t,
      {
        open: (socket) => {
          const more = (): void => {
            for (let i = 0; i < 10; i++) states.push(socket.send(new Uint8Array(100_000)))
            largest = Math.max(largest, socket.bufferedAmount)
            if (socket.state === 'open') setImmediate(more)
          }
          more()
        },
      },
      { maxBackpressureBytes: 3_000_000, closeTimeoutMs: 250 },
    )
    const client = new RawClient(server)
    client.write(handshake())
    client.socket.pause()
    await closes.until(1)
    assert.deepEqual(closes.all, [[1013, 'maxBackpressureBytes exceeded']])
    assert.equal(states.at(-1), 'dropped')
    assert.ok(largest <= 4_100_000, String(largest))
    client.socket.destroy()
  })
})

describe('a server that closes', () => {
  test('says 1001 to all sockets and refuses upgrades, also those under way', async (t) => {
    const asked = Promise.withResolvers<void>()
    const decided = Promise.withResolvers<void>()
    const closes = new Closes()
    const server = await DriverServer.start(t, {
      upgrade: async (request) => {
        if (request.path === '/late') {
          asked.resolve()
          await decided.promise
        }
        return accept({ close: closes.hook })
      },
    })
    const clients = await Promise.all(Array.from({ length: 3 }, () => RawClient.open(server)))
    const late = new RawClient(server)
    late.write(handshake({ path: '/late' }))
    await asked.promise
    let isClosed = false
    const closed = server.registry.closeAll(1001).then(() => (isClosed = true))
    assert.equal(server.registry.isClosing, true)
    decided.resolve()
    const refused = new RawClient(server)
    refused.write(handshake())
    for (const client of [late, refused]) {
      await client.ended()
      assert.match(client.text, /^HTTP\/1\.1 503 /)
      client.socket.destroy()
    }
    assert.equal(isClosed, false)
    for (const client of clients) {
      assert.deepEqual(await client.untilEvents(1), [['close', 1001, '']])
      client.write(clientFrame(8, hex('03e9')))
      await client.ended()
      client.socket.end()
    }
    await closed
    assert.deepEqual(closes.all, [
      [1001, ''],
      [1001, ''],
      [1001, ''],
    ])
    await server.registry.closeAll(1001)
  })

  test('can end upgrades that are never decided, or whose refusal is not read', async (t) => {
    const asked = Promise.withResolvers<void>()
    const server = await DriverServer.start(t, {
      upgrade: (request) => {
        if (request.path === '/refused') return new Reply(403, new Uint8Array(50_000_000), undefined)
        asked.resolve()
        return new Promise(() => {})
      },
    })
    const undecided = new RawClient(server)
    undecided.write(handshake())
    const refused = new RawClient(server)
    refused.write(handshake({ path: '/refused' }))
    await asked.promise
    await refused.head()
    refused.socket.pause()
    server.registry.terminateAll()
    while ((await server.connections()) > 0) await new Promise(setImmediate)
    await undecided.ended()
  })

  test('can end them at once', async (t) => {
    const { server, closes } = await startEcho(t)
    const clients = await Promise.all(Array.from({ length: 3 }, () => RawClient.open(server)))
    const closed = server.registry.closeAll(1001)
    server.registry.terminateAll()
    await closed
    assert.equal(closes.all.length, 3)
    for (const client of clients) {
      await client.ended()
      client.socket.destroy()
    }
  })
})

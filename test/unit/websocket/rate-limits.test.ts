import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TICK_MS } from '../../../src/websocket/deadline-wheel.ts'
import { FREE_FRAGMENT_BYTES } from '../../../src/websocket/frame-parser.ts'
import type { SocketOptions } from '../../../src/websocket/socket-hooks.ts'
import { clientFrame, concat } from './client-frame.ts'
import { FakeServer, type FakeConnection, type FakeSocket } from './fake-server.ts'
import { cut } from './parse-stream.ts'

interface Opened {
  readonly server: FakeServer
  readonly socket: FakeSocket
  readonly connection: FakeConnection
  /** Lengths of the messages that were handed over. */
  readonly received: number[]
  readonly codes: () => unknown[]
}

function open(options: SocketOptions): Opened {
  const server = new FakeServer()
  const received: number[] = []
  const opened = server.open({ message: (_socket, { length }) => received.push(length) }, options)
  const codes = (): unknown[] => server.errors.map(({ error }) => (error as { code?: unknown }).code)
  return { server, ...opened, received, codes }
}

function times(count: number, frame: Uint8Array): Uint8Array {
  return concat(...Array.from({ length: count }, () => frame))
}

const TEXT = clientFrame(1, 'x')
const BINARY = clientFrame(2, Uint8Array.of(1))
const EXCEEDED = [['close', 1008, 'SOCKET_RATE_EXCEEDED']]

describe('the rate of messages', () => {
  for (const [name, frame] of [
    ['texts in a run', TEXT],
    ['binary messages', BINARY],
    ['empty texts', clientFrame(1, '')],
  ] as const) {
    for (const size of [1, 7, 1_000]) {
      test(`lets exactly the burst of ${name} pass, in pieces of ${size}; then 1008`, () => {
        const { server, socket, connection, received, codes } = open({
          messagesPerSecond: 4,
          messageBurst: 10,
        })
        for (const piece of cut(times(12, frame), size)) socket.receive(piece.slice())
        server.endTurn()
        assert.equal(received.length, 10)
        assert.deepEqual(connection.events, EXCEEDED)
        assert.deepEqual(codes(), ['SOCKET_RATE_EXCEEDED'])
        assert.ok(connection.isEnded)
        assert.equal(server.hub.counters.closedForRate, 1)
        assert.equal(server.hub.counters.closedForViolation, 0)
      })
    }
  }

  test('is given back as time passes, in parts of a second and up to the burst', () => {
    const { server, socket, received } = open({ messagesPerSecond: 4, messageBurst: 10 })
    socket.receive(times(10, TEXT))
    for (let tick = 0; tick < 8; tick++) {
      server.advance(TICK_MS)
      socket.receive(TEXT.slice())
    }
    assert.equal(received.length, 18)
    server.advance(5_000)
    socket.receive(times(10, TEXT))
    assert.equal(received.length, 28)
    assert.equal(socket.state, 'open')
    socket.receive(TEXT.slice())
    assert.equal(received.length, 28)
    assert.equal(socket.state, 'closing')
  })

  test('loses no fraction, however seldom a message is due', () => {
    const { server, socket, received } = open({ messagesPerSecond: 1, messageBurst: 1 })
    for (let second = 0; second < 5; second++) {
      socket.receive(TEXT.slice())
      // Control frames top the budget up as well.
      for (let tick = 0; tick < 4; tick++) {
        server.advance(TICK_MS)
        socket.receive(clientFrame(10))
      }
    }
    assert.equal(received.length, 5)
    assert.equal(socket.state, 'open')
  })

  test('runs on through a stall of the server, which gives peers no deadline', () => {
    const { server, socket, received } = open({ messagesPerSecond: 4, messageBurst: 10 })
    socket.receive(times(10, TEXT))
    server.wheel.tick(2_500)
    socket.receive(times(10, TEXT))
    assert.equal(received.length, 20)
    assert.equal(socket.state, 'open')
  })

  test('counts small fragments, and no large ones', () => {
    const small = open({ messagesPerSecond: 4, messageBurst: 10 })
    small.socket.receive(clientFrame(0x02, Uint8Array.of(1), { fin: false }))
    small.socket.receive(times(10, clientFrame(0x00, Uint8Array.of(1), { fin: false })))
    small.server.endTurn()
    assert.deepEqual(small.connection.events, EXCEEDED)
    const large = open({ messagesPerSecond: 4, messageBurst: 1 })
    const part = new Uint8Array(FREE_FRAGMENT_BYTES)
    large.socket.receive(clientFrame(0x02, part, { fin: false }))
    large.socket.receive(times(98, clientFrame(0x00, part, { fin: false })))
    large.socket.receive(clientFrame(0x00, part))
    assert.deepEqual(large.received, [100 * FREE_FRAGMENT_BYTES])
    assert.equal(large.socket.state, 'open')
  })

  test('is off at 0', () => {
    const { server, socket, received } = open({})
    for (let i = 0; i < 100; i++) socket.receive(times(1_000, TEXT))
    assert.equal(received.length, 100_000)
    server.advance(1_000)
    socket.receive(TEXT.slice())
    assert.equal(socket.state, 'open')
  })
})

describe('the rate of bytes', () => {
  test('closes with 1008 and hands nothing over of the piece that is too much', () => {
    const { server, socket, connection, received } = open({ bytesPerSecond: 100, byteBurst: 150 })
    socket.receive(clientFrame(2, new Uint8Array(94)))
    server.advance(TICK_MS)
    socket.receive(clientFrame(2, new Uint8Array(69)))
    assert.deepEqual(received, [94, 69])
    socket.receive(clientFrame(2, new Uint8Array(0)))
    assert.deepEqual(received, [94, 69])
    server.endTurn()
    assert.deepEqual(connection.events, EXCEEDED)
  })

  test('is not looked at any more once the socket is closed', () => {
    const { server, socket, codes } = open({ bytesPerSecond: 100, byteBurst: 150 })
    for (let i = 0; i < 5; i++) socket.receive(clientFrame(2, new Uint8Array(100)))
    server.endTurn()
    assert.deepEqual(codes(), ['SOCKET_RATE_EXCEEDED'])
    socket.handleClose()
    assert.equal(server.hub.counters.closedWithError, 1)
  })
})

describe('the rate of control frames', () => {
  for (const [name, opcode] of [
    ['pings', 9],
    ['pongs', 10],
  ] as const) {
    test(`lets twice as many ${name} come at once, then closes with 1008`, () => {
      const { server, socket, connection } = open({ controlFramesPerSecond: 5 })
      socket.receive(times(10, clientFrame(opcode)))
      server.endTurn()
      assert.equal(socket.state, 'open')
      connection.clear()
      socket.receive(clientFrame(opcode))
      server.endTurn()
      assert.deepEqual(connection.events, EXCEEDED)
    })
  }

  test('leaves the budget of messages alone, which leaves it alone', () => {
    const { socket, received } = open({ controlFramesPerSecond: 1, messagesPerSecond: 1, messageBurst: 2 })
    socket.receive(concat(clientFrame(9), TEXT, clientFrame(10), TEXT))
    assert.equal(received.length, 2)
    assert.equal(socket.state, 'open')
  })
})

describe('fragments of a message', () => {
  const first = clientFrame(0x01, 'a', { fin: false })
  const next = clientFrame(0x00, 'b', { fin: false })
  const last = clientFrame(0x00, 'c')

  test('may be as many as maxFragments', () => {
    const { socket, received } = open({ maxFragments: 4 })
    for (let i = 0; i < 3; i++) socket.receive(concat(first, next, next, last))
    assert.deepEqual(received, [4, 4, 4])
  })

  test('may not be more: 1008', () => {
    const { server, socket, connection, received, codes } = open({ maxFragments: 4 })
    socket.receive(concat(first, next, next, next, last))
    server.endTurn()
    assert.deepEqual(connection.events, [['close', 1008, 'FRAGMENTS_TOO_MANY']])
    assert.deepEqual(codes(), ['FRAGMENTS_TOO_MANY'])
    assert.deepEqual(received, [])
    assert.equal(server.hub.counters.closedForViolation, 1)
  })
})

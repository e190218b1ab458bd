import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GoWebError } from '../../../../src/errors/goweb-error.ts'
import type { SocketHooks } from '../../../../src/websocket/socket-hooks.ts'
import type { Socket } from '../../../../src/websocket/socket.ts'
import { FakeBun } from './fake-bun.ts'

/** Hooks that note what they are told. */
function noting(): { hooks: SocketHooks; log: unknown[][] } {
  const log: unknown[][] = []
  const note =
    (name: string) =>
    (_socket: Socket, ...rest: unknown[]): void =>
      void log.push([name, ...rest])
  return {
    log,
    hooks: {
      open: note('open'),
      message: note('message'),
      ping: note('ping'),
      pong: note('pong'),
      drain: note('drain'),
      shutdown: note('shutdown'),
      close: note('close'),
    },
  }
}

const microtasks = (): Promise<void> => Promise.resolve()

describe('a socket on Bun', () => {
  test('writes at once what it sends while Bun hands it a message, and everything else at the end of the turn', async () => {
    const server = new FakeBun()
    const { socket, native } = server.open({
      message: async (self) => {
        self.send('in the hook')
        await Promise.resolve()
        self.send('in the same turn')
      },
    })
    socket.received('go')
    await microtasks()
    await microtasks()
    assert.deepEqual(native.texts, ['in the hook', 'in the same turn'])
    socket.send('a')
    socket.send('b')
    assert.equal(native.writes.length, 2)
    server.endTurn()
    assert.deepEqual(native.writes[2], ['a', 'b'])
  })

  test('keeps a ping in order with messages', () => {
    const server = new FakeBun()
    const { socket, native } = server.open()
    assert.equal(socket.send('a'), 'sent')
    assert.equal(socket.ping('x'), 'sent')
    server.endTurn()
    assert.equal(native.pings, 1)
    assert.deepEqual(native.texts, ['a'])
  })

  test('tells close once, after close() has returned, with the code it closed with', async () => {
    const { hooks, log } = noting()
    const { socket, native } = new FakeBun().open(hooks)
    socket.send('last words')
    socket.close(4001, 'bye')
    assert.equal(socket.state, 'closing')
    assert.deepEqual(native.texts, ['last words'])
    assert.deepEqual(log, [['open']])
    await microtasks()
    assert.deepEqual(log, [['open'], ['close', 4001, 'bye']])
    assert.equal(socket.state, 'closed')
    socket.close()
    socket.terminate()
    assert.equal(socket.send('x'), 'dropped')
    assert.equal(socket.ping(), 'dropped')
    await microtasks()
    assert.equal(log.length, 2)
  })

  test('tells at once what the peer closed with', () => {
    const { hooks, log } = noting()
    const server = new FakeBun()
    const { socket } = server.open(hooks)
    socket.ended(1005, '')
    assert.deepEqual(log, [['open'], ['close', 1005, '']])
    assert.equal(server.hub.counters.closedNormally, 1)
    assert.equal(server.registry.sockets().length, 0)
  })

  const violations: [reason: string, closeCode: number, code: string][] = [
    ['Received invalid UTF-8', 1007, 'TEXT_NOT_UTF8'],
    ['Received too big message', 1009, 'MESSAGE_TOO_LARGE'],
    ['Received invalid compressed data', 1007, 'DEFLATE_INVALID'],
    ['Received an incorrectly masked frame', 1002, 'FRAME_MASK_INVALID'],
    ['Received unexpected RSV2 or RSV3 bit', 1002, 'FRAME_RESERVED_BITS'],
    ['Received invalid opcode', 1002, 'FRAME_OPCODE_UNKNOWN'],
    ['Received fragmented control frame', 1002, 'FRAME_CONTROL_INVALID'],
    ['Received too big control frame', 1002, 'FRAME_CONTROL_INVALID'],
    ['Received invalid close code', 1002, 'CLOSE_FRAME_INVALID'],
    ['Received invalid close payload', 1002, 'CLOSE_FRAME_INVALID'],
    ['Received continuation frame outside a fragmented message', 1002, 'FRAME_SEQUENCE_INVALID'],
    ['Received new message inside a fragmented message', 1002, 'FRAME_SEQUENCE_INVALID'],
    ['Received what nobody knows yet', 1002, 'FRAME_SEQUENCE_INVALID'],
  ]
  for (const [reason, closeCode, code] of violations) {
    test(`makes an error of its own of what Bun says: ${reason}`, () => {
      const { hooks, log } = noting()
      const server = new FakeBun()
      const { socket } = server.open(hooks)
      socket.ended(1006, reason)
      assert.deepEqual(log, [['open'], ['close', closeCode, code]])
      assert.equal((server.errors[0] as GoWebError).code, code)
      assert.equal(server.hub.counters.closedForViolation, 1)
    })
  }

  test('holds messages to the limit of its route', async () => {
    const { hooks, log } = noting()
    const server = new FakeBun()
    const { socket } = server.open(hooks, { maxPayloadBytes: 10 })
    socket.received('é'.repeat(5))
    socket.received('é'.repeat(6))
    await microtasks()
    assert.deepEqual(log.slice(1), [
      ['message', 'é'.repeat(5)],
      ['close', 1009, 'MESSAGE_TOO_LARGE'],
    ])
  })

  test('closes a peer that sends too fast, by messages, bytes or pings', async () => {
    const cases = [
      [
        { messagesPerSecond: 2, messageBurst: 3 },
        (socket: ReturnType<FakeBun['open']>['socket']) => socket.received('x'),
      ],
      [
        { bytesPerSecond: 10, byteBurst: 21 },
        (socket: ReturnType<FakeBun['open']>['socket']) => socket.received('x'),
      ],
      [
        { controlFramesPerSecond: 2 },
        (socket: ReturnType<FakeBun['open']>['socket']) => socket.pinged(new Uint8Array(0)),
      ],
    ] as const
    for (const [limits, send] of cases) {
      const { hooks, log } = noting()
      const server = new FakeBun()
      const { socket } = server.open(hooks, limits)
      for (let i = 0; i < 6; i++) send(socket)
      await microtasks()
      assert.deepEqual(log.at(-1), ['close', 1008, 'SOCKET_RATE_EXCEEDED'])
      assert.equal(server.hub.counters.closedForRate, 1)
    }
  })

  test('closes the one that goes beyond what all sockets may send together', async () => {
    const { hooks, log } = noting()
    const server = new FakeBun({ messagesPerSecond: 2 })
    const { socket } = server.open(hooks)
    for (let i = 0; i < 6; i++) socket.received('x')
    await microtasks()
    assert.deepEqual(log.at(-1), ['close', 1013, 'SERVER_RATE_EXCEEDED'])
  })

  test('pings a silent peer, and ends it when nothing comes', async () => {
    const { hooks, log } = noting()
    const server = new FakeBun()
    const { socket, native } = server.open(hooks, { pingIntervalMs: 1_000, pongTimeoutMs: 500 })
    server.advance(1_000)
    assert.equal(native.pings, 1)
    socket.ponged(new Uint8Array(0))
    server.advance(1_000)
    assert.equal(native.pings, 2)
    server.advance(1_000)
    await microtasks()
    assert.equal(native.readyState, 3)
    assert.deepEqual(log.at(-1), ['close', 1006, ''])
    assert.equal(server.hub.counters.closedLost, 1)
  })

  test('waits for a peer that is slow: queued, then drain', () => {
    const { hooks, log } = noting()
    const server = new FakeBun()
    const { socket, native } = server.open(hooks)
    native.isSlow = true
    assert.equal(socket.send('a'), 'sent')
    server.endTurn()
    assert.equal(socket.send('b'), 'queued')
    assert.equal(socket.bufferedAmount, native.buffered + 3)
    server.endTurn()
    assert.deepEqual(log, [['open']])
    native.drain()
    assert.deepEqual(log, [['open'], ['drain']])
    assert.equal(socket.bufferedAmount, 0)
  })

  test('tells to wait when it was given much in one turn, and drain when that is written', () => {
    const { hooks, log } = noting()
    const server = new FakeBun()
    const { socket } = server.open(hooks)
    assert.equal(socket.send('x'.repeat(70_000)), 'queued')
    server.endTurn()
    assert.deepEqual(log, [['open'], ['drain']])
  })

  test('does not read from a peer that takes no pongs, until it has', () => {
    const server = new FakeBun()
    const { socket, native } = server.open({}, { maxBackpressureBytes: 100 })
    native.buffered = 101
    socket.pinged(new Uint8Array(5))
    assert.equal(native.isPaused, true)
    native.drain()
    assert.equal(native.isPaused, false)
  })

  test('compresses from the threshold of its route on, and only where the route compresses', () => {
    const server = new FakeBun()
    const compression = {
      thresholdBytes: 5,
      level: 6,
      memLevel: 8,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
    }
    const squeezed = server.open({}, {}, { compression })
    const plain = server.open()
    for (const { socket } of [squeezed, plain]) {
      socket.subscribe('room')
      socket.send('1234')
      socket.send(new Uint8Array(5))
    }
    server.hub.publish('room', '12345')
    server.endTurn()
    assert.deepEqual(squeezed.native.compressed, [false, true, true])
    assert.deepEqual(plain.native.compressed, [false, false, false])
  })

  test('is closed by its server with the code of its shutdown hook, or with 1001', async () => {
    const codes: number[] = []
    const close = (_socket: Socket, code: number): unknown => codes.push(code)
    const server = new FakeBun()
    server.open({ close })
    server.open({ close, shutdown: (socket) => socket.close(3001) })
    server.open({
      close,
      shutdown: async (socket) => {
        await Promise.resolve()
        socket.send('last words')
      },
    })
    await server.registry.closeAll(1001)
    assert.deepEqual(
      codes.toSorted((a, b) => a - b),
      [1001, 1001, 3001],
    )
    assert.equal(server.registry.isClosing, true)
  })

  test('counts bytes and messages as on Node', () => {
    const server = new FakeBun()
    const { socket } = server.open({ message: (self, message) => self.send(message) })
    socket.received('hello')
    socket.received(new Uint8Array(200))
    const { counters } = server.hub
    assert.equal(counters.bytesIn, 11 + 208)
    assert.equal(counters.bytesOut, 7 + 204)
    assert.equal(counters.messagesIn, 2)
    assert.equal(counters.messagesOut, 2)
  })
})

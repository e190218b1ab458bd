import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GoWebError } from '../../../src/errors/goweb-error.ts'
import type { SocketHooks } from '../../../src/websocket/socket-hooks.ts'
import { clientFrame, concat, hex } from './client-frame.ts'
import { FakeServer } from './fake-server.ts'

/** Hooks that write down their calls. */
function recordingHooks(): { hooks: SocketHooks; calls: unknown[][] } {
  const calls: unknown[][] = []
  const hooks: SocketHooks = {
    open: () => calls.push(['open']),
    message: (_socket, message) => calls.push(['message', message]),
    ping: (_socket, payload) => calls.push(['ping', Buffer.from(payload).toString()]),
    pong: (_socket, payload) => calls.push(['pong', Buffer.from(payload).toString()]),
    drain: () => calls.push(['drain']),
    close: (_socket, code, reason) => calls.push(['close', code, reason]),
  }
  return { hooks, calls }
}

describe('a server socket', () => {
  test('tells what the handshake decided', () => {
    const { socket } = new FakeServer().open()
    assert.equal(socket.data, 'data')
    assert.equal(socket.protocol, 'proto')
    assert.equal(socket.ip, '192.0.2.1')
    assert.equal(socket.state, 'open')
    assert.deepEqual([...socket.topics], [])
    assert.equal(socket.bufferedAmount, 0)
  })

  test('writes the answer and what open sends in one write', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({ open: (socket) => socket.send('first') })
    assert.equal(connection.writes.length, 0)
    server.endTurn()
    assert.equal(connection.writes.length, 1)
    socket.send('second')
    server.endTurn()
    assert.equal(connection.writes.length, 2)
    assert.deepEqual(connection.texts, ['first', 'second'])
  })

  test('cork calls its function with the socket and returns what it returns; one write, at the end of the turn', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    const result = socket.cork((same) => {
      assert.equal(same, socket)
      same.send('a')
      return same.send('b')
    })
    assert.equal(result, 'sent')
    socket.cork(() => socket.send('c'))
    assert.equal(connection.writes.length, 0)
    server.endTurn()
    assert.equal(connection.writes.length, 1)
    assert.deepEqual(connection.texts, ['a', 'b', 'c'])
    assert.throws(() => socket.cork(() => server.open().socket.close(1)), { code: 'CLOSE_CODE_INVALID' })
  })

  test('writes once a turn, whatever is sent, and schedules one flush', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    server.endTurn()
    for (let i = 0; i < 100; i++) assert.equal(socket.send(`${i}`), 'sent')
    socket.ping('p')
    socket.send(Uint8Array.of(1))
    assert.equal(server.scheduled, 1)
    server.endTurn()
    assert.equal(connection.writes.length, 1)
    const expected = Array.from({ length: 100 }, (_, index) => ['text', `${index}`])
    assert.deepEqual(connection.events, [...expected, ['ping', '70'], ['binary', '01']])
    server.endTurn()
    assert.equal(connection.writes.length, 1)
  })

  test('hands messages over in order, many from one chunk', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket } = server.open(hooks)
    socket.receive(
      concat(clientFrame(1, 'a'), clientFrame(2, hex('01')), clientFrame(9, 'pi'), clientFrame(10, 'po')),
    )
    assert.deepEqual(calls, [
      ['open'],
      ['message', 'a'],
      ['message', hex('01')],
      ['ping', 'pi'],
      ['pong', 'po'],
    ])
  })

  test('sends large payloads as they are and in order', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    const large = new Uint8Array(100_000).fill(7)
    socket.send('a')
    socket.send(large)
    socket.send('b')
    server.endTurn()
    assert.deepEqual(connection.events, [
      ['text', 'a'],
      ['binary', '07'.repeat(100_000)],
      ['text', 'b'],
    ])
    assert.equal(connection.writes.length, 1)
  })

  test('refuses to send what is no message', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    socket.subscribe('topic')
    server.endTurn()
    for (const value of [
      undefined,
      null,
      1,
      {},
      [1],
      new ArrayBuffer(2),
      new Uint16Array(1),
      Symbol('x'),
      Object.create(null),
    ]) {
      const message = value as string
      const refusal = { code: 'SOCKET_MESSAGE_INVALID' }
      assert.throws(() => socket.send(message), refusal)
      if (value !== undefined) assert.throws(() => socket.ping(message), refusal)
      assert.throws(() => socket.publish('topic', message, { toSelf: true }), refusal)
      assert.throws(() => socket.publish('nobody', message), refusal)
      assert.throws(() => server.hub.publish('topic', message), refusal)
    }
    server.endTurn()
    assert.equal(connection.writes.length, 0)
  })

  test('flushes early when a turn sends very much', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { maxBackpressureBytes: 1 << 30 })
    for (let i = 0; i < 300; i++) socket.send('x'.repeat(10_000))
    assert.ok(connection.writes.length >= 2)
    server.endTurn()
    assert.equal(connection.texts.length, 300)
  })
})

describe('the closing handshake', () => {
  test('answers a close frame with its code and ends the connection', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks)
    socket.receive(clientFrame(8, concat(hex('0fa1'), Buffer.from('bye'))))
    assert.equal(socket.state, 'closing')
    assert.equal(socket.send('late'), 'dropped')
    assert.equal(connection.isEnded, false)
    server.endTurn()
    assert.deepEqual(connection.events, [['close', 4001, '']])
    assert.deepEqual(connection.log, ['write 4', 'end'])
    assert.deepEqual(calls, [['open']])
    socket.handleEnd()
    socket.handleClose()
    assert.equal(socket.state, 'closed')
    assert.deepEqual(calls, [['open'], ['close', 4001, 'bye']])
    assert.equal(server.closedSockets, 1)
    assert.equal(server.wheel.size, 0)
  })

  test('answers a close frame without a code with none', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks)
    socket.receive(clientFrame(8))
    server.endTurn()
    socket.handleClose()
    assert.deepEqual(connection.events, [['close', 1005, '']])
    assert.deepEqual(calls.at(-1), ['close', 1005, ''])
  })

  test('starts with close() and ends when the peer answers', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks)
    socket.send('before')
    socket.close(4000, 'enough')
    socket.close(4999)
    assert.equal(socket.send('after'), 'dropped')
    assert.equal(socket.ping(), 'dropped')
    server.endTurn()
    assert.deepEqual(connection.events, [
      ['text', 'before'],
      ['close', 4000, 'enough'],
    ])
    assert.equal(connection.isEnded, false)
    // What the peer sent before it saw the close frame is not handed over any more.
    socket.receive(concat(clientFrame(1, 'crossing'), clientFrame(9)))
    socket.receive(clientFrame(8, hex('0fa0')))
    server.endTurn()
    assert.equal(connection.isEnded, true)
    socket.handleClose()
    assert.deepEqual(calls, [['open'], ['close', 4000, '']])
    assert.equal(connection.writes.length, 1)
  })

  test('uses 1000 by default', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    socket.close()
    server.endTurn()
    assert.deepEqual(connection.events, [['close', 1000, '']])
  })

  test('refuses codes and reasons that cannot be sent, in any state', () => {
    const server = new FakeServer()
    const { socket } = server.open()
    for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN]) {
      assert.throws(() => socket.close(code), { code: 'CLOSE_CODE_INVALID' }, String(code))
    }
    assert.throws(() => socket.close(1000, 'é'.repeat(62)), { code: 'CLOSE_REASON_TOO_LONG' })
    assert.throws(() => socket.ping('x'.repeat(126)), { code: 'PING_TOO_LONG' })
    assert.throws(() => socket.ping(new Uint8Array(126)), { code: 'PING_TOO_LONG' })
    assert.equal(socket.state, 'open')
    socket.close(1000, `${'é'.repeat(61)}x`)
    assert.throws(() => socket.close(1006), { code: 'CLOSE_CODE_INVALID' })
  })

  test('gives up on a peer that does not answer', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks, { closeTimeoutMs: 2_000 })
    server.advance(20_000)
    socket.close(1001)
    server.advance(1_500)
    assert.equal(connection.isDestroyed, false)
    server.advance(1_000)
    assert.equal(connection.isDestroyed, true)
    socket.handleClose()
    assert.deepEqual(calls, [['open'], ['close', 1006, '']])
  })

  test('gives up on a peer that answers but does not end its side', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { closeTimeoutMs: 2_000 })
    socket.receive(clientFrame(8, hex('03e8')))
    server.endTurn()
    // Neither do further bytes keep it alive.
    for (let i = 0; i < 12; i++) {
      socket.receive(new Uint8Array(1_000))
      server.advance(250)
    }
    assert.deepEqual(connection.log, ['write 4', 'end', 'destroy'])
  })

  test('terminates at once', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks)
    socket.send('lost')
    socket.terminate()
    socket.terminate()
    assert.deepEqual(connection.log, ['destroy'])
    server.endTurn()
    socket.receive(clientFrame(1, 'late'))
    socket.handleClose()
    socket.handleClose()
    assert.deepEqual(connection.log, ['destroy'])
    assert.deepEqual(calls, [['open'], ['close', 1006, '']])
  })

  test('stops reading the chunk in which a hook terminates', () => {
    const server = new FakeServer()
    const messages: unknown[] = []
    const { socket } = server.open({
      message: (socket, message) => {
        messages.push(message)
        socket.terminate()
      },
    })
    socket.receive(concat(clientFrame(1, 'one'), clientFrame(1, 'two')))
    assert.deepEqual(messages, ['one'])
  })

  test('flushes what was sent when the peer ends its side, then ends', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open({
      ...hooks,
      message: (socket, message) => socket.send(message),
    })
    server.endTurn()
    socket.receive(clientFrame(1, 'echo'))
    socket.handleEnd()
    assert.equal(socket.state, 'closing')
    assert.equal(connection.isEnded, false)
    server.endTurn()
    assert.deepEqual(connection.log, ['write 6', 'end'])
    socket.handleClose()
    assert.deepEqual(calls, [['open'], ['close', 1006, '']])
  })

  test('ends at once when the peer ends its side and nothing waits', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    server.endTurn()
    socket.handleEnd()
    assert.deepEqual(connection.log, ['end'])
    socket.close()
    server.endTurn()
    assert.deepEqual(connection.log, ['end'])
  })
})

describe('a peer that breaks the protocol', () => {
  test('gets a close frame and no patience, the error hook the error', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks)
    socket.receive(concat(clientFrame(1, 'ok'), clientFrame(1, hex('ff')), clientFrame(1, 'late')))
    assert.equal(socket.state, 'closing')
    assert.deepEqual(
      server.errors.map(({ error }) => (error as GoWebError).code),
      ['TEXT_NOT_UTF8'],
    )
    server.endTurn()
    assert.deepEqual(connection.events, [['close', 1007, 'TEXT_NOT_UTF8']])
    assert.equal(connection.isEnded, true)
    socket.receive(clientFrame(8, hex('03e8')))
    socket.handleClose()
    assert.deepEqual(calls, [['open'], ['message', 'ok'], ['close', 1007, 'TEXT_NOT_UTF8']])
  })

  test('gets the close code of each rule', () => {
    for (const [frame, code] of [
      [clientFrame(1, 'x', { rsv: 4 }), 1002],
      [clientFrame(2, new Uint8Array(11)), 1009],
      [clientFrame(8, hex('03ed')), 1002],
    ] as const) {
      const server = new FakeServer()
      const { socket, connection } = server.open({}, { maxPayloadBytes: 10 })
      socket.receive(frame)
      server.endTurn()
      assert.equal(connection.events[0]?.[1], code)
    }
  })

  test('does so in the middle of the closing handshake too', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    socket.close()
    server.endTurn()
    socket.receive(clientFrame(3))
    assert.deepEqual(connection.log, ['write 4', 'end'])
  })
})

describe('hooks that fail', () => {
  test('are told to the host, thrown or rejected, and change nothing else', async () => {
    const server = new FakeServer()
    const failures = ['open', 'message', 'ping', 'pong', 'drain', 'close'] as const
    const hooks: SocketHooks = Object.fromEntries(
      failures.map((name, index) => [
        name,
        () => {
          if (index % 2 === 0) throw new TypeError(name)
          return Promise.reject(new TypeError(name))
        },
      ]),
    )
    const { socket, connection } = server.open(hooks)
    connection.isSlow = true
    server.endTurn()
    socket.send('x')
    server.endTurn()
    socket.send('y')
    socket.receive(concat(clientFrame(1, 'm'), clientFrame(9), clientFrame(10)))
    server.endTurn()
    socket.handleDrain()
    socket.handleClose()
    await new Promise(setImmediate)
    const told = server.errors.map(({ error }) => (error as Error).message)
    assert.deepEqual(told.toSorted(), failures.toSorted())
    assert.ok(server.errors.every((entry) => entry.socket === socket))
  })

  test('may return anything that is no promise', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({
      open: () => null,
      message: (socket, message) => socket.send(message),
      ping: () => ({ then: 'not a function' }),
    })
    socket.receive(concat(clientFrame(1, 'a'), clientFrame(9)))
    server.endTurn()
    assert.deepEqual(connection.texts, ['a'])
    assert.deepEqual(server.errors, [])
  })
})

describe('pings of the peer', () => {
  test('are answered in order, each with its payload', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({ message: (socket, message) => socket.send(message) })
    socket.receive(
      concat(
        clientFrame(9, '1'),
        clientFrame(1, 'm', { fin: false }),
        clientFrame(9, '2'),
        clientFrame(0, 'n'),
      ),
    )
    server.endTurn()
    assert.deepEqual(connection.events, [
      ['pong', '31'],
      ['pong', '32'],
      ['text', 'mn'],
    ])
  })

  test('are answered in part when there are very many: the newest always', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open()
    const flood = Array.from({ length: 10_000 }, (_, index) => clientFrame(9, `${index}`))
    socket.receive(concat(...flood))
    server.endTurn()
    assert.equal(connection.events.length, 65)
    assert.deepEqual(connection.events.at(-1), ['pong', Buffer.from('9999').toString('hex')])
    connection.clear()
    socket.receive(clientFrame(9, 'again'))
    server.endTurn()
    assert.equal(connection.events.length, 1)
  })

  test('cannot grow the memory of a socket whose peer does not read', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { maxBackpressureBytes: 10_000 })
    connection.isSlow = true
    for (let i = 0; i < 100; i++) {
      socket.receive(concat(...Array.from({ length: 100 }, () => clientFrame(9, new Uint8Array(125)))))
      server.endTurn()
    }
    assert.ok(connection.queued < 20_000, String(connection.queued))
    assert.equal(socket.state, 'open')
  })
})

describe('the heartbeat', () => {
  test('pings a silent peer and goes on when it answers', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { pingIntervalMs: 10_000, pongTimeoutMs: 5_000 })
    server.advance(9_000)
    assert.deepEqual(connection.events, [])
    server.advance(1_000)
    assert.deepEqual(connection.events, [['ping', '']])
    socket.receive(clientFrame(10))
    server.advance(9_750)
    assert.equal(connection.events.length, 1)
    server.advance(1_000)
    assert.equal(connection.events.length, 2)
    assert.equal(connection.isDestroyed, false)
  })

  test('takes any bytes as a sign of life', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { pingIntervalMs: 10_000, pongTimeoutMs: 5_000 })
    for (let i = 0; i < 20; i++) {
      server.advance(5_000)
      socket.receive(clientFrame(1, 'x'))
    }
    assert.deepEqual(connection.events, [])
    server.advance(10_000)
    assert.equal(connection.events.length, 1)
    // Even a part of a frame.
    socket.receive(clientFrame(1, 'x').subarray(0, 1))
    server.advance(6_000)
    assert.equal(connection.isDestroyed, false)
  })

  test('ends the connection of a peer that does not answer', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks, { pingIntervalMs: 10_000, pongTimeoutMs: 5_000 })
    server.advance(14_500)
    assert.equal(connection.isDestroyed, false)
    server.advance(750)
    assert.equal(connection.isDestroyed, true)
    socket.handleClose()
    assert.deepEqual(calls, [['open'], ['close', 1006, '']])
  })

  test('keeps its interval where the peer has longer to answer', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { pingIntervalMs: 1_000, pongTimeoutMs: 60_000 })
    for (let pings = 1; pings < 10; pings++) {
      server.advance(1_000)
      assert.equal(connection.events.length, pings)
      socket.receive(clientFrame(10))
    }
    server.advance(59_000)
    assert.equal(connection.isDestroyed, false)
    server.advance(3_000)
    assert.equal(connection.isDestroyed, true)
    assert.equal(connection.events.length, 10)
  })

  test('is off with 0, and the socket stays in the registry', () => {
    const server = new FakeServer()
    const { connection } = server.open({}, { pingIntervalMs: 0 })
    server.advance(3_600_000)
    assert.deepEqual(connection.events, [])
    assert.equal(server.wheel.size, 1)
  })
})

describe('backpressure', () => {
  test('shows in the result of send, bufferedAmount and drain', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks)
    server.endTurn()
    assert.equal(socket.send('1234'), 'sent')
    assert.equal(socket.bufferedAmount, 6)
    connection.isSlow = true
    server.endTurn()
    assert.equal(socket.bufferedAmount, 6)
    assert.equal(socket.send('5'), 'queued')
    assert.equal(socket.bufferedAmount, 9)
    server.endTurn()
    assert.deepEqual(calls, [['open']])
    connection.isSlow = false
    connection.queued = 0
    socket.handleDrain()
    socket.handleDrain()
    assert.deepEqual(calls, [['open'], ['drain']])
    assert.equal(socket.send('6'), 'sent')
  })

  test('tells to wait when one turn sends much, and drains at its end', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket } = server.open(hooks)
    let sent = 0
    while (socket.send('x'.repeat(1_000)) === 'sent') sent++
    assert.ok(sent > 50 && sent < 100, String(sent))
    assert.deepEqual(calls, [['open']])
    server.endTurn()
    assert.deepEqual(calls, [['open'], ['drain']])
  })

  test('is not told to sockets that never had to wait', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks)
    connection.isSlow = true
    socket.send('x')
    server.endTurn()
    socket.handleDrain()
    assert.deepEqual(calls, [['open']])
  })

  test('closes with 1013 beyond the limit, by default', () => {
    const server = new FakeServer()
    const { hooks, calls } = recordingHooks()
    const { socket, connection } = server.open(hooks, { maxBackpressureBytes: 1_000 })
    connection.isSlow = true
    socket.send('x'.repeat(900))
    server.endTurn()
    assert.equal(socket.send('y'.repeat(50)), 'queued')
    assert.equal(socket.send('z'.repeat(200)), 'dropped')
    assert.equal(socket.state, 'closing')
    server.endTurn()
    assert.deepEqual(connection.events.slice(1), [
      ['text', 'y'.repeat(50)],
      ['close', 1013, 'maxBackpressureBytes exceeded'],
    ])
    socket.handleClose()
    assert.deepEqual(calls.at(-1), ['close', 1013, 'maxBackpressureBytes exceeded'])
    assert.deepEqual(server.errors, [])
  })

  test('drops beyond the limit with the policy drop, and takes messages again after', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open(
      {},
      { maxBackpressureBytes: 1_000, backpressurePolicy: 'drop' },
    )
    connection.isSlow = true
    socket.send('x'.repeat(900))
    server.endTurn()
    assert.equal(socket.send('z'.repeat(200)), 'dropped')
    assert.equal(socket.ping(new Uint8Array(120)), 'dropped')
    assert.equal(socket.send('y'), 'queued')
    connection.isSlow = false
    connection.queued = 0
    socket.handleDrain()
    assert.equal(socket.send('w'.repeat(600)), 'sent')
    server.endTurn()
    assert.deepEqual(connection.texts, ['x'.repeat(900), `y`, 'w'.repeat(600)])
    assert.equal(socket.state, 'open')
  })

  test('counts the bytes of a text, not its length times three', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { maxBackpressureBytes: 1_000 })
    connection.isSlow = true
    socket.send('x'.repeat(500))
    server.endTurn()
    assert.equal(socket.send('y'.repeat(400)), 'queued')
    assert.equal(socket.send('€'.repeat(40)), 'dropped')
  })

  test('always lets one message through when nothing waits', () => {
    const server = new FakeServer()
    const { socket, connection } = server.open({}, { maxBackpressureBytes: 10 })
    server.endTurn()
    assert.notEqual(socket.send('x'.repeat(100)), 'dropped')
    server.endTurn()
    assert.equal(connection.texts.length, 1)
    assert.equal(socket.state, 'open')
  })
})

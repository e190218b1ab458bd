import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SocketCounters } from '../../../src/websocket/socket-counters.ts'
import { SocketGate, type SocketLimits } from '../../../src/websocket/socket-gate.ts'
import { clientFrame, concat } from './client-frame.ts'
import { FakeServer } from './fake-server.ts'

function gateOf(limits: SocketLimits): { gate: SocketGate; counters: SocketCounters } {
  const counters = new SocketCounters()
  const none = { maxSockets: 0, maxSocketsPerAddress: 0, messagesPerSecond: 0, bytesPerSecond: 0 }
  return { gate: new SocketGate({ ...none, ...limits }, counters), counters }
}

describe('the gate', () => {
  test('refuses nobody without limits', () => {
    const { gate } = gateOf({})
    for (let i = 0; i < 1_000; i++) gate.enter('192.0.2.1')
    assert.equal(gate.isRated, false)
  })

  test('lets in so many at a time, and says when to come again', () => {
    const { gate, counters } = gateOf({ maxSockets: 2 })
    gate.enter('192.0.2.1')
    gate.enter('')
    const refusal = { code: 'SOCKETS_TOO_MANY', status: 503, headers: { 'retry-after': '10' } }
    assert.throws(() => gate.enter('192.0.2.2'), refusal)
    assert.equal(counters.refusedForTotal, 1)
    gate.leave('192.0.2.1')
    gate.enter('192.0.2.2')
    assert.throws(() => gate.enter('192.0.2.3'), refusal)
  })

  test('lets in so many from one address, and others still', () => {
    const { gate, counters } = gateOf({ maxSocketsPerAddress: 2 })
    const refusal = { code: 'SOCKETS_TOO_MANY_FROM_ADDRESS', status: 429, headers: { 'retry-after': '10' } }
    gate.enter('192.0.2.1')
    gate.enter('::ffff:192.0.2.1')
    assert.throws(() => gate.enter('192.0.2.1'), refusal)
    gate.enter('192.0.2.2')
    gate.enter('2001:db8::1')
    gate.enter('2001:db8::2')
    assert.throws(() => gate.enter('2001:db8::3'), refusal)
    gate.enter('2001:db8:0:1::3')
    assert.equal(counters.refusedForAddress, 2)
    gate.leave('2001:db8::1')
    gate.enter('2001:db8::3')
    gate.leave('192.0.2.1')
    gate.leave('192.0.2.1')
    gate.enter('192.0.2.1')
    gate.enter('192.0.2.1')
    assert.throws(() => gate.enter('192.0.2.1'), refusal)
  })

  test('does not limit peers whose address nobody knows', () => {
    const { gate } = gateOf({ maxSocketsPerAddress: 1 })
    gate.enter('')
    gate.enter('')
    gate.leave('')
    gate.enter('')
  })

  test('closes the socket that sends when all have sent too much, and only for as long', () => {
    const server = new FakeServer({ messagesPerSecond: 4 })
    const received: unknown[] = []
    const hooks = { message: (_socket: unknown, message: unknown) => received.push(message) }
    const [first, second, third] = [server.open(hooks), server.open(hooks), server.open(hooks)]
    const five = concat(...Array.from({ length: 5 }, () => clientFrame(1, 'x')))
    // Two seconds' worth may come at once, and a chunk that has begun is handed over.
    first.socket.receive(five.slice())
    second.socket.receive(five.slice())
    assert.equal(received.length, 10)
    second.socket.receive(clientFrame(1, 'x'))
    assert.equal(received.length, 10)
    server.endTurn()
    assert.deepEqual(second.connection.events, [['close', 1013, 'SERVER_RATE_EXCEEDED']])
    assert.ok(second.connection.isEnded)
    assert.equal(first.socket.state, 'open')
    server.advance(750)
    third.socket.receive(clientFrame(1, 'x'))
    assert.equal(received.length, 11)
    assert.equal(third.socket.state, 'open')
    assert.equal(server.hub.counters.closedForRate, 1)
  })

  test('counts bytes of all sockets', () => {
    const server = new FakeServer({ bytesPerSecond: 100 })
    const { socket, connection } = server.open()
    const other = server.open()
    socket.receive(clientFrame(2, new Uint8Array(100)))
    other.socket.receive(clientFrame(2, new Uint8Array(100)))
    socket.receive(clientFrame(2, new Uint8Array(100)))
    server.endTurn()
    assert.deepEqual(connection.events, [['close', 1013, 'SERVER_RATE_EXCEEDED']])
    server.advance(1_000)
    other.socket.receive(clientFrame(2, new Uint8Array(1)))
    assert.equal(other.socket.state, 'open')
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkTopics } from '../../websocket/topic-model.ts'
import { FakeBun } from './fake-bun.ts'

function room(size: number, server = new FakeBun()) {
  const members = Array.from({ length: size }, () => server.open())
  for (const { socket } of members) socket.subscribe('room')
  server.endTurn()
  return { server, members, hub: server.hub }
}

describe('topics on Bun', () => {
  test('deliver the same as a server that sends each message to each socket at once', () => {
    checkTopics(() => {
      const server = new FakeBun()
      return {
        open: () => {
          const { socket, native } = server.open()
          return { socket, connection: native }
        },
        publish: (topic, message) => void server.hub.publish(topic, message),
        endTurn: () => server.endTurn(),
      }
    })
  })

  test('give each subscriber one write a turn, whoever publishes', () => {
    const { server, members, hub } = room(20)
    for (const { socket } of members) socket.publish('room', 'from a member', { toSelf: true })
    assert.equal(hub.publish('room', Uint8Array.of(1, 2)), 20)
    assert.equal(server.scheduled, 1)
    server.endTurn()
    for (const { native } of members) {
      assert.equal(native.writes.length, 1)
      assert.equal(native.writes[0]?.length, 21)
    }
    assert.equal(hub.counters.topicDeliveries, 20 * 21)
    assert.equal(hub.counters.topicPublishes, 21)
  })

  test('do not let a message sent in a hook overtake one that was published before it', () => {
    const { server, members, hub } = room(2, new FakeBun())
    const chatty = server.open({
      message: (socket) => {
        socket.send('first')
        hub.publish('room', 'second')
        socket.send('third')
      },
    })
    chatty.socket.subscribe('room')
    chatty.socket.received('go')
    assert.deepEqual(chatty.native.texts, ['first', 'second', 'third'].slice(0, 1))
    server.endTurn()
    assert.deepEqual(chatty.native.texts, ['first', 'second', 'third'])
    assert.deepEqual(members[0]?.native.texts, ['second'])
  })

  test('are left by sockets that close; what was published before still goes out, before the close frame', () => {
    const { server, members, hub } = room(2)
    hub.publish('room', 'before')
    members[0]?.socket.close(4000)
    hub.publish('room', 'after')
    server.endTurn()
    assert.deepEqual(members[0]?.native.texts, ['before'])
    assert.deepEqual(members[1]?.native.texts, ['before', 'after'])
    assert.equal(hub.subscriberCount('room'), 1)
  })

  test('exist while they have subscribers', () => {
    const { members, hub } = room(1)
    members[0]?.socket.unsubscribe('room')
    members[0]?.socket.unsubscribe('room')
    assert.equal(hub.publish('room', 'x'), 0)
    assert.equal(hub.subscriberCount('room'), 0)
    assert.deepEqual(members[0]?.socket.topics, [])
  })

  test('drop what a slow subscriber misses with the policy drop, and tell it nothing more until it has taken the rest', () => {
    const server = new FakeBun()
    const slow = server.open({}, { maxBackpressureBytes: 100, backpressurePolicy: 'drop' })
    const fast = server.open()
    for (const { socket } of [slow, fast]) socket.subscribe('room')
    slow.native.isSlow = true
    for (let turn = 0; turn < 3; turn++) {
      server.hub.publish('room', 'x'.repeat(80))
      server.endTurn()
    }
    assert.equal(slow.native.writes.length, 1)
    assert.equal(fast.native.writes.length, 3)
    assert.equal(server.hub.counters.messagesDropped, 2)
    slow.native.drain()
    server.hub.publish('room', 'again')
    server.endTurn()
    assert.deepEqual(slow.native.texts.slice(1), ['again'])
  })

  test('close a slow subscriber with the policy close', () => {
    const closes: number[] = []
    const server = new FakeBun()
    const slow = server.open(
      { close: (_socket, code) => closes.push(code) },
      { maxBackpressureBytes: 100, backpressureCloseCode: 3008 },
    )
    slow.socket.subscribe('room')
    slow.native.isSlow = true
    for (let turn = 0; turn < 3; turn++) {
      server.hub.publish('room', 'x'.repeat(80))
      server.endTurn()
    }
    assert.equal(slow.socket.state, 'closing')
    assert.equal(server.hub.counters.closedForBackpressure, 1)
    assert.equal(server.hub.subscriberCount('room'), 0)
  })

  for (const policy of ['close', 'drop'] as const) {
    test(`give a slow subscriber what was accepted for itself before it misses others (policy ${policy})`, () => {
      const server = new FakeBun()
      const slow = server.open({}, { maxBackpressureBytes: 100, backpressurePolicy: policy })
      slow.socket.subscribe('room')
      slow.native.isSlow = true
      server.hub.publish('room', 'x'.repeat(80))
      server.endTurn()
      server.hub.publish('room', 'y'.repeat(80))
      assert.equal(slow.socket.send('mine'), 'queued')
      server.endTurn()
      assert.deepEqual(slow.native.texts, ['x'.repeat(80), 'mine'])
      assert.equal(slow.socket.state, policy === 'close' ? 'closing' : 'open')
      assert.equal(server.hub.counters.messagesDropped, 1)
    })
  }

  test('write early what would take too much memory in one turn', () => {
    const { server, members, hub } = room(1)
    for (let i = 0; i < 30; i++) hub.publish('room', 'x'.repeat(100_000))
    assert.ok((members[0]?.native.writes.length ?? 0) >= 2)
    server.endTurn()
    assert.equal(members[0]?.native.texts.length, 30)
  })
})

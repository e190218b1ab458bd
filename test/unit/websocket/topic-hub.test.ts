import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { TopicHub } from '../../../src/websocket/topic-hub.ts'
import { clientFrame } from './client-frame.ts'
import { FakeServer } from './fake-server.ts'

function room(size: number, server = new FakeServer()) {
  const members = Array.from({ length: size }, () => server.open())
  for (const { socket } of members) socket.subscribe('room')
  server.endTurn()
  return { server, members, hub: server.hub }
}

describe('a topic hub', () => {
  test('gives one buffer in one write to all subscribers, whoever publishes', () => {
    const { server, members, hub } = room(50)
    const outsider = server.open()
    for (const { socket } of members) socket.publish('room', 'from a member', { toSelf: true })
    outsider.socket.publish('room', 'from outside')
    assert.equal(hub.publish('room', Uint8Array.of(1, 2)), 50)
    assert.equal(server.scheduled, 1)
    server.endTurn()
    for (const { connection } of members) {
      assert.equal(connection.writes.length, 1)
      assert.equal(connection.pieces[0]?.length, 1)
      assert.equal(connection.events.length, 52)
    }
    assert.equal(outsider.connection.writes.length, 0)
  })

  test('counts what was delivered to one subscriber as to several', () => {
    for (const size of [1, 3]) {
      const { server, hub } = room(size)
      hub.publish('room', 'a')
      hub.publish('room', 'b')
      server.endTurn()
      assert.equal(hub.counters.topicDeliveries, 2 * size)
    }
  })

  test('passes the very same view on, without a copy for each', () => {
    const { server, members, hub } = room(10)
    hub.publish('room', 'a')
    hub.publish('room', 'b'.repeat(100_000))
    hub.publish('room', new Uint8Array(50_000))
    server.endTurn()
    const seen = new Set(members.flatMap(({ connection }) => connection.pieces.flat()))
    assert.equal(seen.size, 1)
  })

  test('leaves the publisher out unless it asks, in order with the others', () => {
    const { server, members } = room(3)
    members[0]?.socket.publish('room', 'zero')
    members[1]?.socket.publish('room', 'one')
    members[1]?.socket.publish('room', 'one to all', { toSelf: true })
    members[2]?.socket.publish('room', 'two')
    server.endTurn()
    assert.deepEqual(
      members.map(({ connection }) => connection.texts),
      [
        ['one', 'one to all', 'two'],
        ['zero', 'one to all', 'two'],
        ['zero', 'one', 'one to all'],
      ],
    )
    assert.deepEqual(
      members.map(({ connection }) => connection.writes.length),
      [1, 1, 1],
    )
  })

  test('writes nothing to a publisher that is alone', () => {
    const { server, members } = room(1)
    members[0]?.socket.publish('room', 'echo')
    server.endTurn()
    assert.equal(members[0]?.connection.writes.length, 0)
    const two = room(2)
    two.members[0]?.socket.publish('room', 'x')
    two.server.endTurn()
    assert.equal(two.members[0]?.connection.writes.length, 0)
    assert.deepEqual(two.members[1]?.connection.texts, ['x'])
  })

  test('keeps direct sends and topic messages in their order of issue', () => {
    const { server, members, hub } = room(2)
    const [first, second] = members.map(({ socket }) => socket)
    second?.subscribe('other')
    first?.send('1')
    hub.publish('room', '2')
    first?.send('3')
    hub.publish('other', '4')
    hub.publish('room', '5')
    first?.send('6')
    hub.publish('room', '7')
    second?.send('8')
    server.endTurn()
    assert.deepEqual(members[0]?.connection.texts, ['1', '2', '3', '5', '6', '7'])
    assert.deepEqual(members[1]?.connection.texts, ['2', '4', '5', '7', '8'])
    assert.deepEqual(
      members.map(({ connection }) => connection.writes.length),
      [1, 1],
    )
  })

  test('gives a late subscriber what comes after, an early leaver what came before', () => {
    const { server, members, hub } = room(2)
    const late = server.open()
    hub.publish('room', 'a')
    late.socket.subscribe('room')
    hub.publish('room', 'b')
    members[0]?.socket.unsubscribe('room')
    hub.publish('room', 'c')
    members[0]?.socket.subscribe('room')
    late.socket.unsubscribe('room')
    hub.publish('room', 'd')
    members[0]?.socket.unsubscribe('room')
    hub.publish('room', 'e')
    server.endTurn()
    assert.deepEqual(late.connection.texts, ['b', 'c'])
    assert.deepEqual(members[0]?.connection.texts, ['a', 'b', 'd'])
    assert.deepEqual(members[1]?.connection.texts, ['a', 'b', 'c', 'd', 'e'])
  })

  test('gives a socket that closes what came before, then the close frame', () => {
    const { server, members, hub } = room(2)
    hub.publish('room', 'before')
    members[0]?.socket.close(4000)
    hub.publish('room', 'after')
    server.endTurn()
    assert.deepEqual(members[0]?.connection.events, [
      ['text', 'before'],
      ['close', 4000, ''],
    ])
    assert.deepEqual(members[1]?.connection.texts, ['before', 'after'])
  })

  test('writes nothing to sockets that are gone', () => {
    const { server, members, hub } = room(3)
    hub.publish('room', 'x')
    members[0]?.socket.handleClose()
    members[1]?.socket.terminate()
    server.endTurn()
    assert.equal(members[0]?.connection.writes.length, 0)
    assert.equal(members[1]?.connection.writes.length, 0)
    assert.equal(hub.publish('room', 'y'), 1)
  })

  test('lets a socket say goodbye to its topics from the close hook', () => {
    const { server, members } = room(2)
    const leaving = server.open({ close: (socket) => socket.publish('room', 'bye') })
    leaving.socket.subscribe('room')
    leaving.socket.handleClose()
    server.endTurn()
    assert.deepEqual(members[0]?.connection.texts, ['bye'])
    assert.equal(leaving.connection.writes.length, 0)
  })

  test('knows its subscribers, and forgets a topic with the last of them', () => {
    const { server, members, hub } = room(2)
    const [first, second] = members.map(({ socket }) => socket)
    first?.subscribe('room')
    assert.equal(hub.subscriberCount('room'), 2)
    assert.equal(first?.isSubscribed('room'), true)
    assert.deepEqual([...(first?.topics ?? [])], ['room'])
    first?.unsubscribe('room')
    first?.unsubscribe('room')
    first?.unsubscribe('never')
    assert.equal(first?.isSubscribed('room'), false)
    assert.deepEqual([...(first?.topics ?? [])], [])
    hub.publish('room', 'last words')
    second?.receive(clientFrame(8))
    assert.equal(hub.subscriberCount('room'), 0)
    assert.equal(hub.publish('room', 'nobody'), 0)
    first?.subscribe('room')
    hub.publish('room', 'again')
    server.endTurn()
    assert.deepEqual(second?.topics, [])
    assert.deepEqual(members[0]?.connection.texts, ['again'])
    assert.deepEqual(members[1]?.connection.texts, ['last words'])
  })

  test('does not let closed sockets subscribe', () => {
    const { server, hub } = room(0)
    const { socket } = server.open()
    socket.close()
    socket.subscribe('room')
    assert.equal(hub.subscriberCount('room'), 0)
    assert.equal(socket.isSubscribed('room'), false)
  })

  test('takes names of all kinds', () => {
    const { server, hub } = room(0)
    const { socket, connection } = server.open()
    for (const name of ['', '__proto__', 'constructor', '\0', '💬']) {
      socket.subscribe(name)
      assert.equal(hub.publish(name, name), 1)
    }
    server.endTurn()
    assert.deepEqual(connection.texts, ['', '__proto__', 'constructor', '\0', '💬'])
  })

  test('flushes after the current task by itself where no runtime sets another time', async () => {
    const server = new FakeServer()
    const hub = new TopicHub()
    const { socket, connection } = server.open()
    server.endTurn()
    hub.join(socket, 'topic')
    hub.publish('topic', 'a')
    assert.equal(connection.writes.length, 0)
    await Promise.resolve()
    await Promise.resolve()
    assert.deepEqual(connection.texts, ['a'])
  })
})

describe('topics and subscribers that do not keep up', () => {
  test('closes them by default, and serves the others', () => {
    const server = new FakeServer()
    const slow = server.open({}, { maxBackpressureBytes: 1_000 })
    const fast = server.open({}, { maxBackpressureBytes: 1_000 })
    slow.socket.subscribe('room')
    slow.socket.subscribe('second')
    fast.socket.subscribe('room')
    server.endTurn()
    slow.connection.isSlow = true
    for (let i = 0; i < 100; i++) {
      server.hub.publish('room', 'x'.repeat(100))
      server.hub.publish('second', 'y')
      server.endTurn()
    }
    assert.equal(slow.socket.state, 'closing')
    assert.ok(slow.connection.queued <= 1_100, String(slow.connection.queued))
    assert.deepEqual(slow.connection.events.at(-1), ['close', 1013, 'maxBackpressureBytes exceeded'])
    assert.equal(fast.connection.texts.length, 100)
    assert.equal(server.hub.subscriberCount('room'), 1)
    assert.equal(server.hub.subscriberCount('second'), 0)
  })

  test('drops what they miss with the policy drop, turn by turn', () => {
    const server = new FakeServer()
    const slow = server.open({}, { maxBackpressureBytes: 1_000, backpressurePolicy: 'drop' })
    slow.socket.subscribe('room')
    server.endTurn()
    slow.connection.isSlow = true
    for (let i = 0; i < 100; i++) {
      server.hub.publish('room', `${i}`.padEnd(100))
      server.endTurn()
    }
    assert.equal(slow.socket.state, 'open')
    assert.ok(slow.connection.queued <= 1_000)
    slow.connection.isSlow = false
    slow.connection.queued = 0
    slow.socket.handleDrain()
    server.hub.publish('room', 'back')
    server.endTurn()
    assert.deepEqual(slow.connection.texts.at(-1), 'back')
    assert.equal(slow.connection.texts[0]?.trim(), '0')
  })

  test('drops topic messages but not what was accepted for the socket itself', () => {
    const server = new FakeServer()
    const slow = server.open({}, { maxBackpressureBytes: 1_000, backpressurePolicy: 'drop' })
    slow.socket.subscribe('room')
    slow.connection.isSlow = true
    slow.socket.send('x'.repeat(900))
    server.endTurn()
    assert.equal(slow.socket.send('direct'), 'queued')
    server.hub.publish('room', 'z'.repeat(500))
    server.endTurn()
    assert.deepEqual(slow.connection.texts.slice(1), ['direct'])
  })

  test('bounds the memory of one turn however much is published', () => {
    const { server, members, hub } = room(2)
    for (let i = 0; i < 50; i++) hub.publish('room', new Uint8Array(100_000))
    assert.ok((members[0]?.connection.writes.length ?? 0) >= 4)
    server.endTurn()
    assert.equal(members[1]?.connection.events.length, 50)
  })
})

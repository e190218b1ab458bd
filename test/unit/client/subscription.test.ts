import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, pub, Script } from './scripted-server.ts'

describe('a subscription', () => {
  test('waits for the connection, begins now and hands on what comes', async () => {
    const script = new Script()
    const client = script.connect()
    const room = client.channel('rooms/{room}', { room: 'a b' })
    const got: unknown[] = []
    const states: unknown[] = []
    room.on((data, { offset }) => got.push([data, offset]))
    room.onStateChange(({ state, code }) => states.push(`${state} ${code}`))
    const socket = await script.socket(1)
    await socket.accept()
    const { id, key: _, ...request } = socket.take('subscribe')
    assert.deepEqual(request, { channel: 'rooms/a%20b', positioned: true, recoverable: true })
    assert.equal(room.state, 'subscribing')
    assert.equal(room.position, undefined)
    // The reply and what follows it may come in one frame.
    socket.say(
      { id, subscribe: at(4) },
      { push: { channel: 'rooms/a%20b', pub: pub(5, 'five') } },
      { push: { channel: 'rooms/other', pub: pub(1, 'other') } },
    )
    assert.equal(room.state, 'subscribed')
    assert.deepEqual(got, [['five', 5]])
    assert.deepEqual(room.position, { offset: 5, epoch: 'e' })
    room.unsubscribe()
    await script.settle()
    assert.equal(socket.take('unsubscribe').channel, 'rooms/a%20b')
    assert.deepEqual(states, ['subscribed 0', 'unsubscribed 0'])
    socket.publish('rooms/a%20b', pub(6, 'six'))
    assert.equal(got.length, 1)
  })

  test('goes on after its position when the connection is back, and gets nothing twice', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const room = client.channel('r')
    const got: unknown[] = []
    room.on((data) => got.push(data))
    await script.settle()
    await socket.subscribe(at(0))
    socket.publish('r', pub(1), pub(2), pub(2), pub(1))
    socket.end()
    assert.equal(room.state, 'subscribing')
    const next = await script.nextSocket()
    await next.accept()
    const { id, recover, offset, epoch } = next.take('subscribe')
    assert.deepEqual([recover, offset, epoch], [true, 2, 'e'])
    next.say(
      { id, subscribe: at(4, { recovered: true, publications: [pub(2), pub(3), pub(4)] }) },
      { push: { channel: 'r', pub: pub(4) } },
      { push: { channel: 'r', pub: pub(5) } },
    )
    assert.deepEqual(got, [1, 2, 3, 4, 5])
    assert.deepEqual(room.position, { offset: 5, epoch: 'e' })
  })

  test('keeps nothing and promises nothing where the server keeps nothing', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const room = client.channel('r', {}, { onGap: () => assert.fail('no gap') })
    const got: unknown[] = []
    room.on((data) => got.push(data))
    await script.settle()
    await socket.subscribe()
    socket.publish('r', { data: 1 }, { data: 1 })
    assert.equal(room.position, undefined)
    socket.end()
    const next = await script.nextSocket()
    await next.accept()
    assert.equal(next.take('subscribe').recover, undefined)
    assert.deepEqual(got, [1, 1])
  })

  test('begins after the position that it is given', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r', {}, { since: { offset: 3, epoch: 'e' } }).on((data) => got.push(data))
    await script.settle()
    const { id, recover, offset, epoch } = socket.take('subscribe')
    assert.deepEqual([recover, offset, epoch], [true, 3, 'e'])
    socket.say({ id, subscribe: at(5, { recovered: true, publications: [pub(4), pub(5)] }) })
    assert.deepEqual(got, [4, 5])
  })

  test('tells a gap before anything behind it', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    const room = client.channel('r', {}, { onGap: (gap) => got.push(gap) })
    await script.settle()
    await socket.subscribe(at(7))
    // Nobody handles it before the gap, and then it is part of what was missed.
    socket.publish('r', pub(8))
    room.on((data) => got.push(data))
    socket.end()
    await script.settle()
    const next = await script.nextSocket()
    await next.accept()
    const { id } = next.take('subscribe')
    next.say(
      { id, subscribe: at(1, { recovered: false, was_recovering: true }, 'new') },
      { push: { channel: 'r', pub: pub(2) } },
    )
    assert.deepEqual(got, [8, { position: { offset: 1, epoch: 'new' } }, 2])
  })

  test('takes an offset from the future, or a position that the server does not know, for a gap', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const gaps: unknown[] = []
    const onGap = (gap: unknown): void => void gaps.push(gap)
    client.channel('future', {}, { onGap, since: { offset: 9, epoch: 'e' } })
    client.channel('unknown', {}, { onGap, since: { offset: 9, epoch: 'e' } })
    await script.settle()
    await socket.subscribe(at(3, { recovered: false }))
    socket.say({ id: socket.take('subscribe').id, error: { code: 112, message: 'unrecoverable position' } })
    assert.equal(gaps.length, 1)
    await script.clock.advance(script.clock.nextMs)
    assert.equal(socket.take('unsubscribe').channel, 'unknown')
    assert.equal(socket.commands[0]?.subscribe?.recover, undefined)
    await socket.subscribe(at(5))
    assert.deepEqual(gaps, [{ position: { offset: 3, epoch: 'e' } }, { position: { offset: 5, epoch: 'e' } }])
  })

  test('takes holes in the offsets for what they are, and drops what it had', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r').on((data) => got.push(data))
    await script.settle()
    await socket.subscribe(at(10))
    socket.publish('r', pub(20), pub(30), pub(20), pub(40))
    await script.settle()
    socket.assertNothing()
    assert.deepEqual(got, [20, 30, 40])
  })

  test('is tried again when the server cannot for now or does not answer, and ends when it refuses', async () => {
    const script = new Script()
    const { client, socket } = await script.open({ timeoutMs: 1_000 })
    const room = client.channel('r')
    const changes: unknown[] = []
    room.onStateChange((change) => changes.push(change))
    await script.settle()
    socket.say({
      id: socket.take('subscribe').id,
      error: { code: 100, message: 'internal', temporary: true },
    })
    await script.clock.advance(script.clock.nextMs)
    socket.take('unsubscribe')
    socket.take('subscribe')
    await script.clock.advance(1_000)
    await script.clock.advance(script.clock.nextMs)
    socket.take('unsubscribe')
    const { id } = socket.take('subscribe')
    const publish = room.publish('never')
    socket.say({ id, error: { code: 103, message: 'permission denied', name: 'FORBIDDEN' } })
    const refused = {
      code: 'REFUSED',
      server: { code: 103, message: 'permission denied', name: 'FORBIDDEN' },
    }
    await assert.rejects(publish, refused)
    assert.deepEqual(changes, [{ state: 'unsubscribed', code: 103, reason: 'permission denied' }])
    await assert.rejects(room.publish('again'), { code: 'UNSUBSCRIBED' })
    // Another try is another subscription.
    client.channel('r')
    await script.settle()
    socket.take('subscribe')
  })

  test('replaces one that the server made by itself', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const room = client.channel('r')
    await script.settle()
    socket.say({ id: socket.take('subscribe').id, error: { code: 105, message: 'already subscribed' } })
    await script.settle()
    socket.take('unsubscribe')
    await socket.subscribe(at(1))
    assert.equal(room.state, 'subscribed')
  })

  test('ends when the server says so for good, and is renewed when it says so for now', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const room = client.channel('r')
    const changes: unknown[] = []
    room.onStateChange(({ state, code }) => changes.push([state, code]))
    await script.settle()
    await socket.subscribe(at(1))
    socket.push('r', { unsubscribe: { code: 2500, reason: 'insufficient state' } })
    await script.clock.advance(script.clock.nextMs)
    assert.equal(socket.commands[0]?.subscribe?.offset, 1)
    await socket.subscribe(at(1, { recovered: true }))
    socket.push('r', { unsubscribe: { code: 2000, reason: 'server unsubscribe' } })
    assert.deepEqual(changes, [
      ['subscribed', 0],
      ['subscribing', 2500],
      ['subscribed', 0],
      ['unsubscribed', 2000],
    ])
    await script.clock.advance(60_000)
    socket.assertNothing()
  })

  test('tells who joins and leaves when somebody wants to know', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const room = client.channel('r')
    await script.settle()
    assert.equal(socket.commands[0]?.subscribe?.join_leave, undefined)
    await socket.subscribe(at(1))
    const members: unknown[] = []
    room.onPresence('join', ({ user }) => members.push(`+${user}`))
    room.onPresence('leave', ({ user }) => members.push(`-${user}`))
    await script.settle()
    socket.take('unsubscribe')
    assert.equal(socket.commands[0]?.subscribe?.join_leave, true)
    await socket.subscribe(at(1, { recovered: true }))
    socket.push('r', { join: { info: { user: 'ada', client: '1' } } })
    socket.push('r', { leave: { info: { user: 'ada', client: '1' } } })
    assert.deepEqual(members, ['+ada', '-ada'])
  })

  test('asks for presence, statistics and history', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const room = client.channel('r')
    await script.settle()
    await socket.subscribe(at(1))
    const presence = room.presence()
    const stats = room.presenceStats()
    const history = room.history({ limit: 2, since: { offset: 1, epoch: 'e' }, reverse: true })
    await script.settle()
    const member = { user: 'ada', client: '1' }
    socket.say({ id: socket.take('presence').id, presence: { presence: { '1': member } } })
    socket.say({ id: socket.take('presence_stats').id, presence_stats: { num_clients: 3, num_users: 2 } })
    const { id, key: _, ...query } = socket.take('history')
    assert.deepEqual(query, { channel: 'r', limit: 2, since: { offset: 1, epoch: 'e' }, reverse: true })
    socket.say({ id, history: { publications: [pub(1)], offset: 4, epoch: 'e' } })
    assert.deepEqual(await presence, [member])
    assert.deepEqual(await stats, { clients: 3, users: 2 })
    assert.deepEqual(await history, { publications: [pub(1)], position: { offset: 4, epoch: 'e' } })
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Log, reached, Served } from './served.ts'

function noGap(): void {
  assert.fail('a gap')
}

/** Resolves when the subscription is in force. */
function subscribed(room: {
  onStateChange(handler: (change: { state: string }) => void): () => void
}): Promise<void> {
  return new Promise((resolve) => {
    room.onStateChange(({ state }) => {
      if (state === 'subscribed') resolve()
    })
  })
}

describe('channels between client and server', () => {
  test('carry events as the handler made them, to all, in order', async (t) => {
    const served = await Served.start(t)
    const [ada, bob] = ['ada', 'bob'].map((name) => served.connect({ getToken: () => name }))
    const log = new Log()
    const rooms = [ada!, bob!].map((client) =>
      client.channel('rooms/{room}', { room: 'a b/c' }, { onGap: () => log.add('gap') }),
    )
    rooms[1]!.on('message', (message, { info, tags }) => log.add([message, info?.user, tags?.['event']]))
    await subscribed(rooms[1]!)
    const sent = ['one', 'two', 'three'].map((text) => rooms[0]!.publish('message', { text }))
    await Promise.all(sent)
    await rooms[0]!.publish('typing', { on: true })
    assert.deepEqual(
      await log.atLeast(3),
      ['one', 'two', 'three'].map((text) => [{ text, from: 'ada' }, 'ada', 'message']),
    )
    const { publications, position } = await rooms[0]!.history({ limit: 2, reverse: true })
    assert.deepEqual(
      publications.map(({ data }) => data),
      [{ on: true }, { text: 'three', from: 'ada' }],
    )
    assert.equal(position.offset, 4)
    assert.deepEqual(await served.app.channels.position('rooms/a%20b%2Fc'), position)
  })

  test('leave out a sender for good', async (t) => {
    const served = await Served.start(t)
    const [ada, bob] = [served.connect(), served.connect()]
    const room = { room: '1' }
    const logs = [new Log(), new Log()]
    const rooms = [ada, bob].map((client, index) => {
      const joined = client.channel('rooms/{room}', room, { onGap: noGap })
      joined.on('message', (message) => logs[index]!.add(message.text))
      return joined
    })
    await Promise.all(rooms.map(subscribed))
    const { channels } = served.app
    await channels.publish('rooms/1', 'message', { text: 'not to Ada', from: 's' }, { except: ada.id! })
    await channels.publish('rooms/1', 'message', { text: 'to all', from: 's' })
    assert.deepEqual(await logs[1]!.atLeast(2), ['not to Ada', 'to all'])
    assert.deepEqual(await logs[0]!.atLeast(1), ['to all'])
    // Were the hole looked into, it would be filled before the next one comes.
    await channels.publish('rooms/1', 'message', { text: 'again', from: 's' })
    assert.deepEqual(await logs[0]!.atLeast(2), ['to all', 'again'])
  })

  test('say what is wrong with what is published, called and subscribed', async (t) => {
    const served = await Served.start(t)
    const client = served.connect()
    const room = client.channel('rooms/{room}', { room: '1' }, { onGap: noGap })
    await assert.rejects(
      room.publish('message', { text: 'x'.repeat(21) }),
      (error: { code: string; server: object }) => {
        assert.equal(error.code, 'REFUSED')
        const { name, issues } = error.server as { name: string; issues: { pointer: string }[] }
        assert.equal(name, 'VALIDATION_FAILED')
        assert.equal(issues[0]?.pointer, '/text')
        return true
      },
    )
    await assert.rejects(room.publish('closed' as never, {} as never), { code: 'REFUSED' })
    await assert.rejects(client.call('add', { a: 1, b: 'x' as never }), { code: 'REFUSED' })
    await assert.rejects(
      client.call('nothing' as never, undefined as never),
      (error: { server: { code: number } }) => {
        assert.equal(error.server.code, 104)
        return true
      },
    )
    await assert.rejects(client.call('fail'), { code: 'REFUSED', message: 'internal server error' })
    await served.reports.take()
    const secret = client.channel('rooms/{room}', { room: 'secret' }, { onGap: noGap })
    const change = new Promise<unknown>((resolve) => secret.onStateChange(resolve))
    await assert.rejects(secret.publish('message', { text: 'x' }), { code: 'REFUSED' })
    assert.equal(secret.state, 'unsubscribed')
    assert.equal(((await change) as { code: number }).code, 103)
  })

  test('tell who is there, comes and goes', async (t) => {
    const served = await Served.start(t)
    const ada = served.connect({ getToken: () => 'ada' })
    const log = new Log()
    const room = ada.channel('open/{name}', { name: 'x' }, { onGap: noGap })
    room.onPresence('join', ({ user }) => log.add(`+${user}`))
    room.onPresence('leave', ({ user }) => log.add(`-${user}`))
    await subscribed(room)
    const bob = served.connect({ getToken: () => 'bob' })
    const phone = served.connect({ getToken: () => 'bob' })
    await subscribed(bob.channel('open/{name}', { name: 'x' }, { onGap: noGap }))
    await subscribed(phone.channel('open/{name}', { name: 'x' }, { onGap: noGap }))
    assert.deepEqual(await room.presenceStats(), { clients: 3, users: 2 })
    const users = (await room.presence()).map(({ user }) => user)
    assert.deepEqual(users.toSorted(), ['ada', 'bob', 'bob'])
    bob.close()
    // Nobody is told of itself.
    assert.deepEqual(await log.atLeast(3), ['+bob', '+bob', '-bob'])
  })

  test('go on where they were after the connection broke, with what was published meanwhile', async (t) => {
    const served = await Served.start(t)
    const client = served.connect()
    const log = new Log()
    const room = client.channel('open/{name}', { name: 'x' }, { onGap: () => log.add('gap') })
    room.on((data) => log.add(data))
    await room.publish(1)
    served.network.isDown = true
    const lost = reached(client, 'connecting')
    served.network.cut()
    await lost
    const waiting = room.publish(4)
    await served.app.channels.publish('open/x', 2)
    await served.app.channels.publish('open/x', 3)
    served.network.isDown = false
    await waiting
    assert.deepEqual(await log.atLeast(4), [1, 2, 3, 4])
  })

  test('tell a gap when the history does not go back far enough, or is gone', async (t) => {
    const served = await Served.start(t)
    const client = served.connect()
    const log = new Log()
    const room = client.channel('short/{name}', { name: 'x' }, { onGap: () => log.add('gap') })
    room.on((data) => log.add(data))
    await room.publish(1)
    served.network.isDown = true
    const lost = reached(client, 'connecting')
    served.network.cut()
    await lost
    for (const n of [2, 3, 4]) await served.app.channels.publish('short/x', n)
    served.network.isDown = false
    await room.publish(5)
    assert.deepEqual(await log.atLeast(3), [1, 'gap', 5])
    await served.app.channels.removeHistory('short/x')
    // The first publication of the new stream shows it; what the page loads then has it.
    await room.publish(6)
    await log.atLeast(4)
    await room.publish(7)
    assert.deepEqual(await log.atLeast(5), [1, 'gap', 5, 'gap', 7])
  })

  test('begin where the page began', async (t) => {
    const served = await Served.start(t)
    await served.app.channels.publish('open/x', 'old')
    const since = await served.app.channels.position('open/x')
    for (const n of [1, 2]) await served.app.channels.publish('open/x', n)
    const client = served.connect()
    const log = new Log()
    client.channel('open/{name}', { name: 'x' }, { onGap: noGap, since }).on((data) => log.add(data))
    assert.deepEqual(await log.atLeast(2), [1, 2])
    // Shared on the wire with the other, which is ahead.
    const late = new Log()
    client.channel('open/{name}', { name: 'x' }, { onGap: noGap, since }).on((data) => late.add(data))
    assert.deepEqual(await late.atLeast(2), [1, 2])
    await served.app.channels.publish('open/x', 3)
    assert.deepEqual(
      [await log.atLeast(3), await late.atLeast(3)],
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
    )
  })

  test('end when the server says so', async (t) => {
    const served = await Served.start(t)
    const client = served.connect({ getToken: () => 'ada' })
    const room = client.channel('open/{name}', { name: 'x' }, { onGap: noGap })
    await subscribed(room)
    const ended = new Promise<{ state: string; code: number }>((resolve) => room.onStateChange(resolve))
    await served.app.channels.unsubscribe('ada', 'open/x')
    assert.deepEqual(await ended, { state: 'unsubscribed', code: 2000, reason: 'server unsubscribe' })
    const gone = reached(client, 'disconnected')
    await served.app.channels.disconnect('ada')
    assert.equal(await gone, 3503)
  })

  test('that keep nothing deliver what comes while they are there', async (t) => {
    const served = await Served.start(t)
    const client = served.connect()
    const log = new Log()
    const typing = client.channel('typing/{room}', { room: '1' })
    typing.on((data) => log.add(data))
    await typing.publish({ on: true })
    assert.deepEqual(await log.atLeast(1), [{ on: true }])
    assert.equal(typing.position, undefined)
  })
})

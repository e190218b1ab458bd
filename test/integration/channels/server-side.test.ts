import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { GoWeb } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { z } from 'zod'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

const Text = z.object({ text: z.string() })

describe('the server', () => {
  test('publishes what subscribers get, without schema or handler, from anywhere', async (t) => {
    const { app } = makeApp(t)
    const typed = app
      .channel('rooms/{room}', {
        delivery: 'replay',
        public: true,
        events: { say: Text },
        on: { say: (_c, { text }) => ({ text, by: 'client' }) },
      })
      .channel('raw', { delivery: 'replay', public: true })
      .post('/say', async (c) => await c.publish('rooms/1', 'say', { text: 'http', by: 'server' }))
      .call(
        'say',
        {},
        async (c) => await c.publish('rooms/1', 'say', { text: 'call' }, { except: c.connection.id }),
      )
    const port = await serve(t, typed)
    const ada = await ChannelClient.connect(port)
    const bob = await ChannelClient.connect(port)
    for (const client of [ada, bob]) await client.result('subscribe', { channel: 'rooms/1' })
    const { offset, epoch } = await typed.channels.publish('rooms/1', 'say', { text: 'app', by: 'server' })
    assert.equal(offset, 1)
    assert.notEqual(epoch, '')
    const answer = await fetch(`http://127.0.0.1:${port}/say`, { method: 'POST' })
    assert.deepEqual(await answer.json(), { offset: 2, epoch })
    assert.deepEqual(await ada.result('rpc', { method: 'say' }), { data: { offset: 3, epoch } })
    for (const text of ['app', 'http']) {
      for (const client of [ada, bob]) {
        const { data, tags, info } = await client.push('pub')
        assert.deepEqual([data, tags, info], [{ text, by: 'server' }, { event: 'say' }, undefined])
      }
    }
    assert.deepEqual((await bob.push('pub'))['data'], { text: 'call' })
    // Her own answers come behind whatever was sent to her before.
    await ada.result('rpc', { method: 'say' })
    assert.deepEqual(ada.rest, [])
    for (const client of [ada, bob]) await client.close()
  })

  test('is told of channels and events that do not exist', async (t) => {
    const { app } = makeApp(t)
    app
      .channel('rooms/{room}', { delivery: 'replay', public: true, events: { say: Text } })
      .channel('raw', { delivery: 'live', public: true })
    const { channels } = app
    await assert.rejects(channels.publish('none', 1), { code: 'CHANNEL_UNKNOWN' })
    await assert.rejects(channels.publish('rooms/a b', 'say', 1), { code: 'CHANNEL_UNKNOWN' })
    await assert.rejects(channels.publish('rooms/1', 'shout', 1), {
      code: 'EVENT_UNKNOWN',
      message: /events say/,
    })
    await assert.rejects(channels.publish('rooms/1', { text: 'x' }), { code: 'EVENT_UNKNOWN' })
    await assert.rejects(channels.publish('raw', 'say', 1), { code: 'EVENT_UNKNOWN', message: /no events/ })
    await assert.rejects(channels.history('none'), { code: 'CHANNEL_UNKNOWN' })
    await assert.rejects(channels.history('raw'), { code: 'CHANNEL_WITHOUT_HISTORY' })
    await channels.publish('raw', undefined, 1, { id: 'key' })
    await app.stop()
  })

  test('reads history, position and presence', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token, info: { name: token.toUpperCase() } }))
      .channel('room', {
        delivery: 'replay',
        presence: true,
        events: { say: { schema: Text, from: 'client' } },
        subscribe: () => ({ info: { role: 'guest' } }),
      })
    const port = await serve(t, app)
    const { channels } = app
    const before = await channels.position('room')
    assert.equal(before.offset, 0)
    const ada = await ChannelClient.open(port)
    const { client: id } = await ada.result('connect', { token: 'ada' })
    await ada.result('subscribe', { channel: 'room' })
    await ada.result('publish', { channel: 'room', event: 'say', data: { text: '1' }, id: 'key' })
    await channels.publish('room', 'say', { text: '2' })
    const member = { connection: id, user: 'ada', info: { name: 'ADA' }, channelInfo: { role: 'guest' } }
    assert.deepEqual(await channels.presence('room'), [member])
    const { messages, position, complete, hasMore } = await channels.history('room', { since: before })
    assert.deepEqual(messages, [
      { event: 'say', data: { text: '1' }, offset: 1, id: 'key', from: member },
      { event: 'say', data: { text: '2' }, offset: 2, id: undefined, from: undefined },
    ])
    assert.deepEqual([position, complete, hasMore], [{ offset: 2, epoch: before.epoch }, true, false])
    const newest = await channels.history('room', { limit: 1, reverse: true })
    assert.deepEqual(
      newest.messages.map(({ data }) => data),
      [{ text: '2' }],
    )
    await channels.removeHistory('room')
    assert.notEqual((await channels.position('room')).epoch, before.epoch)
    await ada.close()
  })

  test('acts on all connections of a user', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token }))
      .channel('rooms/{room}', { delivery: 'live', subscribe: () => false })
      .call('leave', {}, (c) => c.connection.disconnect({ code: 4_001, reason: 'bye' }))
    const port = await serve(t, app)
    const phone = await ChannelClient.connect(port, { token: 'ada' })
    const laptop = await ChannelClient.connect(port, { token: 'ada' })
    const bob = await ChannelClient.connect(port, { token: 'bob' })
    const { channels } = app
    await channels.subscribe('ada', 'rooms/1')
    for (const client of [phone, laptop]) assert.equal((await client.push('subscribe'))['channel'], 'rooms/1')
    await channels.publish('rooms/1', { n: 1 })
    for (const client of [phone, laptop]) assert.deepEqual((await client.push('pub'))['data'], { n: 1 })
    await channels.unsubscribe('ada', 'rooms/1')
    for (const client of [phone, laptop])
      assert.equal((await client.push('unsubscribe'))['channel'], 'rooms/1')
    await channels.send('ada', { hello: 'both' })
    for (const client of [phone, laptop])
      assert.deepEqual((await client.push('message'))['data'], { hello: 'both' })
    await channels.disconnect('ada')
    for (const client of [phone, laptop]) assert.equal((await client.closed).code, 3_503)
    const leaving = bob.ask({ rpc: { method: 'leave' } }).catch(() => undefined)
    assert.deepEqual(await bob.closed, { code: 4_001, reason: 'bye' })
    await leaving
    assert.deepEqual(bob.rest, [])
  })

  test('has one broker for several apps that are given it', async (t) => {
    const broker = memoryBroker()
    const make = (): GoWeb => {
      const { app } = makeApp(t, { broker })
      app.authenticate((_c, token) => ({ user: token })).channel('room', { delivery: 'replay', public: true })
      return app
    }
    const [first, second] = [make(), make()]
    const client = await ChannelClient.connect(await serve(t, first), { token: 'ada' })
    await serve(t, second)
    await client.result('subscribe', { channel: 'room' })
    await second.channels.publish('room', { n: 1 })
    assert.deepEqual((await client.push('pub'))['data'], { n: 1 })
    await second.channels.disconnect('ada', { code: 3_000, reason: 'moved' })
    assert.deepEqual(await client.closed, { code: 3_000, reason: 'moved' })
  })
})

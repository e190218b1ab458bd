import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ConnectedContext, PublicationContext, SubscribedContext, UnsubscribedContext } from 'centrifuge'
import { z } from 'zod'
import { makeApp, serve } from '../channels/served.ts'
import { Collected, next, officialClient } from './official-client.ts'

const OPEN = { delivery: 'replay', public: true, presence: true } as const

describe('the official client', () => {
  test('connects, with what authenticate gives it', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => (token === 'good' ? { user: 'ada', data: { theme: 'dark' } } : undefined))
      .channel('open/{name}', OPEN)
    const port = await serve(t, app)
    const { client } = officialClient(t, port, { token: 'good' })
    const connected = next<ConnectedContext>(client, 'connected')
    client.connect()
    const { client: id, data } = await connected
    assert.match(id, /^[\da-f-]{36}$/)
    assert.deepEqual(data, { theme: 'dark' })
  })

  test('subscribes, publishes and receives in order, with the publisher and offsets', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token, info: { name: token.toUpperCase() } }))
      .channel('open/{name}', OPEN)
    const port = await serve(t, app)
    const { client: ada } = officialClient(t, port, { token: 'ada' })
    const { client: bob } = officialClient(t, port, { token: 'bob' })
    const reader = bob.newSubscription('open/a')
    const received = new Collected<PublicationContext>(reader, 'publication')
    reader.subscribe()
    bob.connect()
    await reader.ready()
    const writer = ada.newSubscription('open/a')
    writer.subscribe()
    ada.connect()
    await writer.ready()
    for (let n = 1; n <= 5; n++) await writer.publish({ n })
    await ada.publish('open/a', { n: 6 })
    const all = await received.until(6)
    assert.deepEqual(
      all.map(({ data, offset, info }) => [data, offset, info?.user, info?.connInfo]),
      [1, 2, 3, 4, 5, 6].map((n) => [{ n }, n, 'ada', { name: 'ADA' }]),
    )
  })

  test('publishes events in the form {event, data}, checked by their schema', async (t) => {
    const { app } = makeApp(t)
    app.channel('rooms/{room}', {
      delivery: 'replay',
      public: true,
      events: { message: z.object({ text: z.string() }) },
      on: { message: (c, { text }) => ({ text, room: c.params.room }) },
    })
    const port = await serve(t, app)
    const { client } = officialClient(t, port)
    const room = client.newSubscription('rooms/7')
    const received = new Collected<PublicationContext>(room, 'publication')
    room.subscribe()
    client.connect()
    await room.publish({ event: 'message', data: { text: 'hi' } })
    const [publication] = await received.until(1)
    assert.deepEqual(publication?.data, { text: 'hi', room: '7' })
    assert.equal(publication?.tags?.['event'], 'message')
    await assert.rejects(room.publish({ event: 'message', data: { text: 7 } }), { code: 422 })
    await assert.rejects(room.publish({ event: 'other', data: {} }), { code: 404 })
    await assert.rejects(room.publish('no event'), { code: 404 })
  })

  test('sees who joins and leaves, who is there and how many', async (t) => {
    const { app } = makeApp(t)
    app.authenticate((_c, token) => ({ user: token })).channel('open/{name}', OPEN)
    const port = await serve(t, app)
    const { client: ada } = officialClient(t, port, { token: 'ada' })
    const { client: bob, cut } = officialClient(t, port, { token: 'bob' })
    const watcher = ada.newSubscription('open/a', { joinLeave: true })
    const joins = new Collected<{ info: { user: string } }>(watcher, 'join')
    const leaves = new Collected<{ info: { user: string } }>(watcher, 'leave')
    watcher.subscribe()
    ada.connect()
    await watcher.ready()
    const visitor = bob.newSubscription('open/a')
    visitor.subscribe()
    bob.connect()
    await visitor.ready()
    while (!joins.all.some(({ info }) => info.user === 'bob')) await joins.until(joins.all.length + 1)
    const { clients } = await watcher.presence()
    assert.deepEqual(
      Object.values(clients)
        .map(({ user }) => user)
        .toSorted(),
      ['ada', 'bob'],
    )
    assert.deepEqual(await watcher.presenceStats(), { numClients: 2, numUsers: 2 })
    bob.disconnect()
    cut()
    await leaves.until(1)
    assert.equal(leaves.all[0]?.info.user, 'bob')
    assert.deepEqual(await watcher.presenceStats(), { numClients: 1, numUsers: 1 })
  })

  test('reads the history by limit, since and backwards', async (t) => {
    const { app } = makeApp(t)
    app.channel('open/{name}', OPEN)
    const port = await serve(t, app)
    const { client } = officialClient(t, port)
    const sub = client.newSubscription('open/a')
    sub.subscribe()
    client.connect()
    await sub.ready()
    for (let n = 1; n <= 5; n++) await sub.publish(n)
    const data = ({ publications }: { publications: { data: unknown }[] }): unknown[] =>
      publications.map((publication) => publication.data)
    const all = await sub.history({ limit: 10 })
    assert.deepEqual([data(all), all.offset], [[1, 2, 3, 4, 5], 5])
    const { epoch } = all
    assert.deepEqual(data(await sub.history({ limit: 2, since: { offset: 1, epoch } })), [2, 3])
    assert.deepEqual(data(await sub.history({ limit: 2, reverse: true })), [5, 4])
    assert.deepEqual(
      data(await sub.history({ limit: 9, reverse: true, since: { offset: 3, epoch } })),
      [2, 1],
    )
    await assert.rejects(sub.history({ limit: 1, since: { offset: 1, epoch: 'other' } }), { code: 112 })
  })

  test('calls, and is told errors', async (t) => {
    const { app } = makeApp(t)
    app
      .call('double', { input: z.number(), output: z.number() }, (_c, n) => n * 2)
      .call('no', {}, (c) => c.refuse('CONFLICT', 'Not now'))
    const port = await serve(t, app)
    const { client } = officialClient(t, port)
    client.connect()
    assert.deepEqual(await client.rpc('double', 21), { data: 42 })
    await assert.rejects(client.rpc('double', 'x'), { code: 422 })
    await assert.rejects(client.rpc('no', null), { code: 409, message: 'Not now' })
    await assert.rejects(client.rpc('none', null), { code: 104 })
  })

  test('is refused where a rule says so', async (t) => {
    const { app } = makeApp(t)
    app.channel('closed/{name}', { delivery: 'replay', subscribe: () => false })
    const port = await serve(t, app)
    const { client } = officialClient(t, port)
    const sub = client.newSubscription('closed/a')
    const unsubscribed = next<UnsubscribedContext>(sub, 'unsubscribed')
    sub.subscribe()
    client.connect()
    assert.equal((await unsubscribed).code, 103)
    const unknown = client.newSubscription('nowhere')
    const refused = next<UnsubscribedContext>(unknown, 'unsubscribed')
    unknown.subscribe()
    assert.equal((await refused).code, 102)
    await assert.rejects(client.publish('closed/a', 1), { code: 103 })
  })

  test('is subscribed by the server at connect, and later', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token, channels: [`users/${token}`] }))
      .channel('users/{user}', { delivery: 'replay', subscribe: () => false })
    const port = await serve(t, app)
    const { client, cut } = officialClient(t, port, { token: 'ada' })
    const subscribed = new Collected<SubscribedContext>(client, 'subscribed')
    const received = new Collected<PublicationContext>(client, 'publication')
    client.connect()
    assert.equal((await subscribed.until(1))[0]?.channel, 'users/ada')
    await app.channels.publish('users/ada', 1)
    await received.until(1)
    const connecting = next(client, 'connecting')
    cut()
    await connecting
    await app.channels.publish('users/ada', 2)
    await received.until(2)
    assert.deepEqual((await subscribed.until(2))[1]?.recovered, true)
    await app.channels.subscribe('ada', 'users/all')
    await subscribed.until(3)
    await app.channels.publish('users/all', 3)
    await received.until(3)
    assert.deepEqual(
      received.all.map(({ channel, data }) => [channel, data]),
      [
        ['users/ada', 1],
        ['users/ada', 2],
        ['users/all', 3],
      ],
    )
    const unsubscribed = next<{ channel: string }>(client, 'unsubscribed')
    await app.channels.unsubscribe('ada', 'users/all')
    assert.equal((await unsubscribed).channel, 'users/all')
  })

  test('gets messages that are sent to its user', async (t) => {
    const { app } = makeApp(t)
    app.authenticate((_c, token) => ({ user: token })).channel('open/{name}', OPEN)
    const port = await serve(t, app)
    const { client } = officialClient(t, port, { token: 'ada' })
    client.connect()
    await client.ready()
    const message = next<{ data: unknown }>(client, 'message')
    await app.channels.send('ada', { hello: 'Ada' })
    assert.deepEqual((await message).data, { hello: 'Ada' })
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type {
  ConnectingContext,
  DisconnectedContext,
  PublicationContext,
  SubscribedContext,
  SubscribingContext,
  UnsubscribedContext,
} from 'centrifuge'
import { makeApp, serve } from '../channels/served.ts'
import { Collected, next, officialClient } from './official-client.ts'

describe('the official client', () => {
  test('recovers after a cut what was published meanwhile, once and in order', async (t) => {
    const { app } = makeApp(t)
    app.channel('open/{name}', { delivery: 'replay', public: true })
    const port = await serve(t, app)
    const { client, cut } = officialClient(t, port)
    const sub = client.newSubscription('open/a')
    const subscribed = new Collected<SubscribedContext>(sub, 'subscribed')
    const received = new Collected<PublicationContext>(sub, 'publication')
    sub.subscribe()
    client.connect()
    await subscribed.until(1)
    await app.channels.publish('open/a', 0)
    await received.until(1)
    for (let round = 1; round <= 5; round++) {
      const connecting = next<ConnectingContext>(client, 'connecting')
      cut()
      await connecting
      for (let n = 0; n < 20; n++) await app.channels.publish('open/a', round * 100 + n)
      const context = (await subscribed.until(round + 1))[round]
      assert.deepEqual([context?.wasRecovering, context?.recovered], [true, true])
      await app.channels.publish('open/a', round * 100 + 20)
      await received.until(round * 21 + 1)
    }
    const expected = [0]
    for (let round = 1; round <= 5; round++) for (let n = 0; n <= 20; n++) expected.push(round * 100 + n)
    assert.deepEqual(
      received.all.map(({ data }) => data),
      expected,
    )
  })

  test('is told of a gap when it was away for too long', async (t) => {
    const { app } = makeApp(t)
    app.channel('short/{name}', { delivery: 'replay', public: true, history: { size: 3, ttl: '1h' } })
    const port = await serve(t, app)
    const { client, cut } = officialClient(t, port)
    const sub = client.newSubscription('short/a')
    const subscribed = new Collected<SubscribedContext>(sub, 'subscribed')
    const received = new Collected<PublicationContext>(sub, 'publication')
    sub.subscribe()
    client.connect()
    await subscribed.until(1)
    const connecting = next<ConnectingContext>(client, 'connecting')
    cut()
    await connecting
    for (let n = 1; n <= 4; n++) await app.channels.publish('short/a', n)
    const context = (await subscribed.until(2))[1]
    assert.deepEqual([context?.wasRecovering, context?.recovered], [true, false])
    await app.channels.publish('short/a', 5)
    await received.until(1)
    assert.deepEqual(
      received.all.map(({ data }) => data),
      [5],
    )
  })

  test('brings a new token before the old one expires, and stays connected', async (t) => {
    const { app } = makeApp(t)
    const tokens: string[] = []
    const refreshed = Promise.withResolvers<void>()
    app
      .authenticate((c, token) => {
        tokens.push(token)
        if (c.isRefresh) refreshed.resolve()
        return { user: 'ada', expiresAt: c.isRefresh ? undefined : new Date(Date.now() + 1_000) }
      })
      .channel('open/{name}', { delivery: 'replay', public: true })
    const port = await serve(t, app)
    let asked = 0
    const { client } = officialClient(t, port, { getToken: () => Promise.resolve(`token ${++asked}`) })
    const disconnects = new Collected<unknown>(client, 'connecting')
    client.connect()
    await client.ready()
    await refreshed.promise
    assert.deepEqual(tokens, ['token 1', 'token 2'])
    assert.equal(disconnects.all.length, 1)
    assert.equal(client.state, 'connected')
  })

  test('connects again with a new token where the old one is refused', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => (token === 'new' ? { user: 'ada' } : undefined))
      .channel('open/{name}', { delivery: 'replay', public: true })
    const port = await serve(t, app)
    const { client } = officialClient(t, port, { token: 'forged' })
    const disconnected = next<DisconnectedContext>(client, 'disconnected')
    client.connect()
    const { code } = await disconnected
    assert.ok(code === 3500 || code === 101, `code ${code}`)
    client.setToken('new')
    client.connect()
    await client.ready()
  })

  test('does after a disconnect what the range of its code says', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token }))
      .channel('open/{name}', { delivery: 'replay', public: true })
    const port = await serve(t, app)
    for (const code of [3001, 3499, 4000, 4499]) {
      const { client } = officialClient(t, port, { token: `again ${code}` })
      client.connect()
      await client.ready()
      const connecting = next<ConnectingContext>(client, 'connecting')
      await app.channels.disconnect(`again ${code}`, { code, reason: 'as the test wants' })
      assert.deepEqual(await connecting, { code, reason: 'as the test wants' })
      await client.ready()
      client.disconnect()
    }
    for (const code of [3500, 3503, 4500, 4999]) {
      const { client } = officialClient(t, port, { token: `never ${code}` })
      client.connect()
      await client.ready()
      const disconnected = next<DisconnectedContext>(client, 'disconnected')
      await app.channels.disconnect(`never ${code}`, { code, reason: 'as the test wants' })
      assert.deepEqual(await disconnected, { code, reason: 'as the test wants' })
    }
  })

  test('is unsubscribed by the server, and subscribes again where its state is not sufficient', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token }))
      .channel('open/{name}', { delivery: 'replay', public: true })
    const port = await serve(t, app)
    const { client } = officialClient(t, port, { token: 'ada' })
    const sub = client.newSubscription('open/a')
    sub.subscribe()
    client.connect()
    await sub.ready()
    await app.channels.publish('open/a', 1)
    const subscribing = next<SubscribingContext>(sub, 'subscribing')
    const again = next<SubscribedContext>(sub, 'subscribed')
    await app.channels.removeHistory('open/a')
    await app.channels.publish('open/a', 2)
    assert.equal((await subscribing).code, 2500)
    assert.deepEqual([(await again).wasRecovering, (await again).recovered], [true, false])
    const unsubscribed = next<UnsubscribedContext>(sub, 'unsubscribed')
    await app.channels.unsubscribe('ada', 'open/a')
    assert.ok((await unsubscribed).code < 2500)
  })
})

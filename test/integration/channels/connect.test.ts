import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { GoWeb, GoWebError } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { WebSocket } from 'ws'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

const HOUR_MS = 3_600_000

describe('authenticate', () => {
  test('says who it is, by token, cookie or header', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((c, token) => {
        const user = token || c.cookies.get('session') || c.header('x-user')
        return user === undefined ? null : { user, state: { seen: c.sent }, data: { hello: user } }
      })
      .call('whoami', {}, (c) => [c.connection.user, c.connection.state])
    const port = await serve(t, app)
    const opened = [
      await ChannelClient.open(port),
      await ChannelClient.open(port, { headers: { cookie: 'session=bob' } }),
      await ChannelClient.open(port, { headers: { 'X-User': 'eve' } }),
    ]
    for (const [index, client] of opened.entries()) {
      const user = ['ada', 'bob', 'eve'][index]
      const connect = { data: { n: index }, ...(index === 0 && { token: 'ada' }) }
      const { data } = await client.result('connect', connect)
      assert.deepEqual(data, { hello: user })
      assert.deepEqual(await client.result('rpc', { method: 'whoami' }), {
        data: [user, { seen: { n: index } }],
      })
      await client.close()
    }
    const client = await ChannelClient.open(port)
    assert.equal((await client.error('connect', {}))['code'], 101)
    assert.equal((await client.closed).code, 3500)
  })

  test('may refuse by returning nothing, throwing, or refuse', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((c, token) => {
        if (token === 'throw') throw new GoWebError('FORBIDDEN', 'Not today')
        if (token === 'refuse') c.refuse('UNAVAILABLE')
        return token === 'false' ? false : undefined
      })
      .call('x', {}, () => 1)
    const port = await serve(t, app)
    for (const [token, code, close] of [
      ['throw', 103, 3507],
      ['false', 101, 3500],
      ['', 101, 3500],
    ] as const) {
      const client = await ChannelClient.open(port)
      assert.equal((await client.error('connect', { token }))['code'], code, token)
      assert.equal((await client.closed).code, close, token)
    }
  })

  test('may say that a token has expired, in two ways; the client then brings another', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((c, token) => {
        if (token === 'old') return c.refuse('TOKEN_EXPIRED')
        return { user: 'ada', expiresAt: new Date(token === 'past' ? 0 : Date.now() + HOUR_MS) }
      })
      .call('x', {}, () => 1)
    const port = await serve(t, app)
    for (const token of ['old', 'past']) {
      const client = await ChannelClient.open(port)
      assert.equal((await client.error('connect', { token }))['code'], 109, token)
      assert.equal((await client.closed).code, 3_000, token)
    }
    const client = await ChannelClient.connect(port, { token: 'good' })
    assert.equal((await client.error('refresh', { token: 'old' }))['code'], 109)
    await client.close()
  })

  test('is asked again for a new token, which must be of the same user', async (t) => {
    const { app } = makeApp(t)
    const seen: unknown[] = []
    app
      .authenticate((c, token) => {
        seen.push([c.kind, c.isRefresh, c.connection.user])
        return { user: token, expiresAt: new Date(Date.now() + HOUR_MS) }
      })
      .call('x', {}, () => 1)
    const port = await serve(t, app)
    const client = await ChannelClient.open(port)
    const { expires, ttl } = await client.result('connect', { token: 'ada' })
    assert.equal(expires, true)
    assert.ok((ttl as number) > 3_500 && (ttl as number) <= 3_600)
    assert.equal((await client.result('refresh', { token: 'ada' }))['expires'], true)
    const error = await client.error('refresh', { token: 'bob' })
    assert.deepEqual([error['code'], error['name']], [103, 'USER_CHANGED'])
    assert.deepEqual(seen, [
      ['connect', false, ''],
      ['connect', true, 'ada'],
      ['connect', true, 'ada'],
    ])
    await client.close()
  })

  test('subscribes to the channels that it names, without asking their rules', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate(() => ({ user: 'ada', channels: ['users/ada'] }))
      .channel('users/{user}', { delivery: 'replay', subscribe: () => false })
    const port = await serve(t, app)
    const client = await ChannelClient.open(port)
    const { subs } = await client.result('connect', {})
    assert.deepEqual(Object.keys(subs as object), ['users/ada'])
    await app.channels.publish('users/ada', { n: 1 })
    assert.deepEqual((await client.push('pub'))['data'], { n: 1 })
    await client.close()
  })

  test('that returns what is none is the developer’s mistake', async (t) => {
    for (const wrong of [{ user: 7 }, { user: 'x', expiresAt: 1 }, { user: 'x', channels: 'all' }]) {
      const { app, reports } = makeApp(t)
      app.authenticate(() => wrong as never).call('x', {}, () => 1)
      const port = await serve(t, app)
      const client = await ChannelClient.open(port)
      assert.equal((await client.error('connect', {}))['code'], 100)
      await reports.takeCode('COMMAND_RESULT_INVALID')
      await client.closed
    }
  })

  test('is not there, and everyone is anonymous', async (t) => {
    const { app } = makeApp(t)
    app.call('whoami', {}, (c) => c.connection.user)
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port, { token: 'whatever' })
    assert.deepEqual(await client.result('rpc', { method: 'whoami' }), { data: '' })
    await client.close()
  })
})

describe('the endpoint', () => {
  test('is not there without channels and calls, and where the app says otherwise', async (t) => {
    const { app: empty } = makeApp(t)
    const port = await serve(t, empty)
    await assert.rejects(ChannelClient.open(port), /404/)
    const { app } = makeApp(t, { channels: { path: '/live' } })
    const other = await serve(
      t,
      app.call('x', {}, () => 1),
    )
    await assert.rejects(ChannelClient.open(other), /404/)
    const client = await ChannelClient.connect(other, {}, { path: '/live' })
    await client.close()
  })

  test('comes with the first channel or call, also while the server listens', async (t) => {
    const { app } = makeApp(t)
    const port = await serve(t, app)
    app.mount(
      '/sub',
      new GoWeb().call('x', {}, () => 1),
    )
    const client = await ChannelClient.connect(port)
    assert.deepEqual(await client.result('rpc', { method: 'sub.x' }), { data: 1 })
    await client.close()
  })

  test('refuses pages of other origins, and hides cookies from those that are allowed', async (t) => {
    const { app } = makeApp(t, { allowedOrigins: ['https://app.example.com'] })
    app
      .authenticate((c, token) => ({
        user: token || (c.cookies.get('session') ?? c.header('cookie') ?? 'nobody'),
      }))
      .call('whoami', {}, (c) => c.connection.user)
    const port = await serve(t, app)
    const headers = { cookie: 'session=ada' }
    await assert.rejects(ChannelClient.open(port, { headers, origin: 'https://evil.example.com' }), /403/)
    for (const [origin, token, user] of [
      [`http://127.0.0.1:${port}`, '', 'ada'],
      ['https://app.example.com', '', 'nobody'],
      ['https://app.example.com', 'bob', 'bob'],
    ] as const) {
      const client = await ChannelClient.connect(port, { token }, { headers, origin })
      assert.deepEqual(await client.result('rpc', { method: 'whoami' }), { data: user })
      await client.close()
    }
  })

  test('offers the subprotocol of the clients that ask for one', async (t) => {
    const { app } = makeApp(t)
    const port = await serve(
      t,
      app.call('x', {}, () => 1),
    )
    const socket = new WebSocket(`ws://127.0.0.1:${port}/connection/websocket`, ['other', 'centrifuge-json'])
    await once(socket, 'open')
    assert.equal(socket.protocol, 'centrifuge-json')
    socket.close()
    await once(socket, 'close')
  })
})

describe('the endpoint as HTTP sees it', () => {
  test('is for WebSockets only', async (t) => {
    const { app } = makeApp(t)
    const port = await serve(
      t,
      app.call('x', {}, () => 1),
    )
    const url = `http://127.0.0.1:${port}/connection/websocket`
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(url, { method })
      assert.equal(answer.status, 426)
      assert.equal(((await answer.json()) as { code: string }).code, 'UPGRADE_REQUIRED')
    }
    assert.equal((await fetch(url, { method: 'OPTIONS' })).status, 204)
  })
})

describe('app.stats()', () => {
  test('tells how many connections and channels there are', async (t) => {
    const { app } = makeApp(t)
    app.channel('rooms/{room}', { delivery: 'live', public: true })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.result('subscribe', { channel: 'rooms/1' })
    const { channelConnections, channelsSubscribed, socketsOpen } = app.stats()
    assert.deepEqual([channelConnections, channelsSubscribed, socketsOpen], [1, 1, 1])
    await client.close()
  })
})

describe('the stop of an app', () => {
  test('lets go of the broker, also when only its channels were used', async (t) => {
    const memory = memoryBroker()
    let isClosed = false
    const { app } = makeApp(t, {
      broker: {
        connect: async (listener) => {
          const node = await memory.connect(listener)
          const close = node.close.bind(node)
          node.close = () => {
            isClosed = true
            return close()
          }
          return node
        },
      },
    })
    app.channel('raw', { delivery: 'replay', public: true }).get('/', async (c) => await c.publish('raw', 1))
    const answer = await app.fetch(new Request('http://localhost/'))
    assert.equal(((await answer.json()) as { offset: number }).offset, 1)
    await app.stop()
    assert.ok(isClosed)
    assert.equal((await app.channels.publish('raw', 2)).offset, 2)
    await app.stop()
  })
})

describe('the start of an app', () => {
  test('fails without its broker, and may be tried again', async (t) => {
    let isThere = false
    const memory = memoryBroker()
    const { app } = makeApp(t, {
      broker: {
        connect: async (listener) => {
          if (!isThere) throw new GoWebError('BROKER_UNAVAILABLE')
          return await memory.connect(listener)
        },
      },
    })
    app.channel('raw', { delivery: 'replay', public: true })
    await assert.rejects(app.listen({ port: 0 }), { code: 'BROKER_UNAVAILABLE' })
    await assert.rejects(app.channels.publish('raw', 1), { code: 'BROKER_UNAVAILABLE' })
    isThere = true
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.close()
  })
})

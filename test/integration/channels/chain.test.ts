import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createScope, definePlugin, GoWeb, GoWebError, type Middleware } from 'goweb'
import { z } from 'zod'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

const Text = z.object({ text: z.string() })

/** Notes each kind and route that it runs for. */
function notes(seen: string[], name: string): Middleware {
  return (c, next) => {
    seen.push(`${name} ${c.kind} ${c.route}`)
    return next()
  }
}

describe('the chain', () => {
  test('runs exactly once for each handshake and command, in its order, and not for deliveries', async (t) => {
    const { app } = makeApp(t)
    const seen: string[] = []
    app
      .use(notes(seen, 'a'))
      .use(notes(seen, 'b'))
      .authenticate(() => ({ user: 'ada' }))
      .channel('rooms/{room}', {
        delivery: 'replay',
        presence: true,
        public: true,
        events: { say: { schema: Text, from: 'client' } },
      })
      .call('echo', {}, (_c, input) => input)
      .use(notes(seen, 'late'))
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.result('subscribe', { channel: 'rooms/1' })
    await client.result('publish', { channel: 'rooms/1', event: 'say', data: { text: 'x' } })
    await client.push('pub')
    await client.result('rpc', { method: 'echo', data: 1 })
    await app.channels.publish('rooms/1', 'say', { text: 'y' })
    await client.push('pub')
    await client.close()
    const expected = [
      'upgrade /connection/websocket',
      'connect ',
      'subscribe rooms/{room}',
      'publish rooms/{room}',
      'call echo',
    ]
    assert.deepEqual(
      seen,
      expected.flatMap((step) => [`a ${step}`, `b ${step}`]),
    )
  })

  test('runs what is declared for a kind only for that', async (t) => {
    const { app } = makeApp(t)
    const seen: string[] = []
    app
      .use(['http', 'upgrade'], (c, next) => {
        seen.push(c.kind)
        return next()
      })
      .use(['subscribe', 'call'], (c, next) => {
        seen.push(c.kind)
        return next()
      })
      .channel('room', { delivery: 'live', public: true })
      .call('echo', {}, (_c, input) => input)
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.result('subscribe', { channel: 'room' })
    await client.result('publish', { channel: 'room', data: 1 })
    await client.result('rpc', { method: 'echo' })
    await client.close()
    assert.deepEqual(seen, ['upgrade', 'subscribe', 'call'])
  })

  test('gives what middleware adds to rules, hooks and handlers, anew for each command', async (t) => {
    const { app } = makeApp(t)
    let count = 0
    const typed = app
      .use(async (c, next) => next({ number: ++count, name: c.header('x-name') ?? 'nobody' }))
      .authenticate((c) => ({ user: `${c.name} ${c.number}` }))
      .channel('room', {
        delivery: 'live',
        events: { say: Text },
        subscribe: (c) => ({ data: [c.name, c.number] }),
        on: { say: (c, { text }) => ({ text, by: [c.name, c.number] }) },
      })
      .call('numbers', {}, (c) => [c.connection.user, c.name, c.number])
    const port = await serve(t, typed)
    const client = await ChannelClient.connect(port, {}, { headers: { 'x-name': 'ada' } })
    assert.deepEqual((await client.result('subscribe', { channel: 'room' }))['data'], ['ada', 3])
    await client.result('publish', { channel: 'room', event: 'say', data: { text: 'x' } })
    assert.deepEqual((await client.push('pub'))['data'], { text: 'x', by: ['ada', 4] })
    assert.deepEqual(await client.result('rpc', { method: 'numbers' }), { data: ['ada 2', 'ada', 5] })
    await client.close()
  })

  test('guards channels as it guards the API: what it refuses reaches no rule', async (t) => {
    const { app } = makeApp(t)
    let asked = 0
    app
      .call('open', {}, () => 'open')
      .use((c, next) => {
        if (c.cookies.get('session') === undefined) throw new GoWebError('UNAUTHORIZED')
        return next()
      })
      .channel('room', { delivery: 'live', subscribe: () => ++asked > 0 })
    const port = await serve(t, app)
    const stranger = await ChannelClient.connect(port)
    assert.equal((await stranger.error('subscribe', { channel: 'room' }))['code'], 101)
    assert.deepEqual(await stranger.result('rpc', { method: 'open' }), { data: 'open' })
    assert.equal(asked, 0)
    const member = await ChannelClient.connect(port, {}, { headers: { cookie: 'session=x' } })
    await member.result('subscribe', { channel: 'room' })
    for (const client of [stranger, member]) await client.close()
  })

  test('may not hide what a context has itself', async (t) => {
    const { app, reports } = makeApp(t)
    app
      .use(['subscribe'], ((_c: never, next: (additions: object) => unknown) =>
        next({ channel: 'other' })) as never)
      .channel('room', { delivery: 'live', public: true })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    assert.equal((await client.error('subscribe', { channel: 'room' }))['code'], 100)
    await reports.takeCode('CONTEXT_KEY_RESERVED')
    await client.close()
  })

  test('knows the facts of the request that opened the connection', async (t) => {
    const { app } = makeApp(t)
    app.call('facts', {}, (c) => [
      c.ip,
      c.host,
      c.scheme,
      c.header('User-Agent'),
      c.header('x\nhost'),
      c.cookies.get('a'),
    ])
    const port = await serve(t, app)
    const headers = { 'user-agent': 'test', cookie: 'a=1; b=2' }
    const client = await ChannelClient.connect(port, {}, { headers })
    const { data } = await client.result('rpc', { method: 'facts' })
    assert.deepEqual(data, ['127.0.0.1', `127.0.0.1:${port}`, 'http', 'test', null, '1'])
    await client.close()
  })
})

describe('the signal of a command', () => {
  test('is aborted when its connection has gone', async (t) => {
    const { app } = makeApp(t)
    const aborted = Promise.withResolvers<string>()
    app.channel('room', {
      delivery: 'live',
      subscribe: ({ kind, signal }) => {
        signal.addEventListener('abort', () => aborted.resolve(kind))
        return !signal.aborted
      },
    })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.result('subscribe', { channel: 'room' })
    await client.close()
    assert.equal(await aborted.promise, 'subscribe')
  })
})

describe('a plugin', () => {
  test('may bring channels and calls, with what its own middleware adds', async (t) => {
    const { app } = makeApp(t)
    const plugin = definePlugin({
      name: 'counter',
      setup: (inner: GoWeb) =>
        inner
          .use((_c, next) => next({ step: 2 }))
          .channel('counter', { delivery: 'live', subscribe: (c) => ({ data: c.step }) })
          .call('step', {}, (c) => c.step),
    })
    const whole = app.register(plugin)
    const port = await serve(t, whole)
    const client = await ChannelClient.connect(port)
    assert.deepEqual((await client.result('subscribe', { channel: 'counter' }))['data'], 2)
    assert.deepEqual(await client.result('rpc', { method: 'step' }), { data: 2 })
    await whole.channels.publish('counter', { n: 1 })
    assert.deepEqual((await client.push('pub'))['data'], { n: 1 })
    await client.close()
  })
})

describe('a mounted app', () => {
  test('has its channels and calls under the prefix, behind the middleware of its parent', async (t) => {
    const { app } = makeApp(t)
    const seen: string[] = []
    const child = createScope<{ user: string }>()
      .use(notes(seen, 'child'))
      .channel('rooms/{room}', { delivery: 'live', subscribe: (c) => ({ data: [c.user, c.params] }) })
      .call('stop', {}, (c) => c.user)
    const parent = app
      .use(notes(seen, 'parent'))
      .use((_c, next) => next({ user: 'ada' }))
      .mount('/admin/{tenant}', new GoWeb().channel('x', { delivery: 'live', public: true }))
      .mount(
        '/admin',
        new GoWeb().mount(
          '/v1',
          new GoWeb().call('deep', {}, () => 'deep'),
        ),
      )
      .mount('/team', child)
    const port = await serve(t, parent)
    const client = await ChannelClient.connect(port)
    seen.length = 0
    const { data } = await client.result('subscribe', { channel: 'team/rooms/1' })
    assert.deepEqual(data, ['ada', { room: '1' }])
    assert.deepEqual(seen, ['parent subscribe team/rooms/{room}', 'child subscribe team/rooms/{room}'])
    assert.deepEqual(await client.result('rpc', { method: 'team.stop' }), { data: 'ada' })
    assert.deepEqual(await client.result('rpc', { method: 'admin.v1.deep' }), { data: 'deep' })
    await client.result('subscribe', { channel: 'admin/acme/x' })
    assert.equal((await client.error('subscribe', { channel: 'rooms/1' }))['code'], 102)
    await client.close()
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Reply } from 'goweb'
import { z } from 'zod'
import { ChannelClient } from './channel-client.ts'
import { makeApp, serve } from './served.ts'

const Text = z.object({ text: z.string() })

describe('without a rule', () => {
  test('nobody may subscribe: the log says what is missing, once, and the client does not learn it', async (t) => {
    const { app, reports } = makeApp(t)
    app.channel('rooms/{room}', { delivery: 'live' })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    for (let n = 0; n < 2; n++) {
      const error = await client.error('subscribe', { channel: `rooms/${n}` })
      assert.deepEqual(error, { code: 103, message: 'Not allowed', name: 'FORBIDDEN' })
    }
    const { error, where } = await reports.takeCode('RULE_MISSING')
    assert.match(String(error), /Channel rooms\/\{room\} has no rule subscribe/)
    assert.equal(where, 'SUBSCRIBE rooms/{room}')
    await client.close()
  })

  test('nobody may publish on a channel without events', async (t) => {
    const { app, reports } = makeApp(t)
    app.channel('raw', { delivery: 'live', subscribe: () => true })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.result('subscribe', { channel: 'raw' })
    assert.equal((await client.error('publish', { channel: 'raw', data: 1 }))['code'], 103)
    assert.match(String((await reports.takeCode('RULE_MISSING')).error), /no rule publish/)
    await client.close()
  })
})

describe('rules', () => {
  test('decide by their context, at once or later', async (t) => {
    const { app } = makeApp(t)
    app
      .authenticate((_c, token) => ({ user: token }))
      .channel('rooms/{room}', {
        delivery: 'replay',
        presence: { allow: (c) => c.connection.user === 'ada' },
        history: { size: 10, ttl: '1h', allow: (c) => c.connection.user !== 'bob' },
        subscribe: async (c) => c.params.room !== 'closed',
        publish: (c) => c.connection.user === 'ada',
      })
    const port = await serve(t, app)
    const ada = await ChannelClient.connect(port, { token: 'ada' })
    const bob = await ChannelClient.connect(port, { token: 'bob' })
    assert.equal((await ada.error('subscribe', { channel: 'rooms/closed' }))['code'], 103)
    for (const client of [ada, bob]) await client.result('subscribe', { channel: 'rooms/1' })
    await ada.result('publish', { channel: 'rooms/1', data: 1 })
    assert.equal((await bob.error('publish', { channel: 'rooms/1', data: 1 }))['code'], 103)
    const { presence } = await ada.result('presence', { channel: 'rooms/1' })
    assert.equal(Object.keys(presence as object).length, 2)
    assert.equal((await bob.error('presence', { channel: 'rooms/1' }))['code'], 103)
    const { publications } = await ada.result('history', { channel: 'rooms/1', limit: 10 })
    assert.equal((publications as unknown[]).length, 1)
    assert.equal((await bob.error('history', { channel: 'rooms/1', limit: 10 }))['code'], 103)
    for (const client of [ada, bob]) await client.close()
  })

  test('grant info for all and data for the subscriber', async (t) => {
    const { app } = makeApp(t)
    app.channel('room', {
      delivery: 'live',
      presence: true,
      subscribe: (c) => ({ info: { role: 'guest' }, data: c.sent }),
    })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    const { data } = await client.result('subscribe', { channel: 'room', data: { since: 7 } })
    assert.deepEqual(data, { since: 7 })
    const { presence } = await client.result('presence', { channel: 'room' })
    const [member] = Object.values(presence as Record<string, { chan_info: unknown }>)
    assert.deepEqual(member?.chan_info, { role: 'guest' })
    await client.close()
  })

  test('that throw or refuse tell their code; what is internal is only reported', async (t) => {
    const { app, reports } = makeApp(t)
    app
      .channel('full', { delivery: 'live', subscribe: (c) => c.refuse('CONFLICT', 'The room is full') })
      .channel('broken', { delivery: 'live', subscribe: () => JSON.parse('{') as boolean })
      .channel('odd', { delivery: 'live', subscribe: () => 'yes' as never })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    assert.deepEqual(await client.error('subscribe', { channel: 'full' }), {
      code: 409,
      message: 'The room is full',
      name: 'CONFLICT',
    })
    for (const channel of ['broken', 'odd']) {
      assert.deepEqual(await client.error('subscribe', { channel }), {
        code: 100,
        message: 'internal server error',
        temporary: true,
      })
    }
    assert.match(String((await reports.take()).error), /SyntaxError/)
    await reports.takeCode('COMMAND_RESULT_INVALID')
    await client.close()
  })
})

describe('events', () => {
  test('are published by clients only with a handler or from client, by their names, and after their schema', async (t) => {
    const { app, reports } = makeApp(t)
    app.channel('room', {
      delivery: 'replay',
      public: true,
      events: {
        handled: Text,
        plain: { schema: Text, from: 'client' },
        closed: Text,
        failing: Text,
        early: z.object({ n: z.coerce.number() }),
      },
      on: {
        handled: () => undefined,
        failing: () => {
          throw new TypeError('secret')
        },
        early: (c, { n }) => (n > 1 ? c.refuse() : null),
      },
    })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.result('subscribe', { channel: 'room' })
    const publish = { channel: 'room', data: { text: 'x' } }
    await client.result('publish', { ...publish, event: 'handled' })
    assert.deepEqual((await client.push('pub'))['data'], { text: 'x' })
    await client.result('publish', { ...publish, event: 'plain' })
    assert.deepEqual((await client.push('pub'))['tags'], { event: 'plain' })
    await client.result('publish', { channel: 'room', event: 'early', data: { n: '1' } })
    assert.deepEqual((await client.push('pub'))['data'], null)
    const codeOf = async (request: object): Promise<unknown> => {
      const { code, name } = await client.error('publish', {
        channel: 'room',
        data: { text: 'x' },
        ...request,
      })
      return `${String(code)} ${String(name)}`
    }
    assert.equal(await codeOf({ event: 'closed' }), '103 EVENT_FROM_SERVER_ONLY')
    assert.equal(await codeOf({ event: 'other' }), '404 EVENT_UNKNOWN')
    assert.equal(await codeOf({ event: 'toString' }), '404 EVENT_UNKNOWN')
    assert.equal(await codeOf({}), '404 EVENT_UNKNOWN')
    assert.equal(await codeOf({ event: 'early', data: { n: 2 } }), '103 FORBIDDEN')
    assert.equal(await codeOf({ event: 'failing' }), '100 undefined')
    assert.match(String((await reports.take()).error), /secret/)
    const invalid = await client.error('publish', { channel: 'room', event: 'plain', data: { text: 7 } })
    assert.equal(invalid['code'], 422)
    assert.equal(invalid['name'], 'VALIDATION_FAILED')
    const [issue] = invalid['issues'] as { in: string; pointer: string; detail: string }[]
    assert.deepEqual([issue?.in, issue?.pointer], ['data', '/text'])
    assert.deepEqual(client.rest, [])
    await client.close()
  })

  test('come from clients that know none as a part of the data', async (t) => {
    const { app } = makeApp(t)
    app.channel('room', {
      delivery: 'replay',
      public: true,
      events: { say: { schema: Text, from: 'client' } },
    })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    await client.result('subscribe', { channel: 'room' })
    const data = { event: 'say', data: { text: 'x' }, id: 'key' }
    for (let n = 0; n < 2; n++) await client.result('publish', { channel: 'room', data })
    const { data: published, tags } = await client.push('pub')
    assert.deepEqual([published, tags], [{ text: 'x' }, { event: 'say', id: 'key' }])
    const { publications } = await client.result('history', { channel: 'room', limit: 10 })
    assert.equal((publications as unknown[]).length, 1)
    await client.close()
  })
})

describe('a middleware that answers a command as a request', () => {
  const answers: [status: number, code: number, name: string][] = [
    [401, 101, 'UNAUTHORIZED'],
    [402, 402, 'FORBIDDEN'],
    [403, 103, 'FORBIDDEN'],
    [404, 404, 'NOT_FOUND'],
    [429, 111, 'TOO_MANY_REQUESTS'],
    [302, 103, 'FORBIDDEN'],
  ]
  for (const [status, code, name] of answers) {
    test(`with ${status} refuses it with ${code}`, async (t) => {
      const { app } = makeApp(t)
      app
        .use((c, next) => (c.kind === 'subscribe' ? new Reply(status) : next()))
        .channel('room', { delivery: 'live', public: true })
      const port = await serve(t, app)
      const client = await ChannelClient.connect(port)
      const error = await client.error('subscribe', { channel: 'room' })
      assert.deepEqual([error['code'], error['name']], [code, name])
      await client.close()
    })
  }

  test('with a success, or anything else, fails', async (t) => {
    const { app, reports } = makeApp(t)
    app
      .use((c, next) => {
        if (c.kind !== 'subscribe') return next()
        return c.params['name'] === 'reply' ? new Reply(200) : { ok: true }
      })
      .channel('rooms/{name}', { delivery: 'live', public: true })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    for (const name of ['reply', 'object']) {
      assert.equal((await client.error('subscribe', { channel: `rooms/${name}` }))['code'], 100)
      await reports.takeCode('COMMAND_RESULT_INVALID')
    }
    await client.close()
  })
})

describe('names', () => {
  test('have one spelling, and reach the pattern decoded', async (t) => {
    const { app } = makeApp(t)
    const seen: string[] = []
    app
      .channel('rooms/{room}', {
        delivery: 'live',
        subscribe: (c) => seen.push(`${c.channel} ${c.params.room}`) > 0,
      })
      .channel('files/{path...}', { delivery: 'live', subscribe: (c) => seen.push(c.params.path) > 0 })
    const port = await serve(t, app)
    const client = await ChannelClient.connect(port)
    for (const channel of ['rooms/a%2Fb', 'rooms/王:1', 'files/a/b%20c'])
      await client.result('subscribe', { channel })
    assert.deepEqual(seen, ['rooms/a%2Fb a/b', 'rooms/王:1 王:1', 'a/b c'])
    for (const channel of [
      'rooms/a%2fb',
      'rooms/%61',
      'rooms/a b',
      '/rooms/a',
      'rooms/a/',
      'rooms/..',
      'files/a%2Fb',
      'none',
    ]) {
      assert.equal((await client.error('subscribe', { channel }))['code'], 102, channel)
    }
    await client.close()
  })
})

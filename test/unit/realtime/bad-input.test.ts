import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWebError } from '../../../src/errors/goweb-error.ts'
import type { Command } from '../../../src/protocol/command.ts'
import type { RealtimeLimits } from '../../../src/realtime/realtime-limits.ts'
import { RealtimeNode } from '../../../src/realtime/realtime-node.ts'
import { FakeNode } from './fake-node.ts'
import { settled } from './fake-client.ts'

const BAD_REQUEST = { code: 3501, reason: 'bad request' }

describe('what ends the connection', () => {
  const frames: [what: string, frame: string][] = [
    ['no JSON', 'hello'],
    ['a command without id', '{"rpc":{}}'],
    ['connect again', '{"id":9,"connect":{}}'],
    ['an id that was used', '{"id":1,"ping":{}}'],
    ['a key that changes prototypes', '{"id":2,"rpc":{"data":{"__proto__":1}}}'],
    ['a frame that is too large', `{"id":2,"rpc":{"data":"${'x'.repeat(300_000)}"}}`],
    ['too many commands in a frame', '{"id":2,"ping":{}}\n'.repeat(1_001)],
  ]
  for (const [what, frame] of frames) {
    test(`${what}: 3501`, async () => {
      const fake = new FakeNode()
      const client = await fake.connected()
      client.say(frame)
      assert.deepEqual(client.closed, BAD_REQUEST)
      client.say('{"id":100,"ping":{}}')
      assert.ok(!client.received.some(({ id }) => id === 100), 'nothing is answered afterwards')
      assert.deepEqual(fake.app.log, ['disconnected 3501 bad request'])
      assert.deepEqual(fake.node.stats, { connections: 0, channels: 0 })
    })
  }

  test('a command before connect: 3501', () => {
    const fake = new FakeNode()
    const client = fake.client()
    client.command({ subscribe: { channel: 'room' } })
    assert.deepEqual(client.closed, BAD_REQUEST)
    assert.deepEqual(fake.app.log, [], 'the app never heard of it')
  })

  test('connect again while it is under way: 3501', async () => {
    const fake = new FakeNode()
    fake.app.onConnect = () => new Promise(() => undefined)
    const client = fake.client()
    client.command({ connect: {} })
    client.command({ connect: {} })
    assert.deepEqual(client.closed, BAD_REQUEST)
    await settled()
    assert.deepEqual(client.received, [])
  })

  test('far more commands than allowed: 3013; some more: error 111', async () => {
    const fake = new FakeNode({ limits: { commandsPerSecond: 5, commandBurst: 10 } })
    const client = await fake.connected()
    for (let i = 0; i < 15; i++) client.command({ ping: {} })
    const codes = client.received.map(({ error }) => error?.code)
    assert.deepEqual(codes, [...Array<undefined>(9).fill(undefined), ...Array<number>(6).fill(111)])
    fake.clock.advance(4_000)
    assert.equal((await client.ask({ ping: {} })).error, undefined)
    for (let i = 0; i < 30; i++) client.command({ ping: {} })
    assert.deepEqual(client.closed, { code: 3013, reason: 'too many requests' })
  })

  test('too many connections of a user: 3504', async () => {
    const fake = new FakeNode({ limits: { connectionsPerUser: 2 } })
    const [one, two, three] = [await fake.connected(), await fake.connected(), fake.client()]
    three.command({ connect: {} })
    await settled()
    assert.deepEqual(three.closed, { code: 3504, reason: 'connection limit' })
    one.cut()
    assert.equal((await fake.client().connect()).error, undefined)
    assert.equal(two.closed, undefined)
  })
})

describe('connect that is refused', () => {
  const cases: [error: unknown, code: number, closeCode: number][] = [
    [new GoWebError('UNAUTHORIZED', 'who are you'), 101, 3500],
    [new GoWebError('FORBIDDEN'), 103, 3507],
    [new GoWebError('UNPROCESSABLE'), 422, 3507],
    [new GoWebError('UNAVAILABLE'), 100, 3000],
    [new TypeError('secret'), 100, 3000],
  ]
  for (const [error, code, closeCode] of cases) {
    test(`${String(error)}: error ${code}, then ${closeCode}`, async () => {
      const fake = new FakeNode()
      fake.app.onConnect = () => {
        throw error
      }
      const client = fake.client()
      const reply = await client.connect()
      assert.equal(reply.error?.code, code)
      assert.equal(client.closed?.code, closeCode)
      assert.doesNotMatch(JSON.stringify(reply), /secret/)
      const isInternal = !(error instanceof GoWebError) || error.status >= 500
      assert.deepEqual(fake.app.reports, isInternal ? [{ error, where: 'connect' }] : [])
    })
  }

  test('a token that has expired: error 109, then 3000, so that the client fetches another', async () => {
    const fake = new FakeNode()
    fake.app.onConnect = () => ({ user: 'ann', expiresAtMs: fake.clock.now() })
    const client = fake.client()
    assert.equal((await client.connect()).error?.code, 109)
    assert.equal(client.closed?.code, 3000)
  })
})

describe('what is refused with an error', () => {
  const name = 'x'.repeat(256)
  const big = 'x'.repeat(70_000)
  const cases: [what: string, command: Command, code: number][] = [
    ['an empty channel name', { subscribe: { channel: '' } }, 107],
    ['a channel name that is too long', { subscribe: { channel: name } }, 107],
    ['the same in UTF-8', { subscribe: { channel: 'é'.repeat(128) } }, 107],
    ['half a character in a channel name', { subscribe: { channel: '\ud800' } }, 107],
    ['a channel that does not exist', { subscribe: { channel: 'nowhere' } }, 102],
    ['history of a channel that does not exist', { history: { channel: 'nowhere' } }, 102],
    ['presence of a channel that does not exist', { presence: { channel: 'nowhere' } }, 102],
    ['subscribing twice', { subscribe: { channel: 'room' } }, 105],
    ['publishing without a subscription', { publish: { channel: 'other', data: 1 } }, 103],
    ['a key that is empty', { publish: { channel: 'room', data: 1, id: '' } }, 107],
    ['a key with a line break', { publish: { channel: 'room', data: 1, id: 'a\nann' } }, 107],
    ['a key that is too long', { publish: { channel: 'room', data: 1, id: 'k'.repeat(129) } }, 107],
    ['data that is too large', { publish: { channel: 'room', data: big } }, 106],
    ['a call that does not exist', { rpc: { method: 'missing' } }, 404],
    ['history where there is none', { history: { channel: 'live' } }, 108],
    ['presence where there is none', { presence: { channel: 'quiet' } }, 108],
    [
      'history since the future',
      { history: { channel: 'room', since: { offset: 99, epoch: 'none' }, limit: 1 } },
      112,
    ],
    ['refreshing without a token', { refresh: {} }, 107],
    ['refreshing what is not subscribed', { sub_refresh: { channel: 'other' } }, 103],
  ]
  for (const [what, command, code] of cases) {
    test(`${what}: ${code}`, async () => {
      const fake = new FakeNode()
      const client = await fake.connected('room')
      assert.equal((await client.ask(command)).error?.code, code)
      assert.equal(client.closed, undefined)
      assert.deepEqual(fake.app.reports, [])
    })
  }

  test('too many subscriptions: 106; unsubscribing makes room', async () => {
    const fake = new FakeNode({ limits: { subscriptionsPerConnection: 2 } })
    const client = await fake.connected('a', 'b')
    assert.equal((await client.ask({ subscribe: { channel: 'c' } })).error?.code, 106)
    await client.ask({ unsubscribe: { channel: 'a' } })
    assert.equal((await client.ask({ subscribe: { channel: 'c' } })).error, undefined)
  })

  test('too many channels: 106', async () => {
    const fake = new FakeNode({ limits: { channelsPerNode: 2 } })
    const client = await fake.connected('a', 'b')
    assert.equal((await client.ask({ subscribe: { channel: 'c' } })).error?.code, 106)
    assert.equal((await (await fake.connected()).ask({ subscribe: { channel: 'a' } })).error, undefined)
    assert.equal(client.connection.subscriptions?.size, 2)
  })

  test('too many members for one answer: 106, their number is told', async () => {
    const fake = new FakeNode({ limits: { presenceMembers: 1 } })
    const [client] = [await fake.connected('room'), await fake.connected('room')]
    assert.equal((await client.ask({ presence: { channel: 'room' } })).error?.code, 106)
    const { presence_stats: stats } = await client.ask({ presence_stats: { channel: 'room' } })
    assert.deepEqual(stats, { num_clients: 2, num_users: 1 })
  })

  test('more bytes under way than may be: 111, until some have ended', async () => {
    const fake = new FakeNode({ limits: { pendingBytes: 1_000 } })
    const client = await fake.connected()
    const waiting: (() => void)[] = []
    fake.app.onCall = () => new Promise((resolve) => waiting.push(() => resolve(1)))
    client.command({ rpc: { data: 'x'.repeat(2_000) } })
    assert.equal((await client.ask({ rpc: {} })).error?.code, 111)
    waiting[0]!()
    await settled()
    fake.app.onCall = () => 2
    assert.deepEqual((await client.ask({ rpc: {} })).rpc, { data: 2 })
  })

  test('more than may wait behind a slow handler: 111', async () => {
    const fake = new FakeNode({ limits: { pendingCommands: 3, pendingBytes: 1_000 } })
    const client = await fake.connected('room')
    fake.app.onPublish = () => new Promise(() => undefined)
    const publish = (data: string): void => void client.command({ publish: { channel: 'room', data } })
    publish('first')
    publish('x'.repeat(2_000))
    assert.equal(client.received.at(-1)?.error?.code, 111)
    publish('second')
    publish('third')
    publish('fourth')
    client.command({ rpc: {} })
    assert.deepEqual(
      client.received.map(({ error }) => error?.code),
      [111, 111, 111],
    )
    assert.equal(client.closed, undefined)
  })
})

describe('handlers that throw', () => {
  const commands: [name: string, command: Command][] = [
    ['subscribe', { subscribe: { channel: 'news' } }],
    ['publish', { publish: { channel: 'room', data: 1 } }],
    ['allow', { history: { channel: 'room' } }],
    ['allow', { presence: { channel: 'room' } }],
    ['call', { rpc: {} }],
    ['refresh', { refresh: { token: 't' } }],
  ]
  for (const isAsync of [false, true]) {
    for (const [name, command] of commands) {
      test(`${name}${isAsync ? ', rejecting' : ''}: error 100, reported, nothing told`, async () => {
        const fake = new FakeNode()
        const client = await fake.connected('room')
        const error = new TypeError('secret')
        const fail = (): never => {
          throw error
        }
        const handler = isAsync ? async () => await Promise.resolve().then(fail) : fail
        fake.app.onSubscribe = handler
        fake.app.onPublish = handler
        fake.app.onAllow = handler
        fake.app.onCall = handler
        fake.app.onRefresh = handler
        const reply = await client.ask(command)
        assert.deepEqual(reply.error, { code: 100, message: 'internal server error', temporary: true })
        assert.deepEqual(fake.app.reports, [{ error, where: 'command' }])
        assert.equal(client.connection.subscriptions?.size, 1)
        assert.equal((await client.ask({ ping: {} })).error, undefined)
      })
    }
  }

  test('a refusal is told as the app said it', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    const issues = [{ in: 'data', pointer: '/text', detail: 'is missing' }]
    fake.app.onPublish = () => {
      throw new GoWebError('VALIDATION_FAILED', 'No text', { issues })
    }
    const { error } = await client.ask({ publish: { channel: 'room', data: {} } })
    assert.deepEqual(error, { code: 422, message: 'No text', name: 'VALIDATION_FAILED', issues })
    assert.deepEqual(fake.app.reports, [])
  })

  test('results that JSON cannot carry are errors of the server', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    fake.app.onCall = () => 1n as never
    fake.app.onPublish = () => ({ data: undefined as never })
    fake.app.onSubscribe = () => ({ data: 1n as never })
    for (const command of [
      { rpc: {} },
      { publish: { channel: 'room', data: 1 } },
      { subscribe: { channel: 'news' } },
    ] as const) {
      assert.equal((await client.ask(command)).error?.code, 100)
    }
    assert.equal(fake.app.reports.length, 3)
    assert.deepEqual(
      client.connection.subscriptions?.values().map(({ name }) => name),
      ['room'],
    )
    assert.equal(fake.node.stats.channels, 1)
  })
})

describe('limits', () => {
  const wrong: RealtimeLimits[] = [
    { messageBytes: 0 },
    { messageBytes: 1.5 },
    { pingIntervalMs: Number.NaN },
    { commandsPerSecond: -1 },
    { messageBytes: 1_000_000 },
    { presenceTtlMs: 20_000 },
    { messageSize: 1 } as RealtimeLimits,
  ]
  for (const limits of wrong) {
    test(`${JSON.stringify(limits)} are refused`, () => {
      const { broker, app: handlers } = new FakeNode()
      assert.throws(() => new RealtimeNode({ broker, handlers, limits }), { code: 'OPTION_INVALID' })
    })
  }

  test('0 turns off what may be off', async () => {
    const fake = new FakeNode({ limits: { commandsPerSecond: 0, connectionsPerUser: 0 } })
    const client = await fake.connected()
    for (let i = 0; i < 100; i++) client.command({ ping: {} })
    assert.equal(client.received.length, 100)
  })
})

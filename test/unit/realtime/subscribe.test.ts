import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryBroker } from '../../../src/brokers/memory.ts'
import { GoWebError } from '../../../src/errors/goweb-error.ts'
import type { SubscribeRequest } from '../../../src/protocol/command.ts'
import { ManualClock } from '../../contract/broker/manual-clock.ts'
import { settled } from './fake-client.ts'
import { FakeNode } from './fake-node.ts'

const PAST = { recover: true, offset: 0 }

describe('subscribe', () => {
  test('tells where the stream is, and what the rule said', async () => {
    const fake = new FakeNode()
    fake.app.onSubscribe = () => ({ data: { welcome: 1 }, expiresAtMs: fake.clock.now() + 5_000 })
    await fake.node.api.publish('room', 1)
    const client = await fake.connected()
    const { subscribe } = await client.ask({ subscribe: { channel: 'room' } })
    const { epoch } = await fake.node.api.position('room')
    assert.deepEqual(subscribe, {
      expires: true,
      ttl: 5,
      recoverable: true,
      positioned: true,
      epoch,
      offset: 1,
      data: { welcome: 1 },
    })
  })

  test('of a live channel has no position and recovers nothing', async () => {
    const fake = new FakeNode()
    const client = await fake.connected()
    const { subscribe } = await client.ask({ subscribe: { channel: 'live', ...PAST, epoch: 'x' } })
    assert.deepEqual(subscribe, { was_recovering: true, recovered: false })
    await client.ask({ publish: { channel: 'live', data: 1 } })
    const push = client.pushes.find(({ pub }) => pub !== undefined)
    assert.equal(push?.pub?.offset, undefined)
  })

  const cannot: [what: string, request: (epoch: string) => Partial<SubscribeRequest>][] = [
    ['another epoch', () => ({ epoch: 'never', offset: 1 })],
    ['no epoch', () => ({ offset: 0 })],
    ['an offset from the future', (epoch) => ({ epoch, offset: 999 })],
    ['what is not kept any more', (epoch) => ({ epoch, offset: 1 })],
  ]
  for (const [what, request] of cannot) {
    test(`from ${what} is not recovered, and says so`, async () => {
      const fake = new FakeNode()
      fake.app.history = { size: 3, ttlMs: 60_000 }
      for (let data = 1; data <= 6; data++) await fake.node.api.publish('room', data)
      const { epoch, offset } = await fake.node.api.position('room')
      const client = await fake.connected()
      const reply = await client.ask({ subscribe: { channel: 'room', recover: true, ...request(epoch) } })
      const { recovered, was_recovering: was, publications, ...rest } = reply.subscribe ?? {}
      assert.deepEqual([recovered, was, publications], [false, true, undefined])
      assert.deepEqual([rest.epoch, rest.offset], [epoch, offset])
    })
  }

  test('recovers up to the limits of count and bytes; beyond them the client reads pages', async () => {
    const recovered = async (limits: object): Promise<boolean | undefined> => {
      const fake = new FakeNode({ limits })
      const { epoch } = await fake.node.api.position('room')
      for (let data = 0; data < 10; data++) await fake.node.api.publish('room', 'x'.repeat(100))
      const client = await fake.connected()
      const { subscribe } = await client.ask({ subscribe: { channel: 'room', ...PAST, epoch } })
      assert.equal(subscribe?.publications?.length ?? 10, 10)
      // The way on: pages from its own position, each of at least one.
      let offset = 0
      for (let pages = 0; offset < 10; pages++) {
        const { history } = await client.ask({
          history: { channel: 'room', limit: 100, since: { epoch, offset } },
        })
        offset = history?.publications.at(-1)?.offset ?? 0
        assert.ok(pages < 10)
      }
      return subscribe?.recovered
    }
    assert.equal(await recovered({}), true)
    assert.equal(await recovered({ recoveryPublications: 10 }), true)
    assert.equal(await recovered({ recoveryPublications: 9, historyPublications: 4 }), false)
    assert.equal(await recovered({ recoveryBytes: 500 }), false)
    assert.equal(await recovered({ recoveryBytes: 1 }), false)
  })

  test('asks the rule once, and only live subscriptions count', async () => {
    const fake = new FakeNode()
    const client = await fake.connected()
    let asked = 0
    fake.app.onSubscribe = () => {
      asked++
      throw new GoWebError('FORBIDDEN', 'Not yours')
    }
    const { error } = await client.ask({ subscribe: { channel: 'room' } })
    assert.deepEqual(error, { code: 103, message: 'Not yours', name: 'FORBIDDEN' })
    assert.equal(asked, 1)
    assert.equal(client.connection.subscriptions?.size, 0)
    assert.equal(fake.node.stats.channels, 0)
    fake.app.onSubscribe = () => ({})
    assert.equal((await client.ask({ subscribe: { channel: 'room' } })).error, undefined)
  })

  test('with a rule whose permission is over is refused with 109', async () => {
    const fake = new FakeNode()
    fake.app.onSubscribe = () => ({ expiresAtMs: fake.clock.now() })
    const client = await fake.connected()
    assert.equal((await client.ask({ subscribe: { channel: 'room' } })).error?.code, 109)
    assert.equal(fake.node.stats.channels, 0)
  })

  test('ends with 2501 when the permission is over and was not renewed', async () => {
    const fake = new FakeNode()
    fake.app.onSubscribe = () => ({ expiresAtMs: fake.clock.now() + 10_000 })
    const client = await fake.connected('a', 'b')
    const pass = (seconds: number): void => {
      for (let i = 0; i < seconds; i++) {
        fake.clock.advance(1_000)
        client.say('{}')
      }
    }
    pass(30)
    fake.app.onSubscribe = () => ({ expiresAtMs: fake.clock.now() + 60_000 })
    const { sub_refresh: renewed } = await client.ask({ sub_refresh: { channel: 'a', token: 't' } })
    assert.deepEqual(renewed, { expires: true, ttl: 60 })
    pass(35)
    const ended = client.pushes.filter(({ unsubscribe }) => unsubscribe !== undefined)
    assert.deepEqual(ended, [{ channel: 'b', unsubscribe: { code: 2501, reason: 'subscription expired' } }])
  })
})

describe('a gap', () => {
  test('ends subscriptions with 2500; the client recovers by subscribing again', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room', 'live')
    const { epoch } = await fake.node.api.position('room')
    fake.node.onGap(undefined)
    assert.deepEqual(
      client.pushes.filter(({ unsubscribe }) => unsubscribe !== undefined),
      [{ channel: 'room', unsubscribe: { code: 2500, reason: 'insufficient state' } }],
    )
    await fake.node.api.publish('room', 1)
    const { subscribe } = await client.ask({ subscribe: { channel: 'room', ...PAST, epoch } })
    assert.equal(subscribe?.recovered, true)
    assert.equal(subscribe?.publications?.length, 1)
  })

  test('is noticed by the chain of offsets, and when the stream starts anew', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room', 'other')
    const { epoch } = await fake.node.api.position('room')
    const payload = '{"data":1}'
    fake.node.onPublication('room', { payload, offset: 2, previousOffset: 1, epoch })
    fake.node.onPublication('other', { payload, offset: 1, previousOffset: 0, epoch: 'new' })
    const ended = client.pushes.flatMap(({ unsubscribe, channel }) => (unsubscribe ? [channel] : []))
    assert.deepEqual(ended, ['room', 'other'])
    assert.deepEqual(client.data, [])
  })

  test('in a server-side subscription ends the connection with 3010: only by connecting it can recover', async () => {
    const fake = new FakeNode()
    fake.app.onConnect = () => ({ user: 'ann', channels: ['room'] })
    const client = fake.client()
    await client.connect()
    fake.node.onGap('room')
    assert.deepEqual(client.closed, { code: 3010, reason: 'insufficient state' })
  })
})

describe('server-side subscriptions', () => {
  test('come with the connect reply and recover from what the client knows', async () => {
    const fake = new FakeNode()
    const { epoch } = await fake.node.api.position('room')
    await fake.node.api.publish('room', 1)
    fake.app.onConnect = () => ({
      user: 'ann',
      data: 'hi',
      info: { n: 1 },
      channels: ['room', 'room', 'news', 'nowhere'],
    })
    const client = fake.client()
    const { connect } = await client.ask({
      connect: { subs: { room: { channel: '', ...PAST, epoch }, other: { channel: '' } } },
    })
    assert.equal(connect?.data, 'hi')
    assert.deepEqual(Object.keys(connect?.subs ?? {}), ['room', 'news'])
    assert.equal(connect?.subs?.['room']?.recovered, true)
    assert.deepEqual(
      connect?.subs?.['room']?.publications?.map(({ data }) => data),
      [1],
    )
    await client.ask({ publish: { channel: 'room', data: 2 } })
    assert.deepEqual(client.data, [2])
    assert.deepEqual(client.pushes.find(({ pub }) => pub !== undefined)?.pub?.info?.conn_info, { n: 1 })
    // The repeated one and the one that does not exist.
    assert.equal(fake.app.reports.length, 2)
    assert.equal((await client.ask({ subscribe: { channel: 'news' } })).error?.code, 105)
  })

  test('are ended by the server with 2000', async () => {
    const fake = new FakeNode()
    fake.app.onConnect = () => ({ user: 'ann', channels: ['room'] })
    const client = fake.client()
    await client.connect()
    await fake.node.api.unsubscribe('ann', 'room')
    assert.deepEqual(client.pushes.at(-1), {
      channel: 'room',
      unsubscribe: { code: 2000, reason: 'server unsubscribe' },
    })
    assert.equal(client.closed, undefined)
  })
})

describe('join, leave and presence', () => {
  test('are told to those who asked, on all nodes, but not to who joins', async () => {
    const clock = new ManualClock()
    const broker = memoryBroker({ clock })
    const [one, two] = [new FakeNode({ clock, broker }), new FakeNode({ clock, broker })]
    const watching = await one.connected()
    await watching.ask({ subscribe: { channel: 'room', join_leave: true } })
    const plain = await one.connected('room')
    two.app.onConnect = () => ({ user: 'bob', info: { name: 'Bob' } })
    two.app.onSubscribe = () => ({ info: 'guest' })
    const bob = two.client()
    await bob.connect()
    watching.received.length = 0
    await bob.ask({ subscribe: { channel: 'room', join_leave: true } })
    await settled()
    const info = { user: 'bob', client: bob.connection.id, conn_info: { name: 'Bob' }, chan_info: 'guest' }
    assert.deepEqual(watching.pushes, [{ channel: 'room', join: { info } }])
    assert.deepEqual([plain.pushes, bob.pushes], [[], []])
    const { presence } = await watching.ask({ presence: { channel: 'room' } })
    assert.equal(Object.keys(presence?.presence ?? {}).length, 3)
    assert.deepEqual(presence?.presence[bob.connection.id], info)
    assert.deepEqual((await watching.ask({ presence_stats: { channel: 'room' } })).presence_stats, {
      num_clients: 3,
      num_users: 2,
    })
    bob.cut()
    await settled()
    assert.deepEqual(watching.pushes.at(-1), { channel: 'room', leave: { info } })
    assert.deepEqual(await one.node.api.presenceStats('room'), { clients: 2, users: 1 })
  })

  test('a refreshed connection shows its new information', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    fake.app.onRefresh = () => ({ info: 'new' })
    assert.deepEqual((await client.ask({ refresh: { token: 't' } })).refresh, {
      client: client.connection.id,
      expires: false,
    })
    await client.ask({ publish: { channel: 'room', data: 1 } })
    assert.equal(client.pushes.at(-1)?.pub?.info?.conn_info, 'new')
  })
})

describe('history', () => {
  test('is read in pages, forwards and backwards', async () => {
    const fake = new FakeNode()
    for (let data = 1; data <= 5; data++) await fake.node.api.publish('room', data)
    const client = await fake.connected('room')
    const { epoch } = await fake.node.api.position('room')
    const read = async (request: object): Promise<unknown> =>
      (await client.ask({ history: { channel: 'room', ...request } })).history?.publications.map(
        ({ data }) => data,
      )
    assert.deepEqual(await read({}), [])
    assert.deepEqual(await read({ limit: 2 }), [1, 2])
    assert.deepEqual(await read({ limit: -1 }), [1, 2, 3, 4, 5])
    assert.deepEqual(await read({ limit: 2, reverse: true }), [5, 4])
    assert.deepEqual(await read({ limit: 9, since: { offset: 3, epoch } }), [4, 5])
    assert.deepEqual(await read({ limit: 9, since: { offset: 3, epoch }, reverse: true }), [2, 1])
  })
})

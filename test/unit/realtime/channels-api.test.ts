import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGoWebError } from '../../../src/errors/goweb-error.ts'
import { memoryBroker } from '../../../src/brokers/memory.ts'
import { RealtimeNode } from '../../../src/realtime/realtime-node.ts'
import { ManualClock } from '../../contract/broker/manual-clock.ts'
import { FakeApp } from './fake-app.ts'
import { settled } from './fake-client.ts'
import { FakeNode } from './fake-node.ts'

describe('from the server’s side', () => {
  test('a publication reaches all subscribers but the one to leave out', async () => {
    const fake = new FakeNode()
    const [ann, bob] = [await fake.connected('room'), await fake.connected('room')]
    const outcome = await fake.node.api.publish(
      'room',
      { n: 1 },
      { event: 'tick', except: ann.connection.id },
    )
    assert.equal(outcome.offset, 1)
    assert.deepEqual([ann.data, bob.data], [[], [{ n: 1 }]])
    const pub = bob.pushes.find((push) => push.pub !== undefined)?.pub
    assert.deepEqual(pub?.tags, { event: 'tick' })
    assert.equal(pub?.info, undefined)
  })

  test('a repeated key is told, and keys of clients are others', async () => {
    const fake = new FakeNode()
    const ann = await fake.connected('room')
    await ann.ask({ publish: { channel: 'room', data: 1, id: 'k' } })
    const first = await fake.node.api.publish('room', 2, { id: 'k' })
    const second = await fake.node.api.publish('room', 3, { id: 'k' })
    assert.deepEqual([first.isRepeat, second.isRepeat], [false, true])
    assert.deepEqual(ann.data, [1, 2])
  })

  test('history, position and removal', async () => {
    const { node } = new FakeNode()
    for (const data of [1, 2, 3]) await node.api.publish('room', data)
    const { publications, position, complete } = await node.api.history('room')
    assert.deepEqual(
      publications.map(({ data, offset }) => [data, offset]),
      [
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    )
    assert.ok(complete)
    assert.deepEqual(await node.api.position('room'), position)
    await node.api.removeHistory('room')
    assert.notEqual((await node.api.position('room')).epoch, position.epoch)
  })

  test('presence and its numbers', async () => {
    const fake = new FakeNode()
    const [ann, too] = [await fake.connected('room'), await fake.connected('room')]
    const members = await fake.node.api.presence('room')
    assert.deepEqual(
      members.map(({ client }) => client).toSorted(),
      [ann.connection.id, too.connection.id].toSorted(),
    )
    assert.deepEqual(await fake.node.api.presenceStats('room'), { clients: 2, users: 1 })
  })

  test('connections of a user are found on all nodes', async () => {
    const clock = new ManualClock()
    const broker = memoryBroker({ clock })
    const [one, two] = [new FakeNode({ clock, broker }), new FakeNode({ clock, broker })]
    two.app.onConnect = () => ({ user: 'bob' })
    const [ann, annToo, bob] = [
      await one.connected('room'),
      await one.connected(),
      await two.connected('room'),
    ]
    await one.node.api.send('ann', { hello: true })
    await two.node.api.subscribe('ann', 'news')
    await settled()
    await two.node.api.unsubscribe('ann', 'room')
    await two.node.api.disconnect('ann')
    for (const client of [ann, annToo]) {
      assert.deepEqual(client.pushes[0], { message: { data: { hello: true } } })
      const subscribed = client.pushes.find((push) => push.subscribe !== undefined)
      assert.equal(subscribed?.channel, 'news')
      assert.equal(subscribed?.subscribe?.recoverable, true)
      assert.deepEqual(client.closed, { code: 3503, reason: 'force disconnect' })
    }
    assert.deepEqual(
      ann.pushes.filter((push) => push.unsubscribe !== undefined),
      [{ channel: 'room', unsubscribe: { code: 2000, reason: 'server unsubscribe' } }],
    )
    assert.equal(bob.closed, undefined)
    assert.deepEqual(one.app.reports, [])
  })

  test('orders that nobody understands harm nothing', async () => {
    const fake = new FakeNode()
    const ann = await fake.connected()
    fake.node.onBroadcast('no JSON')
    fake.node.onBroadcast('{"do":"something new","user":"ann"}')
    assert.equal(fake.app.reports.length, 1)
    assert.equal(ann.closed, undefined)
    assert.deepEqual(ann.received, [])
  })

  test('what cannot be done says why', async () => {
    const fake = new FakeNode()
    const { api } = fake.node
    assert.throws(() => api.publish('nowhere', 1), { code: 'CHANNEL_UNKNOWN' })
    assert.throws(() => api.history('live'), { code: 'CHANNEL_WITHOUT_HISTORY' })
    assert.throws(() => api.disconnect(''), { code: 'USER_INVALID' })
    assert.throws(() => api.disconnect('ann', 1000), { code: 'CLOSE_CODE_INVALID' })
    assert.throws(() => api.disconnect('ann', 4000, 'é'.repeat(100)), { code: 'CLOSE_REASON_TOO_LONG' })
    assert.throws(() => api.publish('room', undefined as never), { code: 'JSON_UNSERIALIZABLE' })
    assert.throws(() => api.publish('room', 1n as never), { code: 'JSON_UNSERIALIZABLE' })
    await fake.connected()
    fake.app.onSubscribe = () => {
      throw new TypeError('broken rule')
    }
    await api.subscribe('ann', 'room')
    await settled()
    assert.equal(String(fake.app.reports[0]?.error), 'TypeError: broken rule')
  })

  test('a refused subscription is reported', async () => {
    const fake = new FakeNode({ limits: { subscriptionsPerConnection: 1 } })
    await fake.connected('room')
    await fake.node.api.subscribe('ann', 'news')
    await settled()
    const [report] = fake.app.reports
    assert.ok(isGoWebError(report?.error) && report.error.code === 'CHANNEL_JOIN_REFUSED')
  })

  test('nothing can be done before the start and after the end', async () => {
    const clock = new ManualClock()
    const node = new RealtimeNode({ broker: memoryBroker({ clock }), clock, handlers: new FakeApp() })
    assert.throws(() => node.api.publish('room', 1), { code: 'UNAVAILABLE' })
    await node.start()
    await node.api.publish('room', 1)
    await node.stop()
    await node.stop()
    assert.throws(() => node.api.publish('room', 1), { code: 'UNAVAILABLE' })
    assert.equal(clock.timers, 0)
  })
})

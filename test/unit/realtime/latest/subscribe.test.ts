import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FakeClient } from '../fake-client.ts'
import { settled } from '../fake-client.ts'
import { latestNode, publishAll, pushesOf, replyOf } from './latest-app.ts'

const channel = 'latest/a'

async function subscribed(client: FakeClient, more: object = {}): Promise<object> {
  return replyOf(await client.ask({ subscribe: { channel, ...more } }))
}

describe('subscribing to a latest channel', () => {
  test('gives the newest of each key, oldest first, then what follows', async () => {
    const fake = latestNode()
    await publishAll(fake, channel, [
      ['x', 1],
      ['y', 1],
      ['x', 2],
    ])
    const client = await fake.connected()
    assert.deepEqual(await subscribed(client), {
      has: ['y1', 'x2'],
      offset: 3,
      recovered: undefined,
      snapshot: 'all',
    })
    await publishAll(fake, channel, [['z', 1]])
    await fake.node.api.remove(channel, 'y')
    assert.deepEqual(pushesOf(client), ['z1', '-y'])
    const other = await fake.connected()
    assert.deepEqual(await subscribed(other), {
      has: ['x2', 'z1'],
      offset: 5,
      recovered: undefined,
      snapshot: 'all',
    })
  })

  test('gives nothing where there is nothing, with a position', async () => {
    const fake = latestNode()
    const client = await fake.connected()
    const { subscribe } = await client.ask({ subscribe: { channel } })
    assert.deepEqual(
      { ...subscribe, epoch: '' },
      {
        recoverable: true,
        positioned: true,
        epoch: '',
        offset: 0,
        publications: [],
        snapshot: 'all',
      },
    )
    assert.equal(subscribe?.epoch, (await fake.node.api.position(channel)).epoch)
  })

  test('with recover gives what has changed, removals too, and otherwise everything', async () => {
    const fake = latestNode()
    const watcher = await fake.connected(channel)
    await publishAll(fake, channel, [
      ['x', 1],
      ['y', 1],
      ['z', 1],
    ])
    const { epoch } = await fake.node.api.position(channel)
    await publishAll(fake, channel, [
      ['x', 2],
      ['x', 3],
    ])
    await fake.node.api.remove(channel, 'y')
    const at = async (offset: number, of = epoch): Promise<object> => {
      const client = await fake.connected()
      return await subscribed(client, { recover: true, offset, epoch: of })
    }
    assert.deepEqual(await at(3), { has: ['x3', '-y'], offset: 6, recovered: true, snapshot: undefined })
    assert.deepEqual(await at(6), { has: [], offset: 6, recovered: true, snapshot: undefined })
    assert.deepEqual(await at(0), {
      has: ['z1', 'x3', '-y'],
      offset: 6,
      recovered: true,
      snapshot: undefined,
    })
    const everything = { has: ['z1', 'x3'], offset: 6, recovered: false, snapshot: 'all' }
    assert.deepEqual(await at(6, 'another'), everything)
    assert.deepEqual(await at(99), everything)
    // Another node has not seen the removals.
    const second = latestNode({ broker: fake.broker, clock: fake.clock })
    const client = await second.connected()
    assert.deepEqual(await subscribed(client, { recover: true, offset: 3, epoch }), everything)
    watcher.cut()
  })

  test('remembers no more removals than there may be keys', async () => {
    const fake = latestNode()
    await fake.connected(channel)
    const { epoch } = await fake.node.api.position(channel)
    for (let n = 1; n <= 101; n++) {
      await publishAll(fake, channel, [[`k${n}`, 1]])
      await fake.node.api.remove(channel, `k${n}`)
    }
    const ask = async (offset: number): Promise<boolean | undefined> => {
      const client = await fake.connected()
      const reply = await client.ask({ subscribe: { channel, recover: true, offset, epoch } })
      return reply.subscribe?.recovered
    }
    assert.equal(await ask(1), false)
    assert.equal(await ask(2), true)
  })

  test('does not go back behind what a client knows from another node', async () => {
    const fake = latestNode()
    const late = latestNode({ broker: fake.broker, clock: fake.clock })
    const before = await late.connected(channel)
    // What the broker delivers does not reach the second node any more.
    late.node.onPublication = () => {}
    await publishAll(fake, channel, [
      ['x', 1],
      ['y', 1],
    ])
    const { epoch } = await fake.node.api.position(channel)
    const client = await late.connected()
    assert.deepEqual(await subscribed(client, { recover: true, offset: 2, epoch }), {
      has: [],
      offset: 2,
      recovered: true,
      snapshot: undefined,
    })
    assert.deepEqual(pushesOf(before), ['x1', 'y1'])
  })

  test('sends what a reply may not have after it, at the pace of the pongs, and says when that was all', async () => {
    const fake = latestNode({ limits: { recoveryPublications: 2 } })
    await publishAll(fake, channel, [
      ['a', 1],
      ['b', 1],
      ['c', 1],
      ['d', 1],
      ['e', 1],
    ])
    const client = await fake.connected()
    assert.deepEqual(await subscribed(client), {
      has: ['a1', 'b1'],
      offset: 2,
      recovered: undefined,
      snapshot: 'begins',
    })
    assert.deepEqual(pushesOf(client), [])
    await publishAll(fake, channel, [
      ['c', 2],
      ['a', 2],
    ])
    await fake.node.api.remove(channel, 'd')
    assert.deepEqual(pushesOf(client), [])
    assert.equal(client.pings, 1)
    client.say('{}')
    assert.deepEqual(pushesOf(client), ['e1', 'c2', 'a2', '-d', 'end 8'])
    client.say('{}')
    await publishAll(fake, channel, [['a', 3]])
    assert.deepEqual(pushesOf(client).slice(5), ['a3'])
  })

  test('sends changes that a reply may not have after it, with a position that is true at any time', async () => {
    const fake = latestNode({ limits: { recoveryPublications: 2 } })
    await fake.connected(channel)
    const { epoch } = await fake.node.api.position(channel)
    await publishAll(fake, channel, [
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ])
    const client = await fake.connected()
    assert.deepEqual(await subscribed(client, { recover: true, offset: 0, epoch }), {
      has: ['a1', 'b1'],
      offset: 2,
      recovered: true,
      snapshot: undefined,
    })
    client.say('{}')
    assert.deepEqual(pushesOf(client), ['c1'])
  })

  test('is refused while the values cannot be read, and works afterwards', async () => {
    const fake = latestNode()
    const client = await fake.connected()
    const { broker } = fake.node
    const snapshot = broker.snapshot.bind(broker)
    broker.snapshot = () => Promise.reject(new Error('away'))
    const { error } = await client.ask({ subscribe: { channel } })
    assert.equal(error?.code, 100)
    broker.snapshot = snapshot
    assert.deepEqual(await subscribed(client), { has: [], offset: 0, recovered: undefined, snapshot: 'all' })
    assert.equal(fake.node.stats.channels, 1)
  })

  test('of server-side subscriptions gives the values with the connect reply', async () => {
    const fake = latestNode()
    await publishAll(fake, channel, [['x', 1]])
    fake.app.onConnect = () => ({ user: 'ann', channels: [channel] })
    const client = fake.client()
    const { connect } = await client.connect()
    assert.deepEqual(replyOf({ subscribe: connect!.subs![channel]! }), {
      has: ['x1'],
      offset: 1,
      recovered: undefined,
      snapshot: 'all',
    })
    await publishAll(fake, channel, [['x', 2]])
    assert.deepEqual(pushesOf(client), ['x2'])
  })

  test('and leaving it leaves nothing behind', async () => {
    const fake = latestNode({ limits: { recoveryPublications: 1 } })
    await publishAll(fake, channel, [
      ['x', 1],
      ['y', 1],
    ])
    const client = await fake.connected(channel)
    assert.equal(client.connection.pongListeners?.size, 1)
    await client.ask({ unsubscribe: { channel } })
    assert.equal(client.connection.pongListeners, undefined)
    client.say('{}')
    await settled()
    assert.deepEqual(pushesOf(client), [])
    assert.equal(fake.node.stats.channels, 0)
  })
})

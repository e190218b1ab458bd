import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StoredPublication } from '../../../../src/realtime/broker.ts'
import { settled } from '../fake-client.ts'
import type { FakeNode } from '../fake-node.ts'
import { latestNode, publishAll, pushesOf, replyOf } from './latest-app.ts'

const channel = 'latest/a'

/** A node that misses what the broker delivers while `isDeaf`. */
function deafNode(first: FakeNode): { fake: FakeNode; ear: { isDeaf: boolean } } {
  const fake = latestNode({ broker: first.broker, clock: first.clock })
  const ear = { isDeaf: false }
  const { node } = fake
  const hear = node.onPublication.bind(node)
  node.onPublication = (name: string, publication: StoredPublication): void => {
    if (!ear.isDeaf) hear(name, publication)
  }
  return { fake, ear }
}

describe('after a gap, a latest channel', () => {
  test('sends what differs, and nobody is told of a gap', async () => {
    const first = latestNode()
    const { fake, ear } = deafNode(first)
    const client = await fake.connected(channel)
    await publishAll(first, channel, [
      ['x', 1],
      ['y', 1],
      ['z', 1],
      ['same', 1],
    ])
    ear.isDeaf = true
    await publishAll(first, channel, [
      ['x', 2],
      ['w', 1],
      ['x', 3],
    ])
    await first.node.api.remove(channel, 'y')
    await first.node.api.remove(channel, 'z')
    await publishAll(first, channel, [['z', 2]])
    ear.isDeaf = false
    client.received.length = 0
    fake.node.onGap(undefined)
    await settled()
    assert.deepEqual(pushesOf(client), ['-y', 'w1', 'x3', 'z2'])
    await publishAll(first, channel, [['x', 4]])
    assert.deepEqual(pushesOf(client).slice(4), ['x4'])
    assert.deepEqual(fake.app.reports, [])
    // Where the removal belongs is not known: who was away before the gap gets everything.
    const { epoch } = await first.node.api.position(channel)
    const later = await fake.connected()
    const reply = await later.ask({ subscribe: { channel, recover: true, offset: 5, epoch } })
    assert.deepEqual(replyOf(reply), {
      has: ['same1', 'w1', 'z2', 'x4'],
      offset: 11,
      recovered: false,
      snapshot: 'all',
    })
  })

  test('notices by itself that something is missing', async () => {
    const first = latestNode()
    const { fake, ear } = deafNode(first)
    const client = await fake.connected(channel)
    ear.isDeaf = true
    await publishAll(first, channel, [['x', 1]])
    ear.isDeaf = false
    await publishAll(first, channel, [['y', 1]])
    await settled()
    assert.deepEqual(pushesOf(client), ['x1', 'y1'])
  })

  test('keeps what arrives while it reads, and reads again after another gap', async () => {
    const first = latestNode()
    const { fake } = deafNode(first)
    const client = await fake.connected(channel)
    const { broker } = fake.node
    const read = broker.snapshot.bind(broker)
    const waiting: (() => void)[] = []
    broker.snapshot = async (name) => {
      const snapshot = await read(name)
      await new Promise<void>((resolve) => waiting.push(resolve))
      return snapshot
    }
    await publishAll(first, channel, [['x', 1]])
    fake.node.onGap(channel)
    await settled()
    await publishAll(first, channel, [
      ['x', 2],
      ['y', 1],
    ])
    assert.deepEqual(pushesOf(client), ['x1'])
    fake.node.onGap(channel)
    waiting.shift()?.()
    await settled()
    assert.deepEqual(pushesOf(client), ['x1'])
    await publishAll(first, channel, [['y', 2]])
    waiting.shift()?.()
    await settled()
    assert.deepEqual(pushesOf(client), ['x1', 'x2', 'y1', 'y2'])
    assert.equal(waiting.length, 0)
  })

  test('that cannot be read ends its subscriptions, so that they come again', async () => {
    const first = latestNode()
    const { fake } = deafNode(first)
    const client = await fake.connected(channel)
    fake.node.broker.snapshot = () => Promise.reject(new Error('away'))
    fake.node.onGap(channel)
    await settled()
    assert.deepEqual(pushesOf(client), ['unsubscribed 2500'])
    assert.deepEqual(
      fake.app.reports.map(({ error }) => String(error)),
      ['Error: away'],
    )
  })

  test('that was forgotten has another epoch: subscribers come again and find nothing', async () => {
    const first = latestNode()
    const { fake } = deafNode(first)
    const client = await fake.connected(channel)
    await publishAll(first, channel, [['x', 1]])
    await first.node.api.removeHistory(channel)
    await settled()
    assert.deepEqual(pushesOf(client), ['x1', 'unsubscribed 2500'])
    const reply = await client.ask({ subscribe: { channel } })
    assert.deepEqual(replyOf(reply), { has: [], offset: 0, recovered: undefined, snapshot: 'all' })
  })

  test('reads again when more arrives meanwhile than it may keep', async () => {
    const first = latestNode()
    const fake = latestNode({
      broker: first.broker,
      clock: first.clock,
      limits: { backlogPublications: 2 },
    })
    const client = await fake.connected(channel)
    const { broker } = fake.node
    const read = broker.snapshot.bind(broker)
    let readings = 0
    broker.snapshot = async (name) => {
      const snapshot = await read(name)
      if (++readings === 1) {
        for (const n of [1, 2, 3, 4]) await publishAll(first, channel, [[`k${n}`, n]])
      }
      return snapshot
    }
    fake.node.onGap(channel)
    await settled()
    await settled()
    assert.equal(readings, 2)
    assert.deepEqual(pushesOf(client), ['k11', 'k22', 'k33', 'k44'])
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeNode } from './fake-node.ts'
import { settled } from './fake-client.ts'

describe('connect', () => {
  test('answers with the id of the connection and how to keep it alive', async () => {
    const fake = new FakeNode()
    const client = fake.client()
    const { connect, error } = await client.connect()
    assert.equal(error, undefined)
    assert.equal(connect?.client, client.connection.id)
    assert.equal(connect?.ping, 25)
    assert.equal(connect?.pong, true)
    assert.equal(client.connection.user, 'ann')
    assert.deepEqual(fake.node.stats, { connections: 1, channels: 0 })
  })
})

describe('publish', () => {
  test('reaches every subscriber, the publisher too, before it is acknowledged', async () => {
    const fake = new FakeNode()
    const [ann, bob] = [await fake.connected('room'), await fake.connected('room')]
    const reply = await ann.ask({
      publish: { channel: 'room', data: { text: 'hi' }, event: 'message', id: 'k1' },
    })
    assert.deepEqual(reply.publish, {})
    const pub = bob.pushes.find((push) => push.pub !== undefined)?.pub
    assert.deepEqual(pub, {
      offset: 1,
      data: { text: 'hi' },
      info: { user: 'ann', client: ann.connection.id },
      tags: { event: 'message', id: 'k1' },
      time: fake.clock.now(),
    })
    assert.deepEqual(
      ann.received.filter(({ push }) => push?.join === undefined).map(({ id }) => id === undefined),
      [true, false],
    )
  })

  test('is stored, delivered and acknowledged at once where broker and handler answer at once', async () => {
    const fake = new FakeNode()
    const [ann, bob] = [await fake.connected('room'), await fake.connected('room')]
    const id = ann.command({ publish: { channel: 'room', data: 1 } })
    assert.deepEqual(ann.received.at(-1), { id, publish: {} })
    assert.deepEqual(bob.data, [1])
  })

  test('is not published again when its key repeats', async () => {
    const fake = new FakeNode()
    const ann = await fake.connected('room')
    for (let data = 1; data <= 2; data++) {
      const { error } = await ann.ask({ publish: { channel: 'room', data, id: 'same' } })
      assert.equal(error, undefined)
    }
    assert.deepEqual(ann.data, [1])
    // Another connection of the same user goes on where the first one was cut.
    ann.cut()
    const again = await fake.connected('room')
    await again.ask({ publish: { channel: 'room', data: 3, id: 'same' } })
    fake.app.onConnect = () => ({ user: 'bob' })
    const bob = await fake.connected('room')
    await bob.ask({ publish: { channel: 'room', data: 4, id: 'same' } })
    assert.deepEqual(again.data, [4], 'keys of other users are others')
  })
})

describe('subscribe', () => {
  test('recovers what was missed, and goes on', async () => {
    const fake = new FakeNode()
    const ann = await fake.connected('room')
    const bob = fake.client()
    await bob.connect()
    const { subscribe } = await bob.ask({ subscribe: { channel: 'room' } })
    bob.cut()
    for (const data of [1, 2, 3]) await ann.ask({ publish: { channel: 'room', data } })
    const again = fake.client()
    await again.connect()
    const { epoch, offset } = subscribe ?? {}
    const reply = await again.ask({
      subscribe: { channel: 'room', recover: true, epoch: epoch ?? '', offset: offset ?? 0 },
    })
    assert.equal(reply.subscribe?.recovered, true)
    assert.deepEqual(
      reply.subscribe?.publications?.map(({ data }) => data),
      [1, 2, 3],
    )
    await ann.ask({ publish: { channel: 'room', data: 4 } })
    await settled()
    assert.deepEqual(again.data, [4])
    assert.deepEqual(fake.app.reports, [])
  })
})

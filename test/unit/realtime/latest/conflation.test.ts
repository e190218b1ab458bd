import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { FakeClient } from '../fake-client.ts'
import type { FakeNode } from '../fake-node.ts'
import { latestNode, publishAll, pushesOf } from './latest-app.ts'

const channel = 'latest/a'
/** Of one publication, so that a few of them are looked at. */
const FILLER = 'x'.repeat(6_000)

async function publishBig({ node }: FakeNode, key: string, n: number): Promise<void> {
  await node.api.publish(channel, { key, n, filler: FILLER }, { key })
}

/** Answers all pings that have come, but none that follow upon that. */
function answer(client: FakeClient): void {
  for (let left = client.pings - client.connection.pongs; left > 0; left--) client.say('{}')
}

/** A subscriber that was pinged, has not answered, and is found to be late. */
async function lateClient(): Promise<{ fake: FakeNode; client: FakeClient; good: FakeClient }> {
  const fake = latestNode()
  const client = await fake.connected(channel)
  const good = await fake.connected(channel)
  for (let n = 1; n <= 3; n++) await publishBig(fake, 'x', n)
  assert.deepEqual([client.pings, good.pings], [1, 1])
  answer(good)
  fake.clock.advance(300)
  for (let n = 4; n <= 6; n++) await publishBig(fake, 'x', n)
  answer(good)
  assert.ok(client.connection.pongListeners !== undefined)
  assert.equal(good.connection.pongListeners, undefined)
  client.received.length = 0
  good.received.length = 0
  return { fake, client, good }
}

describe('a subscriber of a latest channel that does not keep up', () => {
  test('gets the newest of each changed key when it has caught up, removals too, and others do not notice', async () => {
    const { fake, client, good } = await lateClient()
    await publishAll(fake, channel, [
      ['a', 1],
      ['b', 1],
      ['a', 2],
      ['c', 1],
    ])
    await fake.node.api.remove(channel, 'b')
    await publishAll(fake, channel, [['a', 3]])
    assert.deepEqual(pushesOf(client), [])
    assert.deepEqual(pushesOf(good), ['a1', 'b1', 'a2', 'c1', '-b', 'a3'])
    answer(client)
    assert.deepEqual(pushesOf(client), ['c1', '-b', 'a3'])
    // It is back with the others once it has answered for that.
    await publishAll(fake, channel, [['c', 2]])
    answer(client)
    assert.deepEqual(pushesOf(client).slice(3), ['c2'])
    answer(client)
    assert.equal(client.connection.pongListeners, undefined)
    await publishAll(fake, channel, [['c', 3]])
    assert.deepEqual(pushesOf(client).slice(4), ['c3'])
  })

  test('is not taken for late as long as it answers in time', async () => {
    const fake = latestNode()
    const client = await fake.connected(channel)
    for (let n = 1; n <= 60; n++) {
      await publishBig(fake, 'x', n)
      fake.clock.advance(50)
      if (n % 3 === 0) answer(client)
    }
    assert.equal(client.connection.pongListeners, undefined)
    assert.equal(client.pushes.length, 60)
  })

  test('is taken for late the sooner, the quicker its answers were', async () => {
    const fake = latestNode()
    const far = await fake.connected(channel)
    const near = await fake.connected(channel)
    const round = async (farMs: number): Promise<void> => {
      for (let n = 1; n <= 3; n++) await publishBig(fake, 'x', n)
      answer(near)
      fake.clock.advance(farMs)
      answer(far)
      for (let n = 1; n <= 3; n++) await publishBig(fake, 'x', n)
    }
    // Found out after 10 ms and after 90 ms.
    for (let n = 1; n <= 3; n++) await publishBig(fake, 'x', n)
    fake.clock.advance(10)
    answer(near)
    for (let n = 1; n <= 3; n++) await publishBig(fake, 'x', n)
    await round(80)
    assert.deepEqual([near.connection.pongListeners, far.connection.pongListeners], [undefined, undefined])
    fake.clock.advance(150)
    for (let n = 1; n <= 3; n++) await publishBig(fake, 'x', n)
    assert.ok(near.connection.pongListeners !== undefined)
    assert.equal(far.connection.pongListeners, undefined)
    fake.clock.advance(60)
    for (let n = 1; n <= 3; n++) await publishBig(fake, 'x', n)
    assert.ok(far.connection.pongListeners !== undefined)
  })

  test('is taken for late when so much is on its way that it would have to be buffered', async () => {
    const fake = latestNode()
    const client = await fake.connected(channel)
    for (let n = 1; n <= 200; n++) await publishBig(fake, `k${n % 10}`, n)
    const sent = client.pushes.length
    assert.ok(sent > 40 && sent < 60, String(sent))
    const answers: number[] = []
    for (let round = 0; client.connection.pongListeners !== undefined && round < 50; round++) {
      const before = client.pushes.length
      answer(client)
      answers.push(client.pushes.length - before)
    }
    // Batches grow while the pongs come at once: 16, 32 and 64 KiB.
    assert.deepEqual(answers, [2, 5, 3, 0])
    assert.deepEqual(
      pushesOf(client).slice(sent),
      Array.from({ length: 10 }, (_, index) => `k${(index + 1) % 10}${191 + index}`),
    )
  })

  test('is sent no more at once than half of what may be buffered for it', async () => {
    const fake = latestNode({ limits: { bufferedBytes: 40_000 } })
    const client = await fake.connected(channel)
    for (let n = 1; n <= 30; n++) await publishBig(fake, `k${n % 10}`, n)
    assert.ok(client.pushes.length < 10, String(client.pushes.length))
    const counts: number[] = []
    for (let round = 0; round < 6; round++) {
      const before = client.pushes.length
      answer(client)
      counts.push(client.pushes.length - before)
    }
    assert.deepEqual(counts, [2, 3, 3, 2, 0, 0])
  })

  test('gets smaller batches when they take long', async () => {
    const { fake, client } = await lateClient()
    const keys = Array.from({ length: 10 }, (_, index) => `k${index}`)
    for (const key of keys) await publishBig(fake, key, 1)
    const counts: number[] = []
    for (let round = 0; round < 6; round++) {
      const before = client.pushes.length
      answer(client)
      counts.push(client.pushes.length - before)
      fake.clock.advance(1_000)
    }
    assert.deepEqual(counts, [2, 1, 1, 1, 1, 1])
  })

  test('does not get what it is left out of, nor what that has outdated', async () => {
    const { fake, client } = await lateClient()
    await publishAll(fake, channel, [
      ['a', 1],
      ['b', 1],
    ])
    await fake.node.api.publish(channel, { key: 'a', n: 2 }, { key: 'a', except: client.connection.id })
    answer(client)
    assert.deepEqual(pushesOf(client), ['b1'])
  })

  test('begins anew when more keys come and go than the channel may have', async () => {
    const { fake, client } = await lateClient()
    for (let n = 1; n <= 201; n++) {
      await publishAll(fake, channel, [[`k${n}`, n]])
      await fake.node.api.remove(channel, `k${n}`)
    }
    assert.deepEqual(pushesOf(client), ['unsubscribed 2500'])
    assert.equal(client.connection.pongListeners, undefined)
    assert.equal(fake.node.stats.channels, 1)
  })

  test('cannot run ahead with pongs that nothing asked for', async () => {
    const fake = latestNode()
    const client = await fake.connected(channel)
    for (let n = 0; n < 10; n++) client.say('{}')
    assert.equal(client.connection.pongs, 0)
  })
})

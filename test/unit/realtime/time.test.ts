import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FakeNode } from './fake-node.ts'
import { settled } from './fake-client.ts'

describe('with time', () => {
  test('a connection that says nothing is stale after 10 s', () => {
    const fake = new FakeNode()
    const client = fake.client()
    fake.clock.advance(9_500)
    assert.equal(client.closed, undefined)
    fake.clock.advance(750)
    assert.deepEqual(client.closed, { code: 3502, reason: 'stale' })
    assert.equal(fake.node.stats.connections, 0)
  })

  test('a longer patience is kept', () => {
    const fake = new FakeNode({ limits: { connectTimeoutMs: 100_000 } })
    const client = fake.client()
    fake.clock.advance(99_500)
    assert.equal(fake.node.stats.connections, 1)
    fake.clock.advance(750)
    assert.equal(client.closed?.code, 3502)
  })

  test('clients that answer pings stay, others do not', async () => {
    const fake = new FakeNode()
    const [alive, silent] = [await fake.connected(), await fake.connected()]
    for (let second = 0; second < 120; second++) {
      fake.clock.advance(1_000)
      const { pings } = alive
      if (pings > 0) alive.say('{}')
    }
    assert.equal(alive.closed, undefined)
    assert.ok(alive.pings >= 4 && alive.pings <= 6, String(alive.pings))
    assert.deepEqual(silent.closed, { code: 3012, reason: 'no pong' })
    assert.equal(silent.pings, 1)
  })

  test('a client that does not read is ended', async () => {
    const fake = new FakeNode()
    const client = await fake.connected()
    client.bufferedAmount = 2 ** 21
    fake.clock.advance(26_000)
    assert.deepEqual(client.closed, { code: 3008, reason: 'slow' })
  })

  test('a connection ends with its token, after a while in which it can be refreshed', async () => {
    const fake = new FakeNode()
    fake.app.onConnect = () => ({ user: 'ann', expiresAtMs: fake.clock.now() + 60_000 })
    fake.app.onRefresh = () => ({ expiresAtMs: fake.clock.now() + 60_000 })
    const [one, two] = [fake.client(), fake.client()]
    for (const client of [one, two]) {
      const { connect } = await client.connect()
      assert.equal(connect?.expires, true)
      assert.equal(connect?.ttl, 60)
    }
    const pass = (seconds: number): void => {
      for (let i = 0; i < seconds; i++) {
        fake.clock.advance(1_000)
        one.say('{}')
        two.say('{}')
      }
    }
    pass(50)
    const { refresh } = await two.ask({ refresh: { token: 'new' } })
    assert.deepEqual(refresh, { client: two.connection.id, expires: true, ttl: 60 })
    pass(34)
    assert.equal(one.closed, undefined)
    pass(2)
    assert.deepEqual(one.closed, { code: 3005, reason: 'connection expired' })
    assert.equal(two.closed, undefined)
  })

  test('a command that never ends is given up, and what waits behind it goes on', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    const signals: AbortSignal[] = []
    fake.app.onPublish = () => new Promise(() => undefined)
    fake.app.onCall = (_request, signal) => {
      signals.push(signal)
      return new Promise(() => undefined)
    }
    const [call, publish] = [
      client.command({ rpc: {} }),
      client.command({ publish: { channel: 'room', data: 1 } }),
    ]
    const history = client.command({ history: { channel: 'room' } })
    await settled()
    assert.ok(!client.received.some(({ id }) => id !== undefined))
    for (let second = 0; second < 60; second++) {
      fake.clock.advance(1_000)
      client.say('{}')
    }
    await settled()
    for (const id of [call, publish]) {
      const reply = client.received.find((one) => one.id === id)
      assert.equal(reply?.error?.code, 100)
      assert.equal(reply?.error?.name, 'COMMAND_TIMEOUT')
    }
    assert.ok(client.received.some(({ id, history: page }) => id === history && page !== undefined))
    assert.equal(signals[0]?.aborted, true)
  })

  test('presence is renewed while a connection lives, and no timer is left when all are gone', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    for (let second = 0; second < 150; second++) {
      fake.clock.advance(1_000)
      client.say('{}')
    }
    assert.equal((await fake.node.api.presence('room')).length, 1)
    client.cut()
    assert.equal((await fake.node.api.presence('room')).length, 0)
    await fake.node.stop()
    assert.deepEqual(fake.node.stats, { connections: 0, channels: 0 })
  })
})

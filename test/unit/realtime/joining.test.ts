import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryBroker } from '../../../src/brokers/memory.ts'
import { GoWebError } from '../../../src/errors/goweb-error.ts'
import type { Reply } from '../../../src/protocol/reply.ts'
import type { BrokerNode } from '../../../src/realtime/broker.ts'
import type { RealtimeLimits } from '../../../src/realtime/realtime-limits.ts'
import { ManualClock } from '../../contract/broker/manual-clock.ts'
import { type FakeClient, settled } from './fake-client.ts'
import { FakeNode } from './fake-node.ts'
import { replaceMethod } from './replace-method.ts'

class Scene {
  /** Answers to `history` that wait. */
  readonly held: (() => void)[] = []
  readonly fake: FakeNode
  /** Publishes on the same broker without waiting. */
  readonly other: FakeNode

  constructor(limits: RealtimeLimits = {}) {
    const clock = new ManualClock()
    const inner = memoryBroker({ clock })
    const broker = replaceMethod(inner, 'history', (node) => async (channel, options, history) => {
      const page = await node.history(channel, options, history)
      await new Promise<void>((resolve) => this.held.push(resolve))
      return page
    })
    this.fake = new FakeNode({ broker, clock, limits })
    this.other = new FakeNode({ broker: inner, clock })
  }

  async letGo(): Promise<void> {
    await settled()
    for (const resolve of this.held.splice(0)) resolve()
    await settled()
  }

  async publish(...items: number[]): Promise<void> {
    for (const data of items) await this.other.node.api.publish('room', data)
  }

  async joining(): Promise<{ client: FakeClient; reply: () => Reply | undefined }> {
    const client = await this.fake.connected()
    const id = client.command({ subscribe: { channel: 'room' } })
    await settled()
    return { client, reply: () => client.received.find((one) => one.id === id) }
  }
}

describe('while somebody joins', () => {
  test('what is published comes after the reply, once, and others get it at once', async () => {
    const scene = new Scene()
    await scene.publish(1)
    const first = await scene.joining()
    await scene.letGo()
    const second = await scene.joining()
    await scene.publish(2, 3)
    assert.deepEqual([first.client.data, second.client.data], [[2, 3], []])
    await scene.letGo()
    assert.equal(second.reply()?.subscribe?.offset, 1)
    assert.deepEqual(second.client.data, [2, 3])
    await scene.publish(4)
    assert.deepEqual(
      [first.client.data, second.client.data],
      [
        [2, 3, 4],
        [2, 3, 4],
      ],
    )
  })

  for (const limits of [{ backlogPublications: 2 }, { backlogBytes: 200 }]) {
    test(`more than ${JSON.stringify(limits)}: a temporary error, and nothing is left`, async () => {
      const scene = new Scene(limits)
      const { client, reply } = await scene.joining()
      await scene.publish(1, 2, 3)
      await scene.letGo()
      assert.deepEqual(reply()?.error, { code: 100, message: 'internal server error', temporary: true })
      assert.equal(scene.fake.node.stats.channels, 0)
      const again = client.command({ subscribe: { channel: 'room' } })
      await scene.letGo()
      assert.equal(client.received.find(({ id }) => id === again)?.subscribe?.offset, 3)
    })
  }

  test('a gap makes what was read worthless: a temporary error', async () => {
    const scene = new Scene()
    const { reply } = await scene.joining()
    scene.fake.node.onGap(undefined)
    await scene.letGo()
    assert.equal(reply()?.error?.temporary, true)
  })

  test('the server may unsubscribe: error 103', async () => {
    const scene = new Scene()
    const { client, reply } = await scene.joining()
    await scene.other.node.api.unsubscribe('ann', 'room')
    await scene.letGo()
    assert.equal(reply()?.error?.code, 103)
    assert.deepEqual(client.pushes, [])
    assert.equal(scene.fake.node.stats.channels, 0)
  })

  test('the connection may end: nothing is left', async () => {
    const scene = new Scene()
    const { client } = await scene.joining()
    client.cut()
    await scene.letGo()
    assert.deepEqual(scene.fake.node.stats, { connections: 0, channels: 0 })
    assert.equal((await scene.other.node.api.presence('room')).length, 0)
  })

  test('the time may be over: error 100, nothing is left, and the channel can be joined later', async () => {
    const scene = new Scene()
    const { client, reply } = await scene.joining()
    for (let second = 0; second < 60; second++) {
      scene.fake.clock.advance(1_000)
      client.say('{}')
    }
    assert.equal(reply()?.error?.name, 'COMMAND_TIMEOUT')
    assert.equal(client.connection.subscriptions?.size, 0)
    await scene.letGo()
    assert.equal(scene.fake.node.stats.channels, 0)
    const again = client.command({ subscribe: { channel: 'room' } })
    await scene.letGo()
    assert.ok(client.received.some(({ id, subscribe }) => id === again && subscribe !== undefined))
  })

  test('a gap while a client connects with server-side subscriptions ends the connection with 3010', async () => {
    const scene = new Scene()
    scene.fake.app.onConnect = () => ({ user: 'ann', channels: ['room'] })
    const client = scene.fake.client()
    client.command({ connect: {} })
    await settled()
    scene.fake.node.onGap('room')
    await scene.letGo()
    assert.equal(client.closed?.code, 3010)
    assert.deepEqual(scene.fake.node.stats, { connections: 0, channels: 0 })
  })
})

describe('a broker that fails', () => {
  const failing = (method: keyof BrokerNode, error: Error): FakeNode => {
    const clock = new ManualClock()
    const broker = replaceMethod(memoryBroker({ clock }), method, () => async () => {
      await Promise.resolve()
      throw error
    })
    return new FakeNode({ broker, clock })
  }
  const down = new GoWebError('BROKER_UNAVAILABLE')
  for (const method of ['subscribe', 'history'] as const) {
    test(`in ${method}: the subscription is refused for now, and nothing is left`, async () => {
      const fake = failing(method, down)
      const client = await fake.connected()
      const { error } = await client.ask({ subscribe: { channel: 'room' } })
      assert.deepEqual(error, {
        code: 100,
        message: 'unavailable',
        temporary: true,
        name: 'BROKER_UNAVAILABLE',
      })
      assert.deepEqual(fake.app.reports, [{ error: down, where: 'command' }])
      assert.equal(fake.node.stats.channels, 0)
      assert.equal(client.connection.subscriptions?.size, 0)
    })
  }

  test('in publish: nothing is acknowledged', async () => {
    const fake = failing('publish', down)
    const client = await fake.connected('room')
    const reply = await client.ask({ publish: { channel: 'room', data: 1 } })
    assert.equal(reply.error?.name, 'BROKER_UNAVAILABLE')
  })

  for (const method of ['unsubscribe', 'setPresence', 'removePresence', 'signal'] as const) {
    test(`in ${method}: it is reported, and the client notices nothing`, async () => {
      const fake = failing(method, down)
      const client = await fake.connected('room')
      assert.equal((await client.ask({ unsubscribe: { channel: 'room' } })).error, undefined)
      await settled()
      assert.ok(fake.app.reports.length > 0)
      assert.equal((await client.ask({ subscribe: { channel: 'room' } })).error, undefined)
    })
  }
})

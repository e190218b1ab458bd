import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GoWeb, GoWebError, type Broker } from 'goweb'
import { memoryBroker } from 'goweb/brokers/memory'
import { connect } from 'goweb/client'

/** A broker that refuses to store, later than at once, whenever `fails` says so; what comes behind, it stores. */
function failingBroker(fails: (payload: string) => boolean): Broker {
  const inner = memoryBroker()
  return {
    connect: async (listener) => {
      const node = await inner.connect(listener)
      const publish = node.publish.bind(node)
      node.publish = async (channel, payload, options) => {
        await new Promise((resolve) => setImmediate(resolve))
        if (fails(payload)) throw new GoWebError('BROKER_UNAVAILABLE')
        return await publish(channel, payload, options)
      }
      return Object.assign(node, { keepsPublishOrder: false })
    },
  }
}

describe('publishes without waiting for each other', () => {
  test('are stored in their order also when the broker fails in the middle', async (t) => {
    const reports: unknown[] = []
    const failed = new Set<string>()
    const broker = failingBroker((payload) => {
      const text = /"n(\d+)"/.exec(payload)?.[1] ?? ''
      // The third, and when it comes again the sixth.
      if (!['3', '6'].includes(text) || failed.has(text)) return false
      failed.add(text)
      return true
    })
    const app = new GoWeb({ broker, report: (error) => reports.push(error) }).channel('room', {
      delivery: 'replay',
      public: true,
    })
    const server = await app.listen({ host: '127.0.0.1', port: 0 })
    const client = connect<typeof app>(server.url, { minReconnectDelayMs: 10, maxReconnectDelayMs: 50 })
    t.after(async () => {
      client.close()
      await server.close(1_000)
    })
    const room = client.channel('room', {}, { onGap: () => assert.fail('a gap') })
    const heard: unknown[] = []
    const all = Promise.withResolvers<void>()
    const sent = Array.from({ length: 40 }, (_, n) => `n${n}`)
    room.on((data) => heard.push(data) === sent.length && all.resolve())
    await Promise.all(sent.map((data) => room.publish(data)))
    await all.promise
    assert.deepEqual(heard, sent)
    assert.deepEqual(
      reports.map((error) => (error as GoWebError).code),
      ['BROKER_UNAVAILABLE', 'BROKER_UNAVAILABLE'],
    )
  })
})

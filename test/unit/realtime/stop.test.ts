import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryBroker } from '../../../src/brokers/memory.ts'
import type { BrokerListener, BrokerNode } from '../../../src/realtime/broker.ts'
import { ManualClock } from '../../contract/broker/manual-clock.ts'
import { DelayedBroker } from './delayed-broker.ts'
import { settled } from './fake-client.ts'
import { FakeNode } from './fake-node.ts'

/** Lets a broker do everything that it was asked for. */
async function run(broker: DelayedBroker): Promise<void> {
  do await settled()
  while (broker.step())
}

/** Notes the signals that another node hears. */
function listener(signals: string[]): BrokerListener {
  return {
    onPublication() {},
    onSignal: (_channel, payload) => signals.push(payload.slice(payload.indexOf('\n') + 1)),
    onBroadcast() {},
    onGap() {},
  }
}

/** A node on a broker that is slow, another one beside it, and a client that is present in a room. */
async function makeRoom() {
  const clock = new ManualClock()
  const inner = memoryBroker({ clock })
  const signals: string[] = []
  const other = inner.connect(listener(signals)) as BrokerNode
  await other.subscribe('room')
  const broker = new DelayedBroker(inner, () => 0)
  const fake = new FakeNode({ clock, broker })
  const client = fake.client()
  client.command({ connect: {} })
  client.command({ subscribe: { channel: 'room' } })
  return { clock, broker, fake, client, other, signals }
}

describe('a node that stops', () => {
  test('tells a slow broker who has left before it lets go of it', async () => {
    const { broker, fake, client, other, signals } = await makeRoom()
    await run(broker)
    assert.equal((await other.presence('room')).length, 1)
    const stopped = fake.node.stop()
    assert.equal(client.closed?.code, 3001)
    await run(broker)
    await stopped
    assert.deepEqual(fake.app.reports, [])
    assert.deepEqual(await other.presence('room'), [])
    assert.deepEqual(
      signals.map((signal) => signal.slice(0, 7)),
      ['"join":', '"leave"'],
    )
  })

  test('leaves nobody present whose presence was still on its way', async () => {
    const { broker, fake, client, other } = await makeRoom()
    await settled()
    // The rule has let it in and the node has its interest; the rest is under way.
    for (let steps = 0; steps < 2; steps++) {
      broker.step()
      await settled()
    }
    assert.equal(
      client.received.find(({ subscribe }) => subscribe !== undefined),
      undefined,
    )
    const stopped = fake.node.stop()
    await run(broker)
    await stopped
    assert.deepEqual(fake.app.reports, [])
    assert.deepEqual(await other.presence('room'), [])
  })

  test('waits for a broker that does not answer for 5 seconds, and takes no connections meanwhile', async () => {
    const { broker, clock, fake } = await makeRoom()
    await run(broker)
    let isStopped = false
    const stopped = Promise.resolve(fake.node.stop()).then(() => (isStopped = true))
    const late = fake.client()
    assert.equal(late.closed?.code, 3001)
    clock.advance(4_999)
    await settled()
    assert.equal(isStopped, false)
    clock.advance(1)
    await stopped
    assert.throws(() => fake.node.broker, { code: 'UNAVAILABLE' })
  })

  test('waits for nothing where the broker answers at once', async () => {
    const fake = new FakeNode()
    await fake.connected('room')
    assert.equal(fake.node.stop(), undefined)
    assert.deepEqual(fake.app.reports, [])
    const { timers } = fake.clock
    assert.ok(timers <= 1, 'a timer of the broker may be left, none of the node')
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryBroker } from '../../../src/brokers/memory.ts'
import type { Publication, StreamPosition } from '../../../src/protocol/publication.ts'
import type { Reply } from '../../../src/protocol/reply.ts'
import { Random } from '../../fuzz/random.ts'
import { ManualClock } from '../../contract/broker/manual-clock.ts'
import { DelayedBroker, type Pick } from './delayed-broker.ts'
import { FakeClient, settled } from './fake-client.ts'
import { FakeNode } from './fake-node.ts'

const CHANNEL = 'room'

/** A client as it should be: it keeps its position, recovers, and checks that nothing is missing, doubled or out of order. */
class CarefulClient {
  readonly seen: unknown[] = []
  position: StreamPosition | undefined = undefined
  gaps = 0
  state: 'away' | 'asked' | 'live' = 'away'
  #client: FakeClient | undefined = undefined
  #asked = 0
  /** The `unsubscribe` that has not been answered: what comes before its reply belongs to the old subscription. */
  #leaving = 0
  #read = 0

  get hasConnected(): boolean {
    return this.#client !== undefined
  }

  reconnect(fake: FakeNode): void {
    this.read()
    this.#client?.cut()
    this.#leaving = 0
    this.#client = new FakeClient(fake.node, fake.groups)
    this.#read = 0
    this.state = 'away'
    this.#client.command({ connect: {} })
    this.subscribe()
  }

  subscribe(): void {
    this.read()
    if (this.state !== 'away' || this.#client === undefined) return
    this.state = 'asked'
    const recover = this.position === undefined ? {} : { recover: true, ...this.position }
    this.#asked = this.#client.command({ subscribe: { channel: CHANNEL, ...recover } })
  }

  unsubscribe(): void {
    this.read()
    if (this.state !== 'live') return
    this.state = 'away'
    this.#leaving = this.#client!.command({ unsubscribe: { channel: CHANNEL } })
  }

  publish(data: number): void {
    this.read()
    if (this.state === 'live') this.#client?.command({ publish: { channel: CHANNEL, data } })
  }

  /** Looks at what has come. */
  read(): void {
    const { received } = this.#client ?? { received: [] }
    for (; this.#read < received.length; this.#read++) this.#take(received[this.#read]!)
  }

  #take(reply: Reply): void {
    const { push, subscribe, id } = reply
    if (id !== undefined && id === this.#leaving) this.#leaving = 0
    else if (id === this.#asked && reply.error !== undefined) {
      assert.equal(reply.error.code, 100, JSON.stringify(reply))
      this.state = 'away'
    } else if (id === this.#asked && subscribe !== undefined) {
      this.state = 'live'
      const position = { epoch: subscribe.epoch!, offset: subscribe.offset! }
      if (subscribe.was_recovering === true && subscribe.recovered !== true) this.gaps++
      for (const publication of subscribe.publications ?? []) this.#see(publication)
      if (subscribe.recovered === true) {
        assert.deepEqual(position, this.position, 'what was recovered leads to the position')
      }
      this.position = position
    } else if (push?.pub !== undefined) {
      if (this.#leaving > 0) return
      assert.equal(this.state, 'live', 'nothing comes before the reply')
      this.#see(push.pub)
    } else if (push?.unsubscribe !== undefined) {
      assert.equal(push.unsubscribe.code, 2500)
      this.state = 'away'
    }
  }

  #see({ offset = 0, data }: Publication): void {
    assert.equal(offset, this.position!.offset + 1, 'the next one, once')
    this.position = { epoch: this.position!.epoch, offset }
    this.seen.push(data)
  }
}

async function play(seed: number): Promise<{ published: number; gaps: number; seen: number }> {
  const random = new Random(seed)
  const pick: Pick = (below) => random.below(below)
  const clock = new ManualClock()
  const inner = memoryBroker({ clock })
  const broker = new DelayedBroker(inner, pick)
  const nodes = [new FakeNode({ broker, clock }), new FakeNode({ broker, clock })]
  const clients = Array.from({ length: 4 }, () => new CarefulClient())
  let published = 0
  const act = (client: CarefulClient): void => {
    const chance = pick(100)
    if (chance < 45) client.publish(++published)
    else if (chance < 60) client.reconnect(nodes[pick(nodes.length)]!)
    else if (chance < 75) client.unsubscribe()
    else if (chance < 97) client.subscribe()
    else if (chance < 98) broker.loseDeliveries()
    else if (chance < 99) broker.loseOneSilently()
    else void nodes[0]!.node.api.removeHistory(CHANNEL)
  }
  const run = async (steps: number): Promise<void> => {
    for (let i = 0; i < steps; i++) broker.step()
    await settled()
    for (const client of clients) client.read()
  }
  for (let operation = 0; operation < 80; operation++) {
    act(clients[pick(clients.length)]!)
    await run(pick(6))
  }
  // Everybody comes to rest: who is away asks again, until nothing is left to happen. A last publication shows what was lost silently.
  const probe = new FakeNode({ broker: inner, clock })
  for (let round = 0; round < 12; round++) {
    if (round === 5) await probe.node.api.publish(CHANNEL, 'last')
    for (const client of clients) client.subscribe()
    while (broker.step()) await run(pick(4))
    await run(0)
  }
  const position = await probe.node.api.position(CHANNEL)
  for (const client of clients) {
    if (!client.hasConnected) continue
    assert.equal(client.state, 'live')
    assert.deepEqual(client.position, position, 'nothing is missing')
  }
  assert.deepEqual(
    nodes.flatMap(({ app }) => app.reports),
    [],
  )
  return {
    published,
    gaps: clients.reduce((sum, { gaps }) => sum + gaps, 0),
    seen: clients.reduce((sum, { seen }) => sum + seen.length, 0),
  }
}

test('whatever the order of calls, answers and deliveries, each subscriber sees each publication once and in order', async () => {
  let [seen, gaps] = [0, 0]
  for (let seed = 1; seed <= 100; seed++) {
    try {
      const result = await play(seed)
      seen += result.seen
      gaps += result.gaps
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
  // The schedules are worth something only if much is seen and some of it after gaps.
  assert.ok(seen > 1_000, String(seen))
  assert.ok(gaps > 10, String(gaps))
})

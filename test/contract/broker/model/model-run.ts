import assert from 'node:assert/strict'
import type { BrokerPublishOptions, HistoryLimits, StreamPosition } from '../../../../src/realtime/broker.ts'
import { payloadsOf, type Bench, type TestNode } from '../bench.ts'
import { ChannelModel, type Place } from './channel-model.ts'
import {
  CHANNELS,
  NODES,
  PRESENCE_TICKS,
  WINDOW_TICKS,
  type ChannelName,
  type Operation,
} from './operation.ts'

interface ModelChannel {
  readonly model: ChannelModel
  /** Real positions of the model's places, in the order in which they became known. */
  readonly known: { readonly place: Place; readonly position: StreamPosition }[]
  readonly epochs: Map<number, string>
}

/** A broker and its model side by side. */
export class ModelRun {
  readonly #bench: Bench
  readonly #nodes: TestNode[] = []
  readonly #channels = new Map<ChannelName, ModelChannel>()
  /** What each node must have heard of each channel. */
  readonly #expected = new Map<string, string[]>()
  readonly #expectedSignals = new Map<string, string[]>()
  readonly #interest = new Set<string>()
  #tick = 0
  #count = 0

  constructor(bench: Bench) {
    this.#bench = bench
    for (const name of Object.keys(CHANNELS) as ChannelName[]) {
      this.#channels.set(name, { model: new ChannelModel(name), known: [], epochs: new Map() })
    }
  }

  async run(operations: readonly Operation[]): Promise<void> {
    for (let index = 0; index < NODES; index++) this.#nodes.push(await this.#bench.connect())
    for (const operation of operations) await this.#step(operation)
    await this.#compareHeard()
  }

  async #step(operation: Operation): Promise<void> {
    if (operation.kind === 'sleep') {
      this.#tick += operation.ticks
      return await this.#bench.sleepTicks(operation.ticks)
    }
    const { channel } = operation
    const { node } = this.#node(operation.node)
    const { model } = this.#channel(channel)
    const key = `${operation.node} ${channel}`
    switch (operation.kind) {
      case 'publish':
        return await this.#publish(operation)
      case 'history':
        return await this.#history(operation)
      case 'subscribe':
        await node.subscribe(channel)
        this.#interest.add(key)
        return
      case 'unsubscribe':
        await this.#compareHeard() // What is on its way may or may not be delivered afterwards.
        await node.unsubscribe(channel)
        this.#interest.delete(key)
        return
      case 'signal': {
        const payload = `{"signal":${++this.#count}}`
        await node.signal(channel, payload)
        this.#expect(this.#expectedSignals, channel, payload)
        return
      }
      case 'remove':
        await node.remove(channel)
        model.remove()
        return
      case 'snapshot':
        return await this.#snapshot(operation.node, channel)
      case 'set':
        await node.setPresence(
          channel,
          { client: operation.client, user: 'u', info: '{}' },
          this.#ms(PRESENCE_TICKS),
        )
        model.setPresence(operation.client, this.#tick)
        return
      case 'unset':
        await node.removePresence(channel, operation.client)
        model.unsetPresence(operation.client)
        return
      case 'presence': {
        const clients = (await node.presence(channel)).map(({ client }) => client)
        assert.deepEqual(clients.toSorted(), model.presence(this.#tick).toSorted())
      }
    }
  }

  async #publish({ node, channel, key, item }: Operation & { readonly kind: 'publish' }): Promise<void> {
    const { model } = this.#channel(channel)
    const payload = `{"n":${++this.#count}}`
    const [published, place] = model.publish(payload, this.#tick, { key, item })
    const limits = this.#limits(channel)
    const options: BrokerPublishOptions = {
      ...(limits && { history: limits }),
      ...(key !== undefined && { idempotency: { key, windowMs: this.#ms(WINDOW_TICKS) } }),
      ...(limits && item !== undefined && { keyed: { key: item, removed: false, maxKeys: 10 } }),
    }
    const { isRepeat, ...position } = await this.#node(node).node.publish(channel, payload, options)
    assert.equal(isRepeat, published === undefined)
    if (limits === undefined) assert.deepEqual(position, { offset: 0, epoch: '' })
    else this.#meet(channel, place, position)
    if (published !== undefined) this.#expect(this.#expected, channel, payload)
  }

  async #history({
    node,
    channel,
    since,
    limit,
    reverse,
  }: Operation & { readonly kind: 'history' }): Promise<void> {
    const { model, known } = this.#channel(channel)
    const from = since === undefined || known.length === 0 ? undefined : known[since % known.length]
    const limits = this.#limits(channel) ?? { size: 100, ttlMs: this.#ms(100) }
    const page = await this.#node(node).node.history(
      channel,
      { since: from?.position, limit, reverse },
      limits,
    )
    const { kept, complete } = model.after(from?.place, this.#tick)
    this.#meet(channel, { era: model.era, rank: model.top }, page.position)
    assert.equal(page.complete, complete, 'complete')
    if (!complete) return // What is left may be given or not.
    const asked = reverse ? model.before(from?.place, this.#tick) : kept
    assert.deepEqual(
      payloadsOf(page),
      asked.slice(0, limit).map(({ payload }) => payload),
    )
    assert.equal(page.hasMore, asked.length > limit, 'hasMore')
    for (const { offset, epoch, payload } of page.publications) {
      const published = model.all.find((one) => one.payload === payload)
      if (published !== undefined) this.#meet(channel, published, { offset, epoch })
    }
  }

  async #snapshot(node: number, channel: ChannelName): Promise<void> {
    const { model } = this.#channel(channel)
    const { entries, position } = await this.#node(node).node.snapshot(channel)
    this.#meet(channel, { era: model.era, rank: model.top }, position)
    const expected = Array.from(model.snapshot(), ([key, { payload }]) => `${key} ${payload}`)
    assert.deepEqual(entries.map(({ key, payload }) => `${key} ${payload}`).toSorted(), expected.toSorted())
  }

  /** A place of the model has one position, and the order of positions is that of places. */
  #meet(channel: ChannelName, place: Place, position: StreamPosition): void {
    const { known, epochs } = this.#channel(channel)
    const epoch = epochs.get(place.era)
    if (epoch === undefined) {
      assert.ok(![...epochs.values()].includes(position.epoch), 'an epoch was used before')
      epochs.set(place.era, position.epoch)
    } else assert.equal(position.epoch, epoch)
    for (const other of known) {
      if (other.place.era !== place.era) continue
      const order = Math.sign(place.rank - other.place.rank)
      assert.equal(Math.sign(position.offset - other.position.offset), order, 'order of offsets')
    }
    known.push({
      place: { era: place.era, rank: place.rank },
      position: { offset: position.offset, epoch: position.epoch },
    })
  }

  #expect(all: Map<string, string[]>, channel: ChannelName, payload: string): void {
    for (let node = 0; node < NODES; node++) {
      const key = `${node} ${channel}`
      if (!this.#interest.has(key)) continue
      const list = all.get(key)
      if (list === undefined) all.set(key, [payload])
      else list.push(payload)
    }
  }

  async #compareHeard(): Promise<void> {
    for (const [index, { heard }] of this.#nodes.entries()) {
      for (const channel of this.#channels.keys()) {
        const expected = this.#expected.get(`${index} ${channel}`) ?? []
        await this.#bench.until('all have arrived', () => heard.payloads(channel).length >= expected.length)
        assert.deepEqual(heard.payloads(channel), expected)
        const signals = this.#expectedSignals.get(`${index} ${channel}`) ?? []
        const heardSignals = () => heard.signals.filter((signal) => signal.channel === channel)
        await this.#bench.until('all signals have arrived', () => heardSignals().length >= signals.length)
        assert.deepEqual(
          heardSignals().map(({ payload }) => payload),
          signals,
        )
      }
    }
  }

  #node(index: number): TestNode {
    const node = this.#nodes[index]
    assert.ok(node)
    return node
  }

  #channel(name: ChannelName): ModelChannel {
    const channel = this.#channels.get(name)
    assert.ok(channel)
    return channel
  }

  #limits(name: ChannelName): HistoryLimits | undefined {
    const limits = CHANNELS[name]
    return limits && { size: limits.size, ttlMs: this.#ms(limits.ttlTicks) }
  }

  #ms(ticks: number): number {
    return ticks * this.#bench.setup.tickMs
  }
}

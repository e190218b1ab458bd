import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryBroker } from '../../../../src/brokers/memory.ts'
import { MemoryBroker } from '../../../../src/brokers/memory/memory-broker.ts'
import type { MemoryLimits } from '../../../../src/brokers/memory/memory-limits.ts'
import type { BrokerNode } from '../../../../src/realtime/broker.ts'
import { ManualClock } from '../../../contract/broker/manual-clock.ts'
import { Recorder } from '../../../contract/broker/recorder.ts'

const HISTORY = { size: 100, ttlMs: 60_000 }
const LIMITS = { maxChannels: 100, maxChannelBytes: 10_000, maxBytes: 100_000, maxKeys: 100 }

/** A broker with a node, whose size can be read. */
function start(limits: Partial<MemoryLimits> = {}) {
  const clock = new ManualClock()
  const broker = new MemoryBroker({ clock, limits: { ...LIMITS, ...limits } })
  const recorder = new Recorder()
  return { clock, broker, recorder, node: broker.connect(recorder) as BrokerNodeNow }
}

/** The memory broker answers at once; the contract allows promises. */
type BrokerNodeNow = {
  [Name in keyof BrokerNode]: BrokerNode[Name] extends (...given: infer Given) => infer Result
    ? (...given: Given) => Exclude<Result, Promise<unknown>>
    : BrokerNode[Name]
}

const unavailable = { code: 'BROKER_UNAVAILABLE' }

describe('memoryBroker', () => {
  test('answers at once', () => {
    const node = memoryBroker().connect(new Recorder()) as BrokerNode
    const outcome = node.publish('a', '1', { history: HISTORY })
    assert.ok(!(outcome instanceof Promise))
    assert.equal(outcome.offset, 1)
  })

  for (const name of ['maxChannels', 'maxChannelBytes', 'maxBytes', 'maxKeys']) {
    test(`refuses a ${name} that is no whole number from 1 on, or too large`, () => {
      for (const value of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 53]) {
        assert.throws(() => memoryBroker({ [name]: value }), { code: 'OPTION_INVALID' })
      }
    })
  }

  test('refuses what a closed node asks for, and to close twice is no error', () => {
    const { node } = start()
    node.close()
    node.close()
    assert.throws(() => node.publish('a', '1', {}), unavailable)
    assert.throws(() => node.subscribe('a'), unavailable)
  })
})

describe('channels of a memory broker', () => {
  test('are forgotten when nobody is interested, the longest unused first, and then have another epoch', () => {
    const { broker, node } = start({ maxChannels: 2 })
    const a = node.publish('a', '1', { history: HISTORY })
    const b = node.publish('b', '1', { history: HISTORY })
    node.history('a', { limit: 0 }, HISTORY) // Now b is the longest unused.
    node.publish('c', '1', { history: HISTORY })
    assert.equal(broker.size.streams, 2)
    assert.equal(node.history('a', { limit: 9, since: { ...a, offset: 0 } }, HISTORY).complete, true)
    const page = node.history('b', { limit: 9, since: b }, HISTORY)
    assert.equal(page.complete, false)
    assert.notEqual(page.position.epoch, b.epoch)
  })

  test('take a newer value of a key, and its removal, when there is no room for another key', () => {
    const { broker, node } = start({ maxBytes: 1_000 })
    const keyed = (key: string, removed = false) => ({ keyed: { key, removed, maxKeys: 100 } })
    for (const key of ['x', 'y']) node.publish('a', 'v'.repeat(300), keyed(key))
    assert.throws(() => node.publish('a', 'v'.repeat(300), keyed('z')), unavailable)
    node.publish('a', 'w'.repeat(300), keyed('x'))
    node.publish('a', 'g'.repeat(300), keyed('y', true))
    node.publish('a', 'v'.repeat(300), keyed('z'))
    assert.deepEqual(
      node.snapshot('a').entries.map(({ key, payload }) => `${key} ${payload[0]}`),
      ['x w', 'z v'],
    )
    assert.ok(broker.size.bytes <= 1_000, String(broker.size.bytes))
  })

  test('in which nothing was published are forgotten first', () => {
    const { node } = start({ maxChannels: 2 })
    const a = node.publish('a', '1', { history: HISTORY })
    node.history('empty', { limit: 0 }, HISTORY)
    node.publish('c', '1', { history: HISTORY })
    assert.equal(node.history('a', { limit: 9, since: a }, HISTORY).complete, true)
  })

  test('that are in use are not forgotten: another one is refused, and nothing of it is kept', () => {
    const { broker, node, recorder } = start({ maxChannels: 2 })
    for (const channel of ['a', 'b']) {
      node.subscribe(channel)
      node.publish(channel, '1', { history: HISTORY })
    }
    node.subscribe('c')
    assert.throws(() => node.publish('c', '1', { history: HISTORY }), unavailable)
    assert.throws(() => node.history('c', { limit: 0 }, HISTORY), unavailable)
    assert.throws(() => node.snapshot('c'), unavailable)
    assert.deepEqual(recorder.payloads('c'), [])
    assert.equal(node.publish('c', 'live', {}).offset, 0)

    node.unsubscribe('a')
    assert.equal(node.publish('c', '1', { history: HISTORY }).offset, 1)
    assert.equal(broker.size.streams, 2)
  })

  test('of which nothing is left take no memory', () => {
    const { broker, clock, node } = start()
    node.subscribe('a')
    node.setPresence('b', { client: 'x', user: 'u', info: '{}' }, 1_000)
    node.setPresence('c', { client: 'x', user: 'u', info: '{}' }, 1_000)
    node.publish('d', '1', { idempotency: { key: 'k', windowMs: 1_000 } })
    assert.deepEqual(broker.size, { channels: 4, streams: 0, bytes: 0, keys: 1 })
    node.unsubscribe('a')
    node.removePresence('b', 'x')
    clock.advance(10_000)
    assert.deepEqual(broker.size, { channels: 0, streams: 0, bytes: 0, keys: 0 })
    assert.equal(clock.timers, 0)
  })
})

describe('memory of a memory broker', () => {
  test('is freed when publications expire, though nobody reads them; their positions stay', () => {
    const { broker, clock, node } = start()
    const first = node.publish('a', '1', { history: { size: 10, ttlMs: 5_000 } })
    clock.advance(3_000)
    const second = node.publish('a', '2', { history: { size: 10, ttlMs: 5_000 } })
    const { bytes } = broker.size
    clock.advance(3_000)
    assert.equal(broker.size.bytes, bytes / 2)
    clock.advance(3_000)
    assert.equal(broker.size.bytes, 0)
    const page = node.history('a', { limit: 9, since: second }, HISTORY)
    assert.deepEqual([page.complete, page.position.offset], [true, 2])
    assert.equal(node.history('a', { limit: 9, since: first }, HISTORY).complete, false)
  })

  test('is bounded for one channel: its oldest publications go', () => {
    const { broker, node } = start({ maxChannelBytes: 1_000 })
    const first = node.publish('a', 'x'.repeat(100), { history: HISTORY })
    for (let count = 0; count < 50; count++) node.publish('a', 'x'.repeat(100), { history: HISTORY })
    assert.ok(broker.size.bytes <= 1_000)
    const page = node.history('a', { limit: 99, since: first }, HISTORY)
    assert.equal(page.complete, false)
    assert.equal(page.publications.at(-1)?.offset, 51)
    assert.equal(page.publications.length, 4)
  })

  test('is bounded for all: idle channels go, then the oldest of the channel that grows, then it refuses', () => {
    const { broker, node } = start({ maxBytes: 1_500 })
    const text = 'x'.repeat(100)
    const idle = node.publish('idle', text, { history: HISTORY })
    node.subscribe('a')
    for (let count = 0; count < 20; count++) node.publish('a', text, { history: HISTORY })
    assert.equal(broker.size.streams, 1)
    assert.equal(broker.size.bytes, 1_500)
    assert.notEqual(node.history('idle', { limit: 0 }, HISTORY).position.epoch, idle.epoch)
    assert.deepEqual(
      node.history('a', { limit: 99 }, HISTORY).publications.map(({ offset }) => offset),
      [15, 16, 17, 18, 19, 20],
    )
    assert.throws(() => node.publish('b', text, { history: HISTORY }), unavailable)
    assert.equal(broker.size.bytes, 1_500)
    assert.equal(node.history('b', { limit: 9 }, HISTORY).position.offset, 0)
  })

  test('is bounded for idempotency keys: without a key publishing goes on', () => {
    const { broker, clock, node } = start({ maxKeys: 2 })
    const publish = (key: string) => node.publish('a', key, { idempotency: { key, windowMs: 5_000 } })
    publish('1')
    publish('2')
    assert.throws(() => publish('3'), unavailable)
    assert.equal(publish('1').isRepeat, true)
    node.publish('a', 'without', {})
    clock.advance(6_000)
    assert.equal(broker.size.keys, 0)
    assert.equal(publish('3').isRepeat, false)
  })

  test('takes one timer, none before there is something to expire and none after the last node has left', () => {
    const { clock, node } = start()
    assert.equal(clock.timers, 0)
    for (const channel of ['a', 'b', 'c']) node.publish(channel, '1', { history: HISTORY })
    assert.equal(clock.timers, 1)
    node.close()
    assert.equal(clock.timers, 0)
  })

  test('counts right whatever was stored, replaced, removed and expired', () => {
    const { broker, clock, node } = start()
    const keyed = { key: 'k', removed: false, maxKeys: 2 }
    node.publish('a', 'one', { history: HISTORY, keyed })
    node.publish('a', 'two', { history: HISTORY, keyed })
    node.publish('a', 'three', { keyed: { ...keyed, key: 'l' } })
    node.publish('b', 'four', { history: HISTORY })
    clock.advance(70_000)
    const { bytes } = broker.size
    assert.equal(bytes, 'two'.length + 'three'.length + 2 * 150)
    node.publish('a', 'five', { keyed: { ...keyed, removed: true } })
    node.remove('a')
    node.remove('b')
    assert.deepEqual(broker.size, { channels: 0, streams: 0, bytes: 0, keys: 0 })
  })
})

describe('a memory broker', () => {
  test('goes on in order after a listener threw, which it must not', () => {
    const { broker, node } = start()
    const other = new Recorder()
    const otherNode = broker.connect(other)
    for (const each of [node, otherNode]) void each.subscribe('a')
    other.onEach = (_, { payload }) => {
      if (payload !== '1') return
      node.publish('a', '2', { history: HISTORY })
      throw new TypeError('a mistake')
    }
    assert.throws(() => node.publish('a', '1', { history: HISTORY }), { message: 'a mistake' })
    node.publish('a', '3', { history: HISTORY })
    assert.deepEqual(other.payloads('a'), ['1', '2', '3'])
  })

  test('goes on after its clock was put back', () => {
    const { clock, node } = start()
    const first = node.publish('a', '1', { history: HISTORY })
    clock.advance(-30_000)
    node.publish('a', '2', { history: HISTORY })
    const page = node.history('a', { limit: 9, since: { ...first, offset: 0 } }, HISTORY)
    assert.deepEqual([page.complete, page.publications.length], [true, 2])
  })
})

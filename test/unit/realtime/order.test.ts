import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AcceptedPublication } from '../../../src/realtime/realtime-handlers.ts'
import { FakeNode } from './fake-node.ts'
import { settled } from './fake-client.ts'

describe('commands of one connection', () => {
  test('run in order on one channel, however long the first takes', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room', 'other')
    const waiting: ((publication: AcceptedPublication) => void)[] = []
    fake.app.onPublish = ({ data }, name) =>
      name === 'room' && data === 1
        ? new Promise<AcceptedPublication>((resolve) => waiting.push(resolve))
        : { data }
    const [one, two] = [1, 2].map((data) => client.command({ publish: { channel: 'room', data } }))
    const history = client.command({ history: { channel: 'room', limit: 10 } })
    const leave = client.command({ unsubscribe: { channel: 'room' } })
    const elsewhere = client.command({ publish: { channel: 'other', data: 3 } })
    await settled()
    const answered = (): number[] => client.received.flatMap(({ id }) => (id === undefined ? [] : [id]))
    assert.deepEqual(answered(), [elsewhere], 'other channels do not wait')
    waiting[0]!({ data: 1 })
    await settled()
    assert.deepEqual(answered(), [elsewhere, one, two, history, leave])
    assert.deepEqual(client.data, [3, 1, 2])
    const page = client.received.find(({ id }) => id === history)?.history
    assert.deepEqual(
      page?.publications.map(({ data }) => data),
      [1, 2],
    )
  })

  test('calls overlap', async () => {
    const fake = new FakeNode()
    const client = await fake.connected()
    fake.app.onCall = ({ data }) => (data === 'slow' ? new Promise(() => undefined) : data)
    client.command({ rpc: { data: 'slow' } })
    assert.deepEqual((await client.ask({ rpc: { data: 'quick' } })).rpc, { data: 'quick' })
  })

  test('wait for connect, and then run', async () => {
    const fake = new FakeNode()
    const client = fake.client()
    let admit: () => void = () => undefined
    fake.app.onConnect = () => new Promise((resolve) => (admit = () => resolve({ user: 'ann' })))
    client.say(
      [
        '{"id":1,"connect":{}}',
        '{"id":2,"subscribe":{"channel":"room"}}',
        '{"id":3,"publish":{"channel":"room","data":1}}',
        '{"id":4,"ping":{}}',
        '',
      ].join('\n'),
    )
    await settled()
    assert.deepEqual(client.received, [])
    admit()
    await settled()
    const ids: unknown[] = client.received.flatMap(({ id }) => (id === undefined ? [] : [id]))
    assert.deepEqual(ids.slice(0, 1), [1])
    assert.deepEqual(new Set(ids), new Set([1, 2, 3, 4]))
    assert.ok(ids.indexOf(2) < ids.indexOf(3))
    assert.deepEqual(client.data, [1])
  })

  test('are not waited for when the app ends the connection while it connects', async () => {
    const fake = new FakeNode()
    fake.app.onConnect = (connection) => {
      connection.disconnect(4_500, 'not today')
      return { user: 'ann' }
    }
    const client = fake.client()
    client.say('{"id":1,"connect":{}}\n{"id":2,"subscribe":{"channel":"room"}}')
    await settled()
    assert.deepEqual(client.closed, { code: 4_500, reason: 'not today' })
    assert.deepEqual([client.received, fake.app.log], [[], []])
    assert.deepEqual(fake.node.stats, { connections: 0, channels: 0 })
  })

  test('end with the connection: handlers are told, late answers go nowhere', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    const late: (() => void)[] = []
    let signal: AbortSignal | undefined
    fake.app.onCall = (_request, given) => {
      signal = given
      return new Promise((resolve) => late.push(() => resolve(1)))
    }
    fake.app.onSubscribe = () => new Promise((resolve) => late.push(() => resolve({})))
    client.command({ rpc: {} })
    client.command({ subscribe: { channel: 'news' } })
    client.cut()
    assert.equal(signal?.aborted, true)
    for (const resolve of late) resolve()
    await settled()
    assert.deepEqual(client.received, [])
    assert.deepEqual(fake.node.stats, { connections: 0, channels: 0 })
    assert.deepEqual(fake.app.reports, [])
  })

  test('ids of neighbours may change places, as threads make them', async () => {
    const fake = new FakeNode()
    const client = await fake.connected()
    for (const id of [3, 2, 40, 39, 9]) client.say(`{"id":${id},"ping":{}}`)
    assert.deepEqual(
      client.received.map(({ id }) => id),
      [3, 2, 40, 39, 9],
    )
    client.say('{"id":8,"ping":{}}')
    assert.equal(client.closed?.code, 3501, 'an id from long ago')
  })

  test('without id are messages that nobody answers', async () => {
    const fake = new FakeNode()
    const client = await fake.connected()
    client.say('{"send":{"data":{"x":1}}}')
    await settled()
    assert.deepEqual(client.received, [])
    assert.deepEqual(fake.app.log, ['message {"x":1}'])
  })
})

describe('a publication that was accepted after the right to publish had ended', () => {
  test('is refused with 103', async () => {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    let accept: (value: AcceptedPublication) => void = () => undefined
    fake.app.onPublish = () => new Promise((resolve) => (accept = resolve))
    const id = client.command({ publish: { channel: 'room', data: 1 } })
    await fake.node.api.unsubscribe('ann', 'room')
    accept({ data: 1 })
    await settled()
    assert.equal(client.received.find((reply) => reply.id === id)?.error?.code, 103)
    assert.deepEqual((await fake.node.api.history('room')).publications, [])
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { memoryBroker } from '../../../src/brokers/memory.ts'
import { GoWebError } from '../../../src/errors/goweb-error.ts'
import type { Json } from '../../../src/protocol/json.ts'
import type { AcceptedPublication } from '../../../src/realtime/realtime-handlers.ts'
import { FakeNode } from './fake-node.ts'
import { replaceMethod } from './replace-method.ts'
import { type FakeClient, settled } from './fake-client.ts'

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

  describe('that publish, with a broker that keeps their order,', () => {
    /** A broker that stores, or refuses, what it was asked for when the test says so. */
    async function start() {
      const asked: {
        readonly payload: string
        readonly store: () => void
        readonly fail: (error: GoWebError) => void
      }[] = []
      const broker = replaceMethod(
        memoryBroker(),
        'publish',
        (inner) => (channel, payload, options) =>
          new Promise((resolve, reject) => {
            asked.push({
              payload,
              fail: reject,
              store: () => resolve(inner.publish(channel, payload, options)),
            })
          }),
        { keepsPublishOrder: true },
      )
      const fake = new FakeNode({ broker })
      const client = await fake.connected('room')
      const publish = (data: number, after?: number): number =>
        client.command({ publish: { channel: 'room', data, ...(after !== undefined && { after }) } })
      const answered = (): number[] => client.received.flatMap(({ id }) => (id === undefined ? [] : [id]))
      const errorOf = (id: number) => client.received.find((reply) => reply.id === id)?.error
      return { fake, client, asked, publish, answered, errorOf }
    }

    test('do not wait until the one before is stored; all else does', async () => {
      const { client, asked, publish, answered } = await start()
      const one = publish(1)
      const two = publish(2, one)
      assert.equal(asked.length, 2)
      const history = client.command({ history: { channel: 'room', limit: 10 } })
      const three = publish(3, two)
      assert.equal(asked.length, 2, 'it does not pass the history')
      asked[0]!.store()
      await settled()
      assert.deepEqual(answered(), [one])
      asked[1]!.store()
      await settled()
      asked[2]!.store()
      await settled()
      assert.deepEqual(answered(), [one, two, history, three])
      assert.deepEqual(client.data, [1, 2, 3])
    })

    test('wait for the handler of the one before', async () => {
      const { fake, asked, publish, answered } = await start()
      let accept: (publication: AcceptedPublication) => void = () => undefined
      fake.app.onPublish = ({ data }) =>
        data === 1 ? new Promise<AcceptedPublication>((resolve) => (accept = resolve)) : { data }
      const one = publish(1)
      const two = publish(2, one)
      await settled()
      assert.equal(asked.length, 0)
      accept({ data: 1 })
      await settled()
      assert.equal(asked.length, 2)
      for (const { store } of asked) store()
      await settled()
      assert.deepEqual(answered(), [one, two])
    })

    test('are refused behind one that failed, until it is repeated', async () => {
      const { client, asked, publish, answered, errorOf } = await start()
      const one = publish(1)
      const two = publish(2, one)
      const failure = new GoWebError('BROKER_UNAVAILABLE', 'not now')
      for (const { fail } of asked) fail(failure)
      await settled()
      assert.deepEqual(answered(), [one, two])
      const three = publish(3, two)
      assert.equal(asked.length, 2)
      assert.deepEqual([errorOf(three)?.code, errorOf(three)?.temporary], [111, true])
      const again = publish(1)
      publish(2, again)
      for (const { store } of asked.slice(2)) store()
      await settled()
      assert.deepEqual(client.data, [1, 2])
    })

    test('go on behind one that was refused for good', async () => {
      const { client, asked, publish, errorOf } = await start()
      const one = publish(1)
      const two = publish(2, one)
      asked[0]!.fail(new GoWebError('CHANNEL_KEYS_EXCEEDED', 'full'))
      asked[1]!.store()
      await settled()
      assert.notEqual(errorOf(one)?.temporary, true)
      publish(3, two)
      asked[2]!.store()
      await settled()
      assert.deepEqual(client.data, [2, 3])
    })

    test('are refused behind one that took too long', async () => {
      const { fake, client, publish, errorOf } = await start()
      const one = publish(1)
      for (let second = 0; second < 60; second++) {
        fake.clock.advance(1_000)
        client.say('{}')
      }
      await settled()
      assert.ok(errorOf(one))
      assert.equal(errorOf(publish(2, one))?.code, 111)
    })
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

describe('publishes of a client that sends them without waiting', () => {
  /** A client in a room whose broker fails as often as told. */
  async function makeFailing(): Promise<{
    fake: FakeNode
    client: FakeClient
    fail: (times: number) => void
  }> {
    const fake = new FakeNode()
    const client = await fake.connected('room')
    let failures = 0
    const { broker } = fake.node
    Object.assign(broker, { keepsPublishOrder: false })
    const publish = broker.publish.bind(broker)
    broker.publish = async (...args) => {
      await Promise.resolve()
      if (failures-- > 0) throw new GoWebError('BROKER_UNAVAILABLE')
      return await publish(...args)
    }
    return { fake, client, fail: (times) => (failures = times) }
  }

  const codesOf = (client: FakeClient, ids: readonly number[]): (number | undefined)[] =>
    ids.map((id) => client.received.find((reply) => reply.id === id)?.error?.code)

  /** Each names the one before it, where there is one. */
  function publishAll(client: FakeClient, ...data: readonly Json[]): number[] {
    let after = 0
    return data.map((one) => {
      after = client.command({ publish: { channel: 'room', data: one, ...(after > 0 && { after }) } })
      return after
    })
  }

  async function publishSettled(client: FakeClient, ...data: readonly Json[]): Promise<number[]> {
    const ids = publishAll(client, ...data)
    await settled()
    await settled()
    return ids
  }

  test('do not overtake one that failed', async () => {
    const { fake, client, fail } = await makeFailing()
    fail(1)
    const ids = publishAll(client, 1, 2, 3)
    await settled()
    const late = client.command({ publish: { channel: 'room', data: 4, after: ids[2]! } })
    await settled()
    assert.deepEqual(codesOf(client, [...ids, late]), [100, 111, 111, 111])
    assert.deepEqual(codesOf(client, await publishSettled(client, 1, 2, 3, 4)), [
      undefined,
      undefined,
      undefined,
      undefined,
    ])
    assert.deepEqual(client.data, [1, 2, 3, 4])
    assert.deepEqual(
      fake.app.reports.map(({ error }) => (error as GoWebError).code),
      ['BROKER_UNAVAILABLE'],
    )
  })

  test('do not overtake one that was not looked at for its rate', async () => {
    const fake = new FakeNode({ limits: { commandsPerSecond: 1, commandBurst: 4 } })
    const client = await fake.connected('room')
    const ids = publishAll(client, 1, 2, 3)
    fake.clock.advance(3_000)
    const late = client.command({ publish: { channel: 'room', data: 4, after: ids[2]! } })
    await settled()
    assert.deepEqual(codesOf(client, [...ids, late]), [undefined, undefined, 111, 111])
    assert.deepEqual(client.data, [1, 2])
  })

  test('go on behind one that was refused for good', async () => {
    const { fake, client } = await makeFailing()
    fake.app.onPublish = ({ data }) => {
      if (data === 'now') throw new GoWebError('CONFLICT')
      return data === 'later' ? Promise.reject(new GoWebError('CONFLICT')) : { data }
    }
    const ids = await publishSettled(client, 1, 'now', 2, 'later', 3)
    assert.deepEqual(codesOf(client, ids), [undefined, 409, undefined, 409, undefined])
    assert.deepEqual(client.data, [1, 2, 3])
  })

  test('are held up by a handler that failed, which may not have refused', async () => {
    const { fake, client } = await makeFailing()
    fake.app.onPublish = ({ data }) => {
      if (data === 2) throw new Error('a mistake')
      return { data }
    }
    assert.deepEqual(codesOf(client, await publishSettled(client, 1, 2, 3)), [undefined, 100, 111])
    assert.equal(fake.app.reports.length, 1)
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

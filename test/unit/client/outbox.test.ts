import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ConnectOptions } from 'goweb/client'
import { at, Script, type ScriptedSocket } from './scripted-server.ts'

/** Names what becomes of promises, in the order in which it is known. */
function watch(into: string[], name: string, promise: Promise<unknown>): void {
  promise.then(
    () => into.push(`${name} stored`),
    (error: { code: string }) => into.push(`${name} ${error.code}`),
  )
}

async function open(options: ConnectOptions = {}, subscribed = at(0)) {
  const script = new Script()
  const { client, socket } = await script.open(options)
  const room = client.channel('r')
  await script.settle()
  await socket.subscribe(subscribed)
  return { script, client, socket, room }
}

function takeData(socket: ScriptedSocket, count: number): unknown[] {
  return Array.from({ length: count }, () => socket.take('publish').data)
}

describe('publishing', () => {
  test('resolves when the server has acknowledged it, and each has an id of its own', async () => {
    const { script, socket, client } = await open()
    const room = client.channel('r') as unknown as { publish(event: string, data: unknown): Promise<void> }
    const outcomes: string[] = []
    const data = { text: 'hi' }
    watch(outcomes, 'one', room.publish('message', data))
    data.text = 'changed later'
    watch(outcomes, 'two', room.publish('message', undefined))
    await script.settle()
    const one = socket.take('publish')
    const two = socket.take('publish')
    assert.deepEqual([one.channel, one.event, one.data, two.data], ['r', 'message', { text: 'hi' }, null])
    const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    assert.match(String(one.key), uuid)
    assert.match(String(two.key), uuid)
    assert.notEqual(one.key, two.key)
    assert.deepEqual([...outcomes], [])
    socket.say({ id: one.id, publish: {} }, { id: two.id, publish: {} })
    await script.settle()
    assert.deepEqual(outcomes, ['one stored', 'two stored'])
  })

  test('waits for connection and subscription, in order, in few frames', async () => {
    const script = new Script()
    const client = script.connect()
    const room = client.channel('r')
    for (let n = 1; n <= 40; n++) void room.publish(n)
    const socket = await script.socket(1)
    await socket.accept()
    assert.equal(socket.commands.length, 1)
    const { length } = socket.frames
    await socket.subscribe(at(0))
    assert.equal(socket.frames.length, length + 1)
    // So many at a time; the rest follows as replies come.
    const first = Array.from({ length: 32 }, () => socket.take('publish'))
    assert.deepEqual(
      first.map(({ data }) => data),
      Array.from({ length: 32 }, (_, index) => index + 1),
    )
    socket.assertNothing()
    socket.say(...first.map(({ id }) => ({ id, publish: {} })))
    await script.settle()
    assert.deepEqual(takeData(socket, 8), [33, 34, 35, 36, 37, 38, 39, 40])
  })

  test('keeps large publishes in frames of their own', async () => {
    const { script, socket, room } = await open()
    const before = socket.frames.length
    const text = 'x'.repeat(10_000)
    for (let n = 0; n < 3; n++) void room.publish(text)
    await script.settle()
    assert.equal(socket.frames.length - before, 3)
  })

  test('sends what was not acknowledged again, with the same id, before what comes after it', async () => {
    const { script, socket, room } = await open()
    const outcomes: string[] = []
    watch(outcomes, 'one', room.publish(1))
    watch(outcomes, 'two', room.publish(2))
    await script.settle()
    const [one, two] = [socket.take('publish'), socket.take('publish')]
    socket.say({ id: one.id, publish: {} })
    socket.end()
    watch(outcomes, 'three', room.publish(3))
    const next = await script.nextSocket()
    await next.accept()
    await next.subscribe(at(2, { recovered: true }))
    const again = next.take('publish')
    const three = next.take('publish')
    assert.deepEqual([again.data, three.data], [2, 3])
    assert.equal(again.key, two.key)
    next.say({ id: again.id, publish: {} }, { id: again.id, publish: {} }, { id: three.id, publish: {} })
    await script.settle()
    assert.deepEqual(outcomes, ['one stored', 'two stored', 'three stored'])
  })

  test('does not know what became of it when the stream is another, the window is over, or nothing is kept', async () => {
    const outcomes: string[] = []
    for (const [name, epoch, waitMs] of [
      ['same', 'e', 0],
      ['late', 'e', 60_000],
      ['other', 'f', 0],
    ] as const) {
      const { script, socket, room } = await open({ resendWindowMs: 60_000, timeoutMs: 300_000 })
      watch(outcomes, `${name} sent`, room.publish(1))
      await script.settle()
      socket.end()
      watch(outcomes, `${name} queued`, room.publish(2))
      const next = await script.nextSocket()
      await script.clock.advance(waitMs && 5_000)
      await next.accept()
      if (waitMs > 0) await script.clock.advance(waitMs - 5_000)
      const { id } = next.take('subscribe')
      next.say({ id, subscribe: at(0, { recovered: epoch === 'e' }, epoch) })
      await script.settle()
      while (next.commands.length > 0) next.say({ id: next.take('publish').id, publish: {} })
      await script.settle()
    }
    const { script, socket, room } = await open({}, {})
    watch(outcomes, 'live', room.publish(1))
    await script.settle()
    socket.end()
    await script.settle()
    assert.deepEqual(outcomes, [
      'same sent stored',
      'same queued stored',
      'late sent PUBLISH_OUTCOME_UNKNOWN',
      'late queued stored',
      'other sent PUBLISH_OUTCOME_UNKNOWN',
      'other queued stored',
      'live PUBLISH_OUTCOME_UNKNOWN',
    ])
  })

  test('says that nobody knows when the window ends without a connection', async () => {
    const { script, socket, room } = await open({ resendWindowMs: 30_000 })
    const outcomes: string[] = []
    watch(outcomes, 'sent', room.publish(1))
    await script.settle()
    await script.clock.advance(2_000)
    socket.end()
    watch(outcomes, 'queued', room.publish(2))
    await script.clock.advance(27_999)
    assert.deepEqual([...outcomes], [])
    await script.clock.advance(1)
    assert.deepEqual(outcomes, ['sent PUBLISH_OUTCOME_UNKNOWN'])
  })

  test('is tried again when the server cannot for now, or does not answer, in order', async () => {
    const { script, socket, room } = await open({ timeoutMs: 1_000 })
    const outcomes: string[] = []
    watch(outcomes, 'one', room.publish(1))
    watch(outcomes, 'two', room.publish(2))
    await script.settle()
    const [one, two] = [socket.take('publish'), socket.take('publish')]
    const error = { code: 111, message: 'too many requests', temporary: true }
    socket.say({ id: one.id, error }, { id: two.id, error })
    watch(outcomes, 'three', room.publish(3))
    await script.settle()
    socket.assertNothing()
    await script.clock.advance(script.clock.nextMs)
    assert.deepEqual(takeData(socket, 3), [1, 2, 3])
    await script.clock.advance(1_000)
    await script.clock.advance(script.clock.nextMs)
    const again = [socket.take('publish'), socket.take('publish'), socket.take('publish')]
    assert.deepEqual(
      again.map(({ data }) => data),
      [1, 2, 3],
    )
    assert.equal(again[0]?.key, one.key)
    socket.say(...again.map(({ id }) => ({ id, publish: {} })))
    await script.settle()
    assert.deepEqual(outcomes, ['one stored', 'two stored', 'three stored'])
  })

  test('waits for a server that is busy on channels that keep nothing too, but repeats nothing there', async () => {
    const { script, socket, room } = await open({ timeoutMs: 1_000 }, {})
    const outcomes: string[] = []
    watch(outcomes, 'busy', room.publish(1))
    watch(outcomes, 'failed', room.publish(2))
    watch(outcomes, 'mute', room.publish(3))
    await script.settle()
    const [busy, failed] = [socket.take('publish'), socket.take('publish')]
    socket.take('publish')
    socket.say(
      { id: busy.id, error: { code: 111, message: 'too many requests', temporary: true } },
      { id: failed.id, error: { code: 100, message: 'internal', temporary: true } },
    )
    await script.clock.advance(999)
    socket.say({ id: socket.take('publish').id, publish: {} })
    await script.clock.advance(1)
    // A server that failed may have failed after it had handed it out.
    assert.deepEqual(outcomes, [
      'failed PUBLISH_OUTCOME_UNKNOWN',
      'busy stored',
      'mute PUBLISH_OUTCOME_UNKNOWN',
    ])
    socket.assertNothing()
  })

  test('says what was refused and why, and goes on', async () => {
    const { script, socket, room } = await open()
    const outcomes: string[] = []
    const refused = room.publish(1)
    watch(outcomes, 'two', room.publish(2))
    await script.settle()
    const issues = [{ in: 'body', pointer: '/text', detail: 'too long' }]
    socket.say(
      {
        id: socket.take('publish').id,
        error: { code: 400, message: 'invalid', name: 'VALIDATION_FAILED', issues },
      },
      { id: socket.take('publish').id, publish: {} },
    )
    await assert.rejects(refused, {
      name: 'ClientError',
      code: 'REFUSED',
      message: 'invalid',
      server: { code: 400, message: 'invalid', name: 'VALIDATION_FAILED', issues },
    })
    assert.deepEqual(outcomes, ['two stored'])
  })

  test('does not know what became of it when it is refused after an attempt that may have been stored', async () => {
    const { script, socket, room } = await open()
    const outcomes: string[] = []
    watch(outcomes, 'one', room.publish(1))
    await script.settle()
    socket.say({ id: socket.take('publish').id, error: { code: 100, message: 'internal', temporary: true } })
    await script.clock.advance(script.clock.nextMs)
    socket.say({ id: socket.take('publish').id, error: { code: 400, message: 'invalid' } })
    await script.settle()
    assert.deepEqual(outcomes, ['one PUBLISH_OUTCOME_UNKNOWN'])
  })

  test('is sent again when the subscription ended before it was looked at, and refused when it may not be', async () => {
    const { script, socket, room } = await open()
    const outcomes: string[] = []
    watch(outcomes, 'one', room.publish(1))
    watch(outcomes, 'two', room.publish(2))
    await script.settle()
    const error = { code: 103, message: 'permission denied' }
    socket.push('r', { unsubscribe: { code: 2500, reason: 'insufficient state' } })
    socket.say({ id: socket.take('publish').id, error }, { id: socket.take('publish').id, error })
    await script.clock.advance(script.clock.nextMs)
    await socket.subscribe(at(0, { recovered: true }))
    assert.deepEqual([...outcomes], [])
    socket.say({ id: socket.take('publish').id, publish: {} }, { id: socket.take('publish').id, error })
    await script.settle()
    assert.deepEqual(outcomes, ['one stored', 'two REFUSED'])
  })

  test('is sent again when the server had just ended the subscription to have it renewed', async () => {
    const { script, socket, room } = await open()
    const outcomes: string[] = []
    watch(outcomes, 'early', room.publish(1))
    await script.settle()
    const early = socket.take('publish')
    const error = { code: 103, message: 'permission denied' }
    socket.say(
      { push: { channel: 'r', unsubscribe: { code: 2500, reason: 'insufficient state' } } },
      { id: early.id, error },
    )
    await script.clock.advance(script.clock.nextMs)
    await socket.subscribe(at(0, { recovered: true }))
    const again = socket.take('publish')
    assert.equal(again.key, early.key)
    assert.deepEqual([...outcomes], [])
    socket.say({ id: again.id, error })
    await script.settle()
    assert.deepEqual(outcomes, ['early REFUSED'])
  })

  test('names the one before it as long as that one has no answer', async () => {
    const { script, socket, room } = await open()
    const outcomes: string[] = []
    for (const data of [1, 2, 3]) watch(outcomes, `${data}`, room.publish(data))
    await script.settle()
    const first = [socket.take('publish'), socket.take('publish'), socket.take('publish')]
    assert.deepEqual(
      first.map(({ after }) => after),
      [undefined, first[0]!.id, first[1]!.id],
    )
    socket.say(
      { id: first[0]!.id, publish: {} },
      { id: first[1]!.id, error: { code: 100, message: 'internal server error', temporary: true } },
    )
    await script.settle()
    watch(outcomes, '4', room.publish(4))
    await script.settle()
    socket.assertNothing()
    socket.say({ id: first[2]!.id, error: { code: 111, message: 'not stored', temporary: true } })
    await script.clock.advance(script.clock.nextMs)
    const again = [socket.take('publish'), socket.take('publish'), socket.take('publish')]
    assert.deepEqual(
      again.map(({ data, after }) => [data, after]),
      [
        [2, undefined],
        [3, again[0]!.id],
        [4, again[1]!.id],
      ],
    )
    socket.say(...again.map(({ id }) => ({ id, publish: {} })))
    await script.settle()
    watch(outcomes, '5', room.publish(5))
    await script.settle()
    const last = socket.take('publish')
    assert.equal(last.after, undefined)
    socket.say({ id: last.id, publish: {} })
    await script.settle()
    assert.deepEqual(outcomes, ['1 stored', '2 stored', '3 stored', '4 stored', '5 stored'])
  })

  test('rejects what JSON cannot carry', async () => {
    const { script, socket, room } = await open()
    await assert.rejects(room.publish(1n), TypeError)
    await script.settle()
    socket.assertNothing()
  })

  test('is bounded, over all channels', async () => {
    const { script, client, socket, room } = await open({ maxOutboxItems: 2 })
    const outcomes: string[] = []
    watch(outcomes, 'one', room.publish(1))
    watch(outcomes, 'two', client.channel('other').publish(2))
    watch(outcomes, 'three', room.publish(3))
    await script.settle()
    assert.deepEqual([...outcomes], ['three OUTBOX_FULL'])
    socket.say({ id: socket.take('publish').id, publish: {} })
    watch(outcomes, 'four', room.publish(4))
    await script.settle()
    assert.deepEqual(outcomes, ['three OUTBOX_FULL', 'one stored'])
  })

  test('outlives its subscription', async () => {
    const { script, socket, room } = await open()
    const outcomes: string[] = []
    watch(outcomes, 'last', room.publish('bye'))
    room.unsubscribe()
    await assert.rejects(room.publish('too late'), { code: 'UNSUBSCRIBED' })
    await script.settle()
    const { id } = socket.take('publish')
    socket.assertNothing()
    socket.say({ id, publish: {} })
    await script.settle()
    socket.take('unsubscribe')
    assert.deepEqual(outcomes, ['last stored'])
  })

  test('ends with the connection for good, and with the client', async () => {
    const { script, client, socket, room } = await open()
    const outcomes: string[] = []
    watch(outcomes, 'sent', room.publish(1))
    await script.settle()
    socket.end(3503, 'force disconnect')
    watch(outcomes, 'late', room.publish(2))
    await script.settle()
    assert.deepEqual([...outcomes], ['sent PUBLISH_OUTCOME_UNKNOWN', 'late DISCONNECTED'])
    client.connect()
    watch(outcomes, 'queued', room.publish(3))
    client.close()
    await script.settle()
    assert.deepEqual(outcomes.slice(2), ['queued CLOSED'])
    await assert.rejects(room.publish(4), { code: 'UNSUBSCRIBED' })
  })
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, pub, Script } from './scripted-server.ts'

describe('subscriptions of one channel', () => {
  test('share one on the wire, and each gets everything once', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    const first = client.channel('r')
    first.on((data) => got.push(`first ${String(data)}`))
    await script.settle()
    await socket.subscribe(at(0))
    socket.publish('r', pub(1))
    const second = client.channel('r')
    second.on((data) => got.push(`second ${String(data)}`))
    await script.settle()
    socket.assertNothing()
    assert.equal(second.state, 'subscribed')
    socket.publish('r', pub(2))
    first.unsubscribe()
    await script.settle()
    socket.assertNothing()
    socket.publish('r', pub(3))
    second.unsubscribe()
    await script.settle()
    socket.take('unsubscribe')
    assert.deepEqual(got, ['first 1', 'first 2', 'second 2', 'second 3'])
  })

  test('that end and begin within a turn do not touch the wire and lose nothing', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    // What React does to an effect in strict mode.
    client.channel('r').unsubscribe()
    let room = client.channel('r')
    let off = room.on((data) => got.push(data))
    await script.settle()
    await socket.subscribe(at(0))
    socket.publish('r', pub(1))
    off()
    room.unsubscribe()
    room = client.channel('r')
    off = room.on((data) => got.push(data))
    socket.publish('r', pub(2))
    await script.settle()
    socket.publish('r', pub(3))
    socket.assertNothing()
    assert.deepEqual(got, [1, 2, 3])
  })

  test('lose nothing in such a turn without a connection', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    const before = client.channel('r')
    await script.settle()
    await socket.subscribe(at(5))
    socket.end()
    before.unsubscribe()
    client.channel('r').on((data) => got.push(data))
    const next = await script.nextSocket()
    await next.accept()
    assert.equal(next.commands[0]?.subscribe?.offset, 5)
    await next.subscribe(at(6, { recovered: true, publications: [pub(6)] }))
    assert.deepEqual(got, [6])
  })

  test('that begin in the past read the history until they meet the others', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r').on((data) => got.push(`live ${String(data)}`))
    await script.settle()
    await socket.subscribe(at(4))
    client
      .channel('r', {}, { since: { offset: 1, epoch: 'e' } })
      .on((data) => got.push(`late ${String(data)}`))
    await script.settle()
    const { id, since } = socket.take('history')
    assert.deepEqual(since, { offset: 1, epoch: 'e' })
    socket.publish('r', pub(5))
    socket.say({ id, history: { publications: [pub(2), pub(3)], offset: 5, epoch: 'e' } })
    await script.settle()
    const page = socket.take('history')
    assert.deepEqual(page.since, { offset: 3, epoch: 'e' })
    socket.publish('r', pub(6))
    socket.say({ id: page.id, history: { publications: [pub(4), pub(5)], offset: 5, epoch: 'e' } })
    socket.publish('r', pub(7))
    assert.deepEqual(got, [
      'live 5',
      'late 2',
      'late 3',
      'live 6',
      'late 4',
      'late 5',
      'late 6',
      'live 7',
      'late 7',
    ])
  })

  test('that begin in the past and are left alone before the server has answered lose nothing', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    const first = client.channel('r')
    await script.settle()
    client.channel('r', {}, { since: { offset: 1, epoch: 'e' } }).on((data) => got.push(data))
    await script.settle()
    first.unsubscribe()
    await script.settle()
    await socket.subscribe(at(3))
    const { id, since } = socket.take('history')
    assert.deepEqual(since, { offset: 1, epoch: 'e' })
    socket.say({ id, history: { publications: [pub(2), pub(3)], offset: 3, epoch: 'e' } })
    socket.publish('r', pub(4))
    assert.deepEqual(got, [2, 3, 4])
  })

  test('that begin in the past while the connection is away read what lies between first', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r')
    await script.settle()
    await socket.subscribe(at(3))
    socket.end()
    client.channel('r', {}, { since: { offset: 1, epoch: 'e' } }).on((data) => got.push(data))
    const next = await script.nextSocket()
    await next.accept()
    await next.subscribe(at(4, { recovered: true, publications: [pub(4)] }))
    const { id, since } = next.take('history')
    assert.deepEqual(since, { offset: 1, epoch: 'e' })
    next.say({ id, history: { publications: [pub(2), pub(3), pub(4)], offset: 4, epoch: 'e' } })
    assert.deepEqual(got, [2, 3, 4])
  })

  test('that begin in another stream are told of a gap, those that are ahead wait', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r')
    await script.settle()
    await socket.subscribe(at(4))
    const onGap = (gap: object): void => void got.push(gap)
    client.channel('r', {}, { since: { offset: 1, epoch: 'old' }, onGap })
    client.channel('r', {}, { since: { offset: 6, epoch: 'e' }, onGap }).on((data) => got.push(data))
    await script.settle()
    socket.publish('r', pub(5), pub(6), pub(7))
    assert.deepEqual(got, [{ position: { offset: 4, epoch: 'e' } }, 7])
  })
})

describe('a recovery that is too large for one reply', () => {
  test('goes on page by page, across another loss of the connection', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r', {}, { onGap: () => got.push('gap') }).on((data) => got.push(data))
    await script.settle()
    await socket.subscribe(at(0))
    socket.end()
    const second = await script.nextSocket()
    await second.accept()
    await second.subscribe(at(4, { recovered: false, was_recovering: true }))
    const first = second.take('history')
    second.say({ id: first.id, history: { publications: [pub(1), pub(2)], offset: 4, epoch: 'e' } })
    second.publish('r', pub(5))
    second.end()
    const third = await script.nextSocket()
    await third.accept()
    assert.equal(third.commands[0]?.subscribe?.offset, 5)
    await third.subscribe(at(6, { recovered: true, publications: [pub(6)] }))
    const { id, since } = third.take('history')
    assert.equal(since?.offset, 2)
    third.say({ id, history: { publications: [pub(3), pub(4), pub(5), pub(6)], offset: 6, epoch: 'e' } })
    third.publish('r', pub(7))
    assert.deepEqual(got, [1, 2, 3, 4, 5, 6, 7])
  })

  for (const [what, answer] of [
    ['is gone', { error: { code: 112, message: 'unrecoverable position' } }],
    ['may not be read', { error: { code: 103, message: 'permission denied' } }],
    ['is of another stream', { history: { publications: [], offset: 4, epoch: 'f' } }],
    ['has nothing', { history: { publications: [], offset: 4, epoch: 'e' } }],
  ] as const) {
    test(`is a gap when the history ${what}`, async () => {
      const script = new Script()
      const { client, socket } = await script.open()
      const got: unknown[] = []
      client
        .channel('r', {}, { onGap: (gap) => got.push(gap), since: { offset: 1, epoch: 'e' } })
        .on((data) => got.push(data))
      await script.settle()
      await socket.subscribe(at(4, { recovered: false }))
      const { id } = socket.take('history')
      socket.publish('r', pub(5))
      socket.say({ id, ...answer })
      socket.publish('r', pub(6))
      assert.deepEqual(got, [{ position: { offset: 5, epoch: 'e' } }, 6])
    })
  }

  test('asks again when the server cannot for now', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r', {}, { since: { offset: 1, epoch: 'e' } }).on((data) => got.push(data))
    await script.settle()
    await socket.subscribe(at(2, { recovered: false }))
    socket.say({ id: socket.take('history').id, error: { code: 111, message: 'too many', temporary: true } })
    await script.clock.advance(script.clock.nextMs)
    socket.say({ id: socket.take('history').id, history: { publications: [pub(2)], offset: 2, epoch: 'e' } })
    assert.deepEqual(got, [2])
  })

  test('leaves no timer behind', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const room = client.channel('r', {}, { since: { offset: 1, epoch: 'e' } })
    await script.settle()
    await socket.subscribe(at(2, { recovered: false }))
    const again = room.history()
    await script.settle()
    const error = { code: 111, message: 'too many', temporary: true }
    socket.say({ id: socket.take('history').id, error }, { id: socket.take('history').id, error })
    client.close()
    await assert.rejects(again, { code: 'CLOSED' })
    assert.equal(script.clock.size, 0)
  })

  test('holds so much of what comes in meanwhile, and reads the rest', async () => {
    const script = new Script()
    const { client, socket } = await script.open()
    const got: unknown[] = []
    client.channel('r', {}, { since: { offset: 0, epoch: 'e' } }).on((data) => got.push(data))
    await script.settle()
    await socket.subscribe(at(1, { recovered: false }))
    const page = socket.take('history')
    const all = Array.from({ length: 1_502 }, (_, index) => pub(index + 1))
    socket.publish('r', ...all.slice(1))
    socket.say({ id: page.id, history: { publications: all.slice(0, 1), offset: 1, epoch: 'e' } })
    await script.settle()
    const { id, since } = socket.take('history')
    assert.equal(since?.offset, 1)
    socket.say({ id, history: { publications: all.slice(1, 600), offset: 1_502, epoch: 'e' } })
    await script.settle()
    const last = socket.take('history')
    socket.say({ id: last.id, history: { publications: all.slice(600), offset: 1_502, epoch: 'e' } })
    assert.deepEqual(
      got,
      all.map(({ data }) => data),
    )
  })
})

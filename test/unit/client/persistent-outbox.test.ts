import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { acknowledge, OutboxPage } from './outbox-page.ts'
import { MemoryDevice } from './memory-device.ts'
import { at } from './scripted-server.ts'

describe('a persistent outbox', () => {
  test('writes each publish before it is sent, as sent, and forgets it when it is stored', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    const socket = await page.subscribed('e7')
    device.hold()
    page.publish('one')
    await page.settle()
    socket.assertNothing()
    assert.deepEqual(
      page.outbox.publishes.map(({ data, state, isRestored }) => [data, state, isRestored]),
      [['one', 'sent', false]],
    )
    device.release()
    await page.settle()
    const [row] = device.queue
    const now = page.script.clock.now()
    assert.deepEqual(row?.sent, { atMs: now, untilMs: now + 60_000, epoch: 'e7' })
    const { id, key, data } = socket.take('publish')
    assert.deepEqual([key, data], [row?.id, 'one'])
    assert.deepEqual(page.outcomes, [])
    socket.say({ id, publish: {} })
    await page.settle()
    assert.deepEqual(page.outcomes, ['one stored'])
    assert.equal(device.rows.size, 0)
    assert.deepEqual(page.outbox.publishes, [])
    assert.deepEqual(page.script.errors, [])
  })

  test('tells when it is written', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    await page.outbox.written()
    page.publish('one')
    page.publish('two')
    await page.outbox.written()
    assert.equal(device.rows.size, 2)
  })

  test('writes what happens in a turn in one transaction', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    const socket = await page.subscribed()
    const before = device.writes
    for (let n = 1; n <= 40; n++) page.publish(n)
    await page.settle()
    assert.equal(device.writes - before, 1)
    assert.equal(device.rows.size, 40)
    assert.equal(socket.commands.length, 32)
    assert.deepEqual(
      device.queue.map(({ sent }) => sent !== undefined),
      Array.from({ length: 40 }, (_, index) => index < 32),
    )
    assert.equal((await acknowledge(socket)).length, 40)
    assert.equal(device.rows.size, 0)
  })

  test('sends in order what was written in another', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    page.publish('one')
    const socket = await page.connected()
    // While the first is on its way to the device, the others come; then all may be sent.
    page.publish('two')
    device.hold()
    await page.settle()
    page.publish('three')
    await socket.subscribe(at(0))
    await page.settle()
    device.release()
    await page.settle()
    assert.deepEqual(await acknowledge(socket), ['one', 'two', 'three'])
  })

  test('does not send what was not written when the connection was lost, and sends it afterwards', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    const socket = await page.subscribed()
    device.hold()
    page.publish('one')
    page.publish('two')
    await page.settle()
    socket.end()
    const next = await page.script.nextSocket()
    await next.accept({ user: 'ann' })
    await next.subscribe(at(0, {}, 'another'))
    device.release()
    await page.settle()
    socket.assertNothing()
    assert.deepEqual(await acknowledge(next), ['one', 'two'])
    assert.deepEqual(page.outcomes, ['one stored', 'two stored'])
  })

  test('notes that a publish that was not looked at is only queued', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    const socket = await page.subscribed()
    page.publish('one')
    await page.settle()
    const error = { code: 111, message: 'too many requests', temporary: true }
    socket.say({ id: socket.take('publish').id, error })
    await page.settle()
    assert.deepEqual(
      device.queue.map(({ sent }) => sent),
      [undefined],
    )
    assert.equal(page.outbox.publishes[0]?.state, 'queued')
  })

  test('takes no more than it is told to', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device, { maxCharacters: 400 })
    page.publish('x'.repeat(200))
    page.publish('y'.repeat(200))
    page.publish('z')
    await page.settle()
    assert.deepEqual(page.outcomes, [`${'y'.repeat(200)} OUTBOX_FULL`])
    const socket = await page.subscribed()
    await acknowledge(socket)
    page.publish('y'.repeat(200))
    await page.settle()
    assert.equal((await acknowledge(socket)).length, 1)
  })

  test('tells of changes once a turn, and shows the same list until then', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    let changes = 0
    page.outbox.on('change', () => changes++)
    await page.subscribed()
    changes = 0
    page.publish('one')
    page.publish('two')
    const { publishes } = page.outbox
    assert.equal(page.outbox.publishes, publishes)
    assert.deepEqual(
      publishes.map(({ channel, event, createdAtMs }) => [channel, event, createdAtMs]),
      [
        ['r', undefined, page.script.clock.now()],
        ['r', undefined, page.script.clock.now()],
      ],
    )
    await page.settle()
    assert.equal(changes, 1)
  })

  test('is used by one client at a time, one after the other', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    await page.subscribed()
    assert.ok(page.outbox.isPersistent)
    assert.throws(() => page.script.connect({ outbox: page.outbox }), { code: 'OPTION_INVALID' })
    page.client.close()
    assert.ok(!page.outbox.isPersistent)
    await page.settle()
    assert.deepEqual([...device.pages.keys()], [])
    page.script.connect({ outbox: page.outbox }).close()
  })

  test('needs a browser', async () => {
    const { persistentOutbox } = await import('goweb/client/outbox')
    assert.throws(() => persistentOutbox({ user: 'ann' }), {
      code: 'OPTION_INVALID',
      message: /there is no IndexedDB here/,
    })
  })
})

describe('what a page has left', () => {
  test('is sent by the next one, once, in order and before what that publishes', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device)
    for (const n of [1, 2, 3]) first.publish(n)
    await first.settle()
    const keys = device.queue.map(({ id }) => id)
    first.device.crash()

    const second = new OutboxPage(device)
    second.publish(4)
    const socket = await second.connected()
    assert.deepEqual(
      second.outbox.publishes.map(({ data, isRestored }) => [data, isRestored]),
      [
        [1, true],
        [2, true],
        [3, true],
        [4, false],
      ],
    )
    await socket.subscribe(at(0))
    await second.settle()
    assert.deepEqual(
      socket.commands.slice(0, 3).map(({ publish }) => publish?.id),
      keys,
    )
    assert.deepEqual(await acknowledge(socket), [1, 2, 3, 4])
    assert.deepEqual(second.outcomes, [
      'restored 1 stored',
      'restored 2 stored',
      'restored 3 stored',
      '4 stored',
    ])
    assert.equal(device.rows.size, 0)
    // Nobody subscribed by hand.
    second.client.channel('r').unsubscribe()
  })

  test('is sent without a subscription of the application, which ends afterwards', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device)
    first.publish('one')
    await first.settle()
    first.device.crash()
    const second = new OutboxPage(device)
    const socket = await second.connected()
    await socket.subscribe(at(0))
    await second.settle()
    assert.deepEqual(await acknowledge(socket), ['one'])
    socket.take('unsubscribe')
  })

  test('keeps its order through several pages', async () => {
    const device = new MemoryDevice()
    for (const n of [1, 2, 3]) {
      // The clock goes back from page to page.
      const page = new OutboxPage(device, { lateMs: -1_000 * n })
      page.publish(`${n}a`)
      page.publish(`${n}b`)
      await page.settle()
      page.device.crash()
    }
    const last = new OutboxPage(device)
    const socket = await last.connected()
    await socket.subscribe(at(0))
    await last.settle()
    assert.deepEqual(await acknowledge(socket), ['1a', '1b', '2a', '2b', '3a', '3b'])
  })

  for (const [what, options, outcome] of [
    ['is sent again within its window', { lateMs: 59_999 }, 'restored one stored'],
    ['is not sent again after it', { lateMs: 60_000 }, 'restored one PUBLISH_OUTCOME_UNKNOWN'],
    ['is not sent again in another stream', { epoch: 'f' }, 'restored one PUBLISH_OUTCOME_UNKNOWN'],
    ['is not sent again when the clock was set back', { lateMs: -1 }, 'restored one PUBLISH_OUTCOME_UNKNOWN'],
  ] as const) {
    test(`and had been sent ${what}`, async () => {
      const device = new MemoryDevice()
      const first = new OutboxPage(device)
      const socket = await first.subscribed()
      first.publish('one')
      await first.settle()
      const { key } = socket.take('publish')
      first.device.crash()

      const { lateMs = 0, epoch = 'e' } = options as { lateMs?: number; epoch?: string }
      const second = new OutboxPage(device, { lateMs })
      const next = await second.connected()
      await second.script.clock.advance(0)
      if (next.commands.length > 0) await next.subscribe(at(1, {}, epoch))
      await second.settle()
      const again = next.commands[0]?.publish
      if (outcome.endsWith('stored')) assert.equal(again?.id, key)
      else assert.equal(again, undefined)
      await acknowledge(next)
      assert.deepEqual(second.outcomes, [outcome])
      assert.equal(device.rows.size, 0)
    })
  }

  test('and had been sent on a channel that keeps nothing is not sent again', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device)
    void first.client.channel('r')
    const socket = await first.connected()
    await socket.subscribe({})
    first.publish('one')
    await first.settle()
    socket.take('publish')
    first.device.crash()
    const second = new OutboxPage(device)
    await second.connected()
    await second.script.clock.advance(0)
    assert.deepEqual(second.outcomes, ['restored one PUBLISH_OUTCOME_UNKNOWN'])
  })

  test('is reported as an error when nobody listens and it is not stored', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device)
    first.publish('one')
    await first.settle()
    first.device.crash()
    const second = new OutboxPage(device, { isDeaf: true })
    const socket = await second.connected()
    socket.say({ id: socket.take('subscribe').id, error: { code: 103, message: 'permission denied' } })
    await second.settle()
    assert.deepEqual(
      second.script.errors.map((error) => (error as { code: string }).code),
      ['REFUSED'],
    )
  })

  test('is not sent when it is too old, and told', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device, { maxAgeMs: 1_000 })
    first.publish('old')
    await first.settle()
    await first.script.clock.advance(999)
    first.publish('new')
    await first.settle()
    first.device.crash()
    const second = new OutboxPage(device, { lateMs: 1_000 })
    const socket = await second.connected()
    await socket.subscribe(at(0))
    await second.settle()
    assert.deepEqual(await acknowledge(socket), ['new'])
    assert.deepEqual(second.outcomes, ['restored old OUTBOX_EXPIRED', 'restored new stored'])
    assert.equal(device.rows.size, 0)
  })

  test('does not hold up a page whose own publishes are too old', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device, { maxAgeMs: 1_000 })
    page.publish('old')
    await page.settle()
    await page.script.clock.advance(1_000)
    page.publish('new')
    const socket = await page.subscribed()
    assert.deepEqual(await acknowledge(socket), ['new'])
    assert.deepEqual(page.outcomes, ['old OUTBOX_EXPIRED', 'new stored'])
  })

  test('is deleted when it is damaged, and told', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device)
    first.publish('good')
    await first.settle()
    const [good] = device.queue
    for (const [id, damage] of Object.entries({
      a: { body: '{"channel":"r"' },
      b: { body: '{"channel":"r","id":"other"}' },
      c: { sent: { atMs: 'yesterday' } },
      d: { order: undefined },
      e: { owner: 7 },
    })) {
      device.rows.set(id, { ...good, id, ...damage })
    }
    first.device.crash()
    const second = new OutboxPage(device)
    const socket = await second.connected()
    await socket.subscribe(at(0))
    await second.settle()
    assert.deepEqual(await acknowledge(socket), ['good'])
    assert.equal(device.rows.size, 0)
    assert.deepEqual(
      second.script.errors.map((error) => (error as { code: string; message: string }).message),
      ['5 publishes of earlier pages were deleted: they are damaged'],
    )
  })

  test('for another server stays', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device)
    first.publish('one')
    await first.settle()
    const [row] = device.queue
    device.rows.set(row!.id, { ...row, url: 'ws://elsewhere/' })
    first.device.crash()
    const second = new OutboxPage(device)
    const socket = await second.connected()
    socket.assertNothing()
    assert.equal(device.rows.size, 1)
  })
})

describe('several pages', () => {
  test('each send their own', async () => {
    const device = new MemoryDevice()
    const pages = [new OutboxPage(device), new OutboxPage(device)] as const
    pages[0].publish('by one')
    pages[1].publish('by two')
    await pages[0].settle()
    const sent = []
    for (const page of pages) {
      // The second one waits a moment, for the first might be gone.
      await page.script.clock.advance(500)
      const socket = await page.subscribed()
      sent.push(await acknowledge(socket))
    }
    assert.deepEqual(sent, [['by one'], ['by two']])
    assert.equal(device.rows.size, 0)
  })

  test('take over from one that is gone, one of them, at once', async () => {
    const device = new MemoryDevice()
    const gone = new OutboxPage(device)
    const others = [new OutboxPage(device), new OutboxPage(device)]
    const sockets = await Promise.all(others.map((page) => page.subscribed()))
    for (const n of [1, 2]) gone.publish(n)
    await gone.settle()
    for (const socket of sockets) socket.assertNothing()
    gone.device.crash()
    await gone.settle()
    const sent = []
    for (const socket of sockets) sent.push(await acknowledge(socket))
    assert.deepEqual(sent.flat(), [1, 2])
    assert.ok(sent.some((all) => all.length === 0))
    assert.equal(device.rows.size, 0)
  })

  test('take over also from one that came after them and was never told of', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    const socket = await page.subscribed()
    const late = new OutboxPage(device)
    const other = await late.subscribed()
    late.publish('one')
    await late.settle()
    const { key } = other.take('publish')
    late.device.crash()
    await page.settle()
    assert.equal(socket.commands[0]?.publish?.id, key)
    assert.deepEqual(await acknowledge(socket), ['one'])
    assert.deepEqual(page.outcomes, ['restored one stored'])
  })

  test('wait for a page that seems to live, since it may just be reloading, but not for long', async () => {
    const device = new MemoryDevice()
    const first = new OutboxPage(device)
    first.publish('one')
    await first.settle()
    const second = new OutboxPage(device)
    void second.client
    await second.settle()
    assert.equal(second.script.sockets.length, 0)
    first.device.crash()
    await second.settle()
    assert.equal(second.script.sockets.length, 1)

    const third = new OutboxPage(device)
    void third.client
    await third.settle()
    assert.equal(third.script.sockets.length, 0)
    await third.script.clock.advance(500)
    assert.equal(third.script.sockets.length, 1)
  })
})

describe('users', () => {
  test('do not send what others have left, and find their own when they come back', async () => {
    const device = new MemoryDevice()
    const ann = new OutboxPage(device)
    ann.publish('by Ann')
    await ann.settle()
    ann.device.crash()

    const bob = new OutboxPage(device, { user: 'bob' })
    const socket = await bob.connected('bob')
    await bob.settle()
    socket.assertNothing()
    assert.deepEqual(bob.outbox.publishes, [])
    bob.device.crash()

    const back = new OutboxPage(device)
    const next = await back.connected()
    await next.subscribe(at(0))
    await back.settle()
    assert.deepEqual(await acknowledge(next), ['by Ann'])
  })

  test('leave nothing for servers that are not there any more', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device, { maxAgeMs: 1_000 })
    page.publish('one')
    await page.outbox.written()
    const [row] = device.queue
    device.rows.set(row!.id, { ...row, url: 'ws://elsewhere/' })
    page.device.crash()
    await new OutboxPage(device, { lateMs: 1_000 }).connected()
    assert.equal(device.rows.size, 0)
  })

  test('who do not come back in time leave nothing', async () => {
    const device = new MemoryDevice()
    const ann = new OutboxPage(device, { maxAgeMs: 1_000 })
    ann.publish('by Ann')
    await ann.settle()
    ann.device.crash()
    await new OutboxPage(device, { user: 'bob', lateMs: 999 }).connected('bob')
    assert.equal(device.rows.size, 1)
    await new OutboxPage(device, { user: 'bob', lateMs: 1_000 }).connected('bob')
    assert.equal(device.rows.size, 0)
  })

  for (const [what, user] of [
    ['another', 'bob'],
    ['nobody', undefined],
  ] as const) {
    test(`are not mixed up when the server takes the connection for ${what}'s`, async () => {
      const device = new MemoryDevice()
      const page = new OutboxPage(device)
      const states: unknown[] = []
      page.client.on('state', ({ state, code }) => states.push([state, code]))
      page.publish('by Ann')
      const socket = await page.connected(user ?? '')
      await page.settle()
      socket.assertNothing()
      assert.ok(socket.isClosed)
      assert.deepEqual(states, [['disconnected', 7]])
      assert.equal(device.rows.size, 1)
      // Ann is back.
      page.client.connect()
      const next = await page.script.socket(2)
      await next.accept({ user: 'ann' })
      await next.subscribe(at(0))
      await page.settle()
      assert.deepEqual(await acknowledge(next), ['by Ann'])
      assert.deepEqual(page.outcomes, ['by Ann stored'])
    })
  }

  test('may be anonymous', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device, { user: '' })
    page.publish('one')
    const socket = await page.connected('')
    await socket.subscribe(at(0))
    await page.settle()
    assert.deepEqual(await acknowledge(socket), ['one'])
  })
})

describe('clearing', () => {
  test('forgets what waits, in all pages of the user', async () => {
    const device = new MemoryDevice()
    const [one, two] = [new OutboxPage(device), new OutboxPage(device)] as const
    const socket = await one.subscribed()
    one.publish('sent')
    one.publish('queued', 'other')
    await one.settle()
    two.publish('elsewhere')
    await one.settle()
    socket.take('subscribe')
    socket.take('publish')
    const bob = new OutboxPage(device, { user: 'bob' })
    bob.publish('by Bob')
    await bob.settle()
    await one.outbox.clear()
    await one.settle()
    assert.deepEqual(one.outcomes, ['sent PUBLISH_OUTCOME_UNKNOWN', 'queued OUTBOX_CLEARED'])
    assert.deepEqual(two.outcomes, ['elsewhere OUTBOX_CLEARED'])
    assert.deepEqual(
      device.queue.map(({ user }) => user),
      ['bob'],
    )
    one.publish('afterwards')
    await one.settle()
    assert.equal(socket.commands.at(-1)?.publish?.data, 'afterwards')
  })

  test('holds for a page that has not heard of it', async () => {
    const device = new MemoryDevice()
    device.isQuiet = true
    const page = new OutboxPage(device)
    page.publish('one')
    await page.settle()
    await new OutboxPage(device).outbox.clear()
    const socket = await page.subscribed()
    socket.assertNothing()
    assert.deepEqual(page.outcomes, ['one OUTBOX_CLEARED'])
  })

  test('also works after the client, and says when it does not', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    page.publish('one')
    await page.settle()
    page.client.close()
    await page.settle()
    assert.deepEqual(page.outcomes, ['one CLOSED'])
    assert.equal(device.rows.size, 1)
    device.fault = () => {
      throw new TypeError('the disk is gone')
    }
    await assert.rejects(page.outbox.clear(), { code: 'OUTBOX_STORAGE_FAILED' })
    const failing = new OutboxPage(device)
    await failing.connected()
    await assert.rejects(failing.outbox.clear(), { code: 'OUTBOX_STORAGE_FAILED' })
    device.fault = undefined
    const other = new OutboxPage(device)
    await other.connected()
    device.fault = () => {
      throw new TypeError('the disk is gone')
    }
    await assert.rejects(other.outbox.clear(), { code: 'OUTBOX_STORAGE_FAILED' })
    device.fault = undefined
    await page.outbox.clear()
    assert.equal(device.rows.size, 0)
  })
})

describe('the end of a connection or client', () => {
  test('does not end what waits, when the application can connect again', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    const socket = await page.subscribed()
    socket.end(3500, 'invalid token')
    page.publish('one')
    await page.settle()
    assert.equal(page.client.state, 'disconnected')
    assert.deepEqual(page.outcomes, [])
    page.client.connect()
    const next = await page.script.socket(2)
    await next.accept({ user: 'ann' })
    await next.subscribe(at(0, { recovered: true }))
    await page.settle()
    assert.deepEqual(await acknowledge(next), ['one'])
    assert.deepEqual(page.outcomes, ['one stored'])
  })

  test('leaves what waits to the next client', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    page.publish('one')
    page.client.close()
    await page.settle()
    assert.deepEqual(page.outcomes, ['one CLOSED'])
    const next = new OutboxPage(device)
    const socket = await next.connected()
    await socket.subscribe(at(0))
    await next.settle()
    assert.deepEqual(await acknowledge(socket), ['one'])
  })

  test('does end what the server does not want', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    page.publish('one')
    const socket = await page.connected()
    socket.say({ id: socket.take('subscribe').id, error: { code: 103, message: 'permission denied' } })
    await page.settle()
    assert.deepEqual(page.outcomes, ['one REFUSED'])
    assert.equal(device.rows.size, 0)
  })
})

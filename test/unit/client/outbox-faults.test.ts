import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OutboxRows } from '../../../src/client/outbox-device.ts'
import { acknowledge, OutboxPage } from './outbox-page.ts'
import { MemoryDevice } from './memory-device.ts'

/** Checks that the application was told once, and of nothing else. */
function assertTold(page: OutboxPage, ...messages: RegExp[]): void {
  const errors = page.script.errors as { code: string; message: string }[]
  assert.equal(errors.length, messages.length, JSON.stringify(errors))
  for (const [index, message] of messages.entries()) {
    assert.equal(errors[index]?.code, 'OUTBOX_STORAGE_FAILED')
    assert.match(errors[index].message, message)
  }
}

const MEMORY_ONLY = /^Publishes are kept in memory only and do not survive the page: /

describe('a publish that is being noted while the one before it fails', () => {
  test('does not overtake it', async () => {
    const page = new OutboxPage(new MemoryDevice())
    const socket = await page.subscribed()
    page.publish('one')
    await page.settle()
    const one = socket.take('publish')
    page.publish('two')
    socket.say({ id: one.id, error: { code: 100, message: 'internal server error', temporary: true } })
    await page.settle()
    socket.assertNothing()
    await page.script.clock.advance(page.script.clock.nextMs)
    await page.settle()
    assert.deepEqual(await acknowledge(socket), ['one', 'two'])
    assert.deepEqual(page.outcomes, ['one stored', 'two stored'])
  })
})

describe('an outbox whose device', () => {
  test('cannot be opened keeps publishes in memory, and says so', async () => {
    const device = new MemoryDevice()
    device.fault = () => {
      throw new TypeError('not here')
    }
    const page = new OutboxPage(device)
    page.publish('one')
    const socket = await page.subscribed()
    assert.ok(!page.outbox.isPersistent)
    assert.deepEqual(await acknowledge(socket), ['one'])
    page.publish('two')
    await page.settle()
    assert.deepEqual(await acknowledge(socket), ['two'])
    assert.deepEqual(page.outcomes, ['one stored', 'two stored'])
    assertTold(page, MEMORY_ONLY)
  })

  test('does not answer is not waited for any longer, and left when it does', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    let open: (rows: OutboxRows) => void = () => {}
    page.device.opening = new Promise((resolve) => (open = resolve))
    page.publish('one')
    await page.script.clock.advance(2_999)
    assert.equal(page.script.sockets.length, 0)
    await page.script.clock.advance(1)
    const socket = await page.subscribed()
    assert.deepEqual(await acknowledge(socket), ['one'])
    assertTold(page, MEMORY_ONLY)
    let isClosed = false
    open({ ...page.device.rows(), close: () => (isClosed = true) })
    await page.settle()
    assert.ok(isClosed)
  })

  test('has no room keeps what is too much in memory, and the rest', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    page.publish('one')
    await page.settle()
    device.fault = (_, changes) => {
      if (changes?.added.length) throw new RangeError('quota exceeded')
    }
    page.publish('two')
    await page.settle()
    assertTold(page, /^1 publishes are kept in memory only and do not survive the page: RangeError/)
    device.fault = undefined
    page.publish('three')
    await page.settle()
    assert.equal(device.rows.size, 2)
    assert.ok(page.outbox.isPersistent)
    const socket = await page.subscribed()
    assert.deepEqual(await acknowledge(socket), ['one', 'two', 'three'])
    assert.equal(device.rows.size, 0)
  })

  test('breaks sends nothing that others would send again', async () => {
    const device = new MemoryDevice()
    const page = new OutboxPage(device)
    page.publish('kept')
    await page.settle()
    device.fault = (operation) => {
      if (operation === 'write') throw new TypeError('the disk is gone')
    }
    page.publish('new')
    const socket = await page.subscribed()
    assert.deepEqual(await acknowledge(socket), ['new'])
    assert.deepEqual(page.outcomes, ['kept PUBLISH_OUTCOME_UNKNOWN', 'new stored'])
    assert.ok(!page.outbox.isPersistent)
    assertTold(page, /^1 publishes are kept in memory only/, MEMORY_ONLY)

    device.fault = undefined
    const other = new OutboxPage(device)
    const next = await other.subscribed()
    assert.deepEqual(await acknowledge(next), ['kept'])
  })

  test('fails while it takes over says so, and tries again with the next page', async () => {
    const device = new MemoryDevice()
    const gone = new OutboxPage(device)
    gone.publish('one')
    await gone.settle()
    gone.device.crash()
    let times = 0
    device.fault = (operation) => {
      if (operation === 'revise' && ++times === 2) throw new TypeError('busy')
    }
    const page = new OutboxPage(device)
    await page.subscribed()
    assert.equal(times, 2)
    assertTold(page, /^What another page has left could not be taken over: TypeError: busy/)
    assert.ok(page.outbox.isPersistent)
    page.device.crash()
    const next = new OutboxPage(device)
    const socket = await next.subscribed()
    assert.deepEqual(await acknowledge(socket), ['one'])
  })
})

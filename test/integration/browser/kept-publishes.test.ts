import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import { KeptSite, KeptVisitor, newDevice } from './kept-site.ts'
import { launchChromium } from './launch-chromium.ts'

const site = await KeptSite.open()
const { network } = site
const browser = await launchChromium()
afterEach(() => network.mend())
after(async () => {
  await browser.close()
  await site.close()
})

const OPEN_NEWER = `new Promise((resolve, reject) => {
  const request = indexedDB.open('goweb-outbox', 2)
  request.onerror = () => reject(request.error)
  request.onsuccess = () => resolve(request.result.close())
})`

const WITHOUT_LOCKS = `Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })`

describe('a tab that is reloaded', () => {
  test('with unsent messages sends them, once, in order, before new ones', async () => {
    const device = await newDevice(browser)
    network.cut()
    const tab = await KeptVisitor.open(site, device, { user: 'ann' })
    await tab.publishKept('reload', 'one', 'two', 'three')
    await tab.reload()
    await tab.publish('reload', 'four')
    await tab.sees({ waiting: ['one queued', 'two queued', 'three queued', 'four queued'] })
    assert.deepEqual(await site.stored('reload'), [])
    await tab.reload()
    network.mend()
    await tab.sees({
      outcomes: [
        'restored one stored',
        'restored two stored',
        'restored three stored',
        'restored four stored',
      ],
      waiting: [],
    })
    assert.deepEqual(await site.stored('reload'), ['one', 'two', 'three', 'four'])
    // Else the next page finds what this one had no time to take off the device, and sends it again.
    await tab.empty()
    await tab.reload()
    await tab.publish('reload', 'five')
    await tab.sees({ outcomes: ['five stored'], errors: [] })
    assert.deepEqual(await site.stored('reload'), ['one', 'two', 'three', 'four', 'five'])
    await tab.empty()
    await device.close()
  })

  test('before the answer to a message has come does not send it twice, or says that it does not know', async () => {
    const device = await newDevice(browser)
    const tab = await KeptVisitor.open(site, device, { user: 'ann' })
    await tab.publish('answer', 'first')
    await tab.sees({ outcomes: ['first stored'] })
    network.lose('answers')
    await tab.publish('answer', 'stored')
    await tab.sees({ waiting: ['stored sent'] })
    await site.storing('answer', 2)
    network.cut()
    await tab.reload()
    network.mend()
    await tab.sees({ outcomes: ['restored stored stored'], waiting: [] })
    assert.deepEqual(await site.stored('answer'), ['first', 'stored'])

    await tab.publish('answer', 'before')
    await tab.sees({ outcomes: ['restored stored stored', 'before stored'] })
    network.lose('requests')
    // What the device does not know as sent was not sent, and the next page would.
    await tab.publishKept('answer', 'lost')
    await tab.sees({ waiting: ['lost sent'] })
    network.cut()
    await site.app.channels.removeHistory('rooms/answer')
    await tab.reload()
    network.mend()
    await tab.sees({ outcomes: ['restored lost PUBLISH_OUTCOME_UNKNOWN'], waiting: [], errors: [] })
    assert.deepEqual(await site.stored('answer'), [])
    await device.close()
  })
})

describe('two tabs', () => {
  test('each send their own, and one what the other had when it crashed', async () => {
    const device = await newDevice(browser)
    const ann = { user: 'ann' }
    const one = await KeptVisitor.open(site, device, ann)
    const two = await KeptVisitor.open(site, device, ann)
    await one.publish('tabs', 'one 1')
    await two.publish('tabs', 'two 1')
    await one.sees({ outcomes: ['one 1 stored'] })
    await two.sees({ outcomes: ['two 1 stored'] })
    // One message was sent, and nobody knows whether it arrived.
    network.lose('answers')
    await one.publish('tabs', 'one 2')
    await one.sees({ waiting: ['one 2 sent'] })
    await site.storing('tabs', 3)
    network.cut()
    await one.publishKept('tabs', 'one 3', 'one 4')
    await two.publishKept('tabs', 'two 2')
    await two.sees({ waiting: ['two 2 queued'] })
    await one.crash()
    await two.sees({ waiting: ['one 2 sent', 'one 3 queued', 'one 4 queued', 'two 2 queued'] })
    network.mend()
    await two.sees({
      outcomes: [
        'two 1 stored',
        'restored one 2 stored',
        'restored one 3 stored',
        'restored one 4 stored',
        'two 2 stored',
      ],
      waiting: [],
      errors: [],
    })
    const stored = await site.stored('tabs')
    assert.deepEqual(stored.slice(2), ['one 2', 'one 3', 'one 4', 'two 2'])
    await two.empty()
    await device.close()
  })

  test('of which one is closed in time, or both: nothing is lost and nothing doubled', async () => {
    const device = await newDevice(browser)
    network.cut()
    const tabs = await Promise.all([1, 2, 3].map(() => KeptVisitor.open(site, device, { user: 'ann' })))
    for (const [index, tab] of tabs.entries()) await tab.publishKept('closed', `${index}a`, `${index}b`)
    await tabs[0]!.page.close()
    await tabs[1]!.page.close()
    await tabs[2]!.close()
    const next = await Promise.all([1, 2].map(() => KeptVisitor.open(site, device, { user: 'ann' })))
    network.mend()
    const outcomesOf = (): Promise<readonly (readonly string[])[]> =>
      Promise.all(next.map(async (tab) => (await tab.state()).outcomes))
    let outcomes = await outcomesOf()
    // Pages that find the rows late tell of them late.
    for (let turns = 0; outcomes.flat().length < 6 && turns < 400; turns++) {
      await next[0]!.page.waitForTimeout(50)
      outcomes = await outcomesOf()
    }
    await next[0]!.empty()
    for (const tab of next) await tab.sees({ waiting: [], errors: [] })
    const all = ['0a', '0b', '1a', '1b', '2a', '2b']
    assert.deepEqual(
      outcomes.flat().toSorted(),
      all.map((text) => `restored ${text} stored`),
    )
    assert.deepEqual((await site.stored('closed')).map(String).toSorted(), all)
    await device.close()
  })
})

describe('after a logout', () => {
  test('nothing of the first user is sent for another, and it is there when they come back', async () => {
    const device = await newDevice(browser)
    network.cut()
    const tab = await KeptVisitor.open(site, device, { user: 'ann' })
    await tab.publishKept('users', 'by Ann')
    await tab.reload({ user: 'bob' })
    network.mend()
    await tab.publish('users', 'by Bob')
    await tab.sees({ outcomes: ['by Bob stored'], waiting: [] })
    assert.deepEqual(await site.stored('users'), ['by Bob'])
    await tab.reload({ user: 'ann' })
    await tab.sees({ outcomes: ['restored by Ann stored'] })
    assert.deepEqual(await site.stored('users'), ['by Bob', 'by Ann'])
    await device.close()
  })

  test('a page that does not know of it sends nothing as the other user', async () => {
    const device = await newDevice(browser)
    const tab = await KeptVisitor.open(site, device, { user: 'ann', token: 'bob' })
    await tab.publish('mixed', 'by Ann')
    await tab.sees({ connection: 'disconnected 7', waiting: ['by Ann queued'], errors: [] })
    assert.deepEqual(await site.stored('mixed'), [])
    await device.close()
  })

  test('that clears the outbox nothing is sent at all, by no tab', async () => {
    const device = await newDevice(browser)
    network.cut()
    const one = await KeptVisitor.open(site, device, { user: 'ann' })
    const two = await KeptVisitor.open(site, device, { user: 'ann' })
    await one.publishKept('cleared', 'one')
    await two.publishKept('cleared', 'two')
    assert.equal(await one.clear(), '')
    await one.sees({ outcomes: ['one OUTBOX_CLEARED'], waiting: [] })
    await two.sees({ outcomes: ['two OUTBOX_CLEARED'], waiting: [] })
    await one.empty()
    network.mend()
    await two.publish('cleared', 'three')
    await two.sees({ outcomes: ['two OUTBOX_CLEARED', 'three stored'] })
    assert.deepEqual(await site.stored('cleared'), ['three'])
    await device.close()
  })
})

describe('a browser that cannot keep publishes', () => {
  test('any more, or at all, since a newer page has changed their form, sends them from memory', async () => {
    const device = await newDevice(browser)
    const tab = await KeptVisitor.open(site, device, { user: 'ann' })
    await tab.publish('newer', 'one')
    await tab.sees({ outcomes: ['one stored'], isPersistent: true })
    // It is not kept from opening the database.
    await tab.page.evaluate(OPEN_NEWER)
    await tab.publish('newer', 'two')
    await tab.sees({ outcomes: ['one stored', 'two stored'], isPersistent: false })
    await tab.reload()
    await tab.publish('newer', 'three', 'four')
    await tab.sees({
      outcomes: ['three stored', 'four stored'],
      waiting: [],
      errors: ['OUTBOX_STORAGE_FAILED'],
      isPersistent: false,
    })
    assert.deepEqual(await site.stored('newer'), ['one', 'two', 'three', 'four'])
    await device.close()
  })

  test('since it has no locks for pages without TLS sends them from memory', async () => {
    const device = await newDevice(browser)
    const tab = await KeptVisitor.open(site, device, { user: 'ann' }, WITHOUT_LOCKS)
    await tab.publish('plain', 'one')
    await tab.sees({ outcomes: ['one stored'], errors: ['OUTBOX_STORAGE_FAILED'], isPersistent: false })
    await device.close()
  })

  test('for want of room sends from memory what is too much', async () => {
    const device = await newDevice(browser)
    const tab = await KeptVisitor.open(site, device, { user: 'ann' })
    const session = await device.newCDPSession(tab.page)
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.address, quotaSize: 1 })
    const text = 'x'.repeat(50_000)
    await tab.publish('full', text, text)
    await tab.sees({ outcomes: [`${text} stored`, `${text} stored`], errors: ['OUTBOX_STORAGE_FAILED'] })
    assert.equal((await site.stored('full')).length, 2)
    await session.send('Storage.overrideQuotaForOrigin', { origin: site.address })
    await device.close()
  })
})

test('rows that are damaged are deleted, told, and keep nothing else from being sent', async () => {
  const device = await newDevice(browser)
  network.cut()
  const tab = await KeptVisitor.open(site, device, { user: 'ann' })
  await tab.publishKept('damaged', 'good')
  await tab.page.evaluate(`new Promise((resolve, reject) => {
    const request = indexedDB.open('goweb-outbox')
    request.onsuccess = () => {
      const transaction = request.result.transaction('publishes', 'readwrite')
      transaction.objectStore('publishes').put({ id: 'x', user: 'ann', url: 7, body: '{' })
      transaction.oncomplete = () => resolve(request.result.close())
      transaction.onabort = () => reject(transaction.error)
    }
  })`)
  await tab.reload()
  network.mend()
  await tab.sees({
    outcomes: ['restored good stored'],
    errors: ['OUTBOX_STORAGE_FAILED'],
    isPersistent: true,
  })
  await tab.empty()
  assert.deepEqual(await site.stored('damaged'), ['good'])
  await device.close()
})

test('a user who does not come back leaves nothing', async () => {
  const device = await newDevice(browser)
  network.cut()
  const tab = await KeptVisitor.open(site, device, { user: 'ann' })
  await tab.publishKept('expired', 'by Ann')
  await tab.page.clock.install()
  await tab.reload({ user: 'bob' })
  assert.equal(await tab.rows(), 1)
  await tab.page.clock.fastForward('24:00:00')
  await tab.page.reload()
  await tab.page.clock.fastForward('24:00:00')
  await tab.start({ user: 'bob' })
  network.mend()
  await tab.publish('expired', 'by Bob')
  await tab.page.clock.resume()
  await tab.sees({ outcomes: ['by Bob stored'] })
  await tab.empty()
  await device.close()
})

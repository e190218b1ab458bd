import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { KeptSite, KeptVisitor, newDevice } from './kept-site.ts'
import { launchChromium } from './launch-chromium.ts'

const site = await KeptSite.open()
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await site.close()
})

const OPEN_NEWER = `new Promise((resolve, reject) => {
  const request = indexedDB.open('goweb-outbox', 2)
  request.onerror = () => reject(request.error)
  request.onsuccess = () => resolve(request.result.close())
})`

describe('a browser that cannot keep publishes', () => {
  for (const [what, prepare] of [
    ['because it has them in a newer form', OPEN_NEWER],
    [
      'because the page has no TLS',
      `Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })`,
    ],
  ] as const) {
    test(`${what} sends them from memory, and says so`, async () => {
      const device = await newDevice(browser)
      const tab = await KeptVisitor.open(site, device, { user: 'ann' }, prepare)
      await tab.publish(what, 'one', 'two')
      await tab.sees({
        outcomes: ['one stored', 'two stored'],
        waiting: [],
        errors: ['OUTBOX_STORAGE_FAILED'],
        isPersistent: false,
      })
      assert.deepEqual(await site.stored(encodeURIComponent(what)), ['one', 'two'])
      await device.close()
    })
  }

  test('any more, since a newer page has changed their form, sends new ones from memory', async () => {
    const device = await newDevice(browser)
    const tab = await KeptVisitor.open(site, device, { user: 'ann' })
    await tab.publish('newer', 'one')
    await tab.sees({ outcomes: ['one stored'], isPersistent: true })
    // It is not kept from opening the database.
    await tab.page.evaluate(OPEN_NEWER)
    await tab.publish('newer', 'two')
    await tab.sees({ outcomes: ['one stored', 'two stored'], isPersistent: false })
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
  site.network.cut()
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
  site.network.mend()
  await tab.sees({
    outcomes: ['restored good stored'],
    errors: ['OUTBOX_STORAGE_FAILED'],
    isPersistent: true,
  })
  assert.equal(await tab.rows(), 0)
  assert.deepEqual(await site.stored('damaged'), ['good'])
  await device.close()
})

test('a user who does not come back leaves nothing', async () => {
  const device = await newDevice(browser)
  site.network.cut()
  const tab = await KeptVisitor.open(site, device, { user: 'ann' })
  await tab.publishKept('expired', 'by Ann')
  await tab.page.clock.install()
  await tab.reload({ user: 'bob' })
  assert.equal(await tab.rows(), 1)
  await tab.page.clock.fastForward('24:00:00')
  await tab.page.reload()
  await tab.page.clock.fastForward('24:00:00')
  await tab.start({ user: 'bob' })
  site.network.mend()
  await tab.publish('expired', 'by Bob')
  await tab.page.clock.resume()
  await tab.sees({ outcomes: ['by Bob stored'] })
  assert.equal(await tab.rows(), 0)
  await device.close()
})

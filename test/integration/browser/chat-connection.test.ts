import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import { ChatClient } from '../examples/chat-client.ts'
import { ExampleProcess } from '../examples/example-process.ts'
import { chatFront } from './chat-front.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { CutProxy } from './cut-proxy.ts'
import { launchChromium } from './launch-chromium.ts'

const server = ExampleProcess.start('chat')
const port = await server.ready()
const front = await chatFront(port)
const network = await CutProxy.open(front.port, front.url)
const browser = await launchChromium()
afterEach(() => network.mend())
after(async () => {
  await browser.close()
  await network.close()
  await front.close()
  await server.kill()
})

const MAY_BE_MISSING = 'Messages sent while you were away may be missing'

async function enter(name: string, room: string, home = front.url): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, home)).join(name, room)
}

/** Checks that all pages show the same messages: each text once, those of one writer in the order of writing. */
async function assertSame(visitors: readonly ChatVisitor[], ...written: readonly string[][]): Promise<void> {
  const [shown = [], ...others] = await Promise.all(visitors.map((visitor) => visitor.texts()))
  for (const other of others) assert.deepEqual(other, shown)
  assert.deepEqual(shown.toSorted(), written.flat().toSorted())
  for (const texts of written) {
    assert.deepEqual(
      shown.filter((text) => texts.includes(text)),
      texts,
    )
  }
  for (const { page } of visitors) {
    assert.equal(await page.locator('#pending .message').count(), 0)
    assert.equal(await page.getByText(MAY_BE_MISSING).count(), 0)
  }
}

describe('while the device is offline', () => {
  test('what is written waits, what others write is caught up with, and nothing is lost or doubled', async () => {
    const ada = await enter('Ada', 'offline')
    const lin = await enter('Lin', 'offline')
    await lin.say('Lin 1')
    await ada.hears('Lin 1')
    const session = await ada.page.context().newCDPSession(ada.page)
    const setOffline = (offline: boolean): Promise<unknown> =>
      session.send('Network.emulateNetworkConditions', {
        offline,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
      })
    await session.send('Network.enable')
    await setOffline(true)
    await ada.sees('Offline')
    await ada.sees('This device is offline. What you send waits here until it is back.')
    await ada.sees('Waiting for the connection')
    await lin.sees('Ada left')

    await ada.write('Ada 1')
    await lin.say('Lin 2')
    await ada.write('Ada 2')
    await lin.say('Lin 3')
    const waiting = ada.page.locator('#pending .is-waiting')
    assert.deepEqual(await waiting.locator('.bubble').allTextContents(), ['Ada 1', 'Ada 2'])
    assert.match((await waiting.first().locator('.note').textContent()) ?? '', /Waiting for the connection/)
    assert.deepEqual(await ada.texts(), ['Lin 1'])

    await setOffline(false)
    await ada.sees('Online')
    await lin.sees('Ada joined')
    for (const visitor of [ada, lin]) {
      await visitor.hears('Ada 2')
      await visitor.hears('Lin 3')
    }
    await ada.settled()
    await lin.seesPeople('Lin', 'Ada')
    await ada.seesPeople('Ada', 'Lin')
    await assertSame([ada, lin], ['Ada 1', 'Ada 2'], ['Lin 1', 'Lin 2', 'Lin 3'])
    await leave(ada, lin)
  })

  test('the page asks before it is left with messages that wait', async () => {
    const ada = await enter('Ada', 'reload')
    await ada.page.context().setOffline(true)
    await ada.sees('Offline')
    await ada.write('not yet')
    const asked = ada.page.waitForEvent('dialog')
    const closed = ada.page.close({ runBeforeUnload: true })
    const dialog = await asked
    assert.equal(dialog.type(), 'beforeunload')
    await dialog.dismiss()
    await closed
    await ada.page.context().setOffline(false)
    await ada.hears('not yet')
    await ada.settled()
    await leave(ada)
  })

  test('more is said than the room keeps: the page says so, and goes on from there', async () => {
    const ada = await enter('Ada', 'too-long')
    await ada.say('before')
    await ada.page.context().setOffline(true)
    await ada.sees('Offline')
    await ada.write('meanwhile')
    const crowd = await Promise.all(
      Array.from({ length: 11 }, (_, n) => ChatClient.enter(port, { room: 'too-long', name: `Sam ${n}` })),
    )
    await Promise.all(
      crowd.map(async (sam, index) => {
        for (let n = 0; n < 95; n++) await sam.say(`${index} says ${n}.`)
      }),
    )
    const last = await crowd[0]?.say('the last one')
    assert.equal(last, undefined)
    await ada.page.context().setOffline(false)
    await ada.sees(MAY_BE_MISSING)
    await ada.hears('meanwhile')
    await ada.settled()
    const texts = await ada.texts()
    assert.deepEqual([texts[0], texts.at(-2), texts.at(-1)], ['before', 'the last one', 'meanwhile'])
    assert.equal(new Set(texts).size, texts.length)
    const line = ada.page.locator('#log > li', { hasText: MAY_BE_MISSING })
    assert.match((await line.locator('xpath=following-sibling::li[1]').textContent()) ?? '', / says \d+\./)
    for (const sam of crowd) sam.leave()
    await leave(ada)
  })
})

describe('when connections break', () => {
  test('again and again while both write, each message is there once, in the order of its writer', async () => {
    const ada = await enter('Ada', 'breaks', network.address)
    const lin = await enter('Lin', 'breaks', network.address)
    const texts = (name: string): string[] => Array.from({ length: 12 }, (_, n) => `${name} says ${n}.`)
    const write = async (visitor: ChatVisitor, lines: readonly string[]): Promise<void> => {
      for (const line of lines) await visitor.write(line)
    }
    const byAda = texts('Ada')
    const byLin = texts('Lin')
    for (let round = 0; round < 3; round++) {
      const part = [4 * round, 4 * round + 4] as const
      const writing = Promise.all([write(ada, byAda.slice(...part)), write(lin, byLin.slice(...part))])
      network.cut()
      for (const visitor of [ada, lin]) await visitor.sees('Reconnecting…')
      await writing
      network.mend()
      for (const visitor of [ada, lin]) await visitor.sees('Online')
    }
    for (const visitor of [ada, lin]) {
      await visitor.hears(byAda.at(-1) ?? '')
      await visitor.hears(byLin.at(-1) ?? '')
      await visitor.settled()
    }
    await assertSame([ada, lin], byAda, byLin)
    await leave(ada, lin)
  })

  test('a message that did not arrive is shown as being sent, and arrives afterwards', async () => {
    const ada = await enter('Ada', 'lost', network.address)
    const lin = await enter('Lin', 'lost')
    network.lose('requests')
    await ada.write('there?')
    await ada.page.locator('#pending .is-sending').waitFor()
    assert.deepEqual(await ada.texts(), [])
    network.cut()
    await ada.page.locator('#pending .is-waiting').waitFor()
    await ada.sees('The connection was lost. What you send waits here until it is back.')
    network.mend()
    await lin.hears('there?')
    await ada.hears('there?')
    await ada.settled()
    await assertSame([ada, lin], ['there?'])
    await leave(ada, lin)
  })

  test('a message that arrived, although its answer did not, is not shown twice to anybody', async () => {
    const ada = await enter('Ada', 'arrived', network.address)
    const lin = await enter('Lin', 'arrived')
    network.lose('answers')
    await ada.write('there?')
    await lin.hears('there?')
    await ada.page.locator('#pending .is-sending').waitFor()
    network.cut()
    await ada.sees('Reconnecting…')
    network.mend()
    await ada.hears('there?')
    await ada.settled()
    await lin.say('yes')
    await ada.hears('yes')
    await assertSame([ada, lin], ['there?'], ['yes'])
    await leave(ada, lin)
  })
})

test('a tab that is killed has left what it had sent, and comes back to it', async () => {
  const ada = await enter('Ada', 'killed')
  const lin = await enter('Lin', 'killed')
  await lin.say('one')
  await ada.hears('one')
  const session = await lin.page.context().newCDPSession(lin.page)
  const crashed = lin.page.waitForEvent('crash')
  session.send('Page.crash').catch(() => {}) // There is nobody left to answer.
  await crashed
  await ada.sees('Lin left')
  await ada.say('two')

  const back = new ChatVisitor(await lin.page.context().newPage())
  await back.page.goto(`${front.url}/rooms/killed`)
  await back.sees('Online')
  await ada.sees('Lin joined')
  await back.say('three')
  await ada.hears('three')
  await assertSame([ada, back], ['one', 'three'], ['two'])
  await leave(ada, back)
})

import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ChatClient } from '../examples/chat-client.ts'
import { ExampleProcess } from '../examples/example-process.ts'
import { chatFront } from './chat-front.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { launchChromium } from './launch-chromium.ts'

const server = ExampleProcess.start('chat')
const port = await server.ready()
const front = await chatFront(port)
const home = front.url
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await front.close()
  await server.kill()
})

async function enter(name: string, room: string): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, home)).join(name, room)
}

/** Fills a room with messages `0.`, `1.`, … */
async function fill(room: string, count: number): Promise<void> {
  const sam = await ChatClient.enter(port, { room, name: 'Sam' })
  for (let n = 0; n < count; n++) await sam.say(`${n}.`)
  sam.leave()
}

const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `${from + n}.`)

describe('who enters', () => {
  test('sees the last messages, and earlier ones when scrolling back, where they belong', async () => {
    await fill('long', 130)
    const ada = await enter('Ada', 'long')
    assert.deepEqual(await ada.texts(), numbers(80, 130))
    await ada.say('hello')

    // In one go, so that nothing is loaded in between.
    const first = await ada.hears('80.')
    const before = await first.evaluate((item) => {
      item.closest('#scroller')?.scrollTo({ top: 40 })
      return item.getBoundingClientRect().top
    })
    await ada.hears('30.')
    assert.ok(Math.abs(((await first.boundingBox())?.y ?? Number.NaN) - before) < 3)
    await ada.page.locator('#scroller').evaluate((box) => box.scrollTo({ top: 0 }))
    await ada.page.locator('#older').waitFor({ state: 'hidden' })
    assert.deepEqual(await ada.texts(), [...numbers(0, 130), 'hello'])
    assert.equal(await ada.page.locator('#log .day').count(), 1)
    assert.equal(await ada.page.locator('#log .message:not(.follows):not(.is-own)').count(), 3)
    await leave(ada)
  })

  test('can ask for earlier messages with a key, and is told where they end', async () => {
    await fill('keys', 60)
    const ada = await enter('Ada', 'keys')
    await ada.page.locator('#older').focus()
    await ada.page.keyboard.press('Enter')
    await ada.hears('0.')
    await ada.page.locator('#older').waitFor({ state: 'hidden' })
    assert.deepEqual(await ada.texts(), numbers(0, 60))
    assert.equal(await ada.page.locator('#older-end').isVisible(), false)
    await leave(ada)
  })

  test('while others talk sees everything from some message on, each once and in order', async () => {
    await fill('busy', 10)
    const sam = await ChatClient.enter(port, { room: 'busy', name: 'Sam' })
    const ada = await ChatVisitor.open(browser, home)
    let count = 10
    const talking = new AbortController()
    const talk = async (): Promise<void> => {
      while (!talking.signal.aborted) await sam.say(`${count++}.`)
    }
    const talked = talk()
    await ada.join('Ada', 'busy')
    talking.abort()
    await talked
    sam.leave()
    await ada.hears(`${count - 1}.`)
    const texts = await ada.texts()
    assert.ok(texts.length >= Math.min(count, 50), `${texts.length} of ${count}`)
    assert.deepEqual(texts, numbers(count - texts.length, count))
    await leave(ada)
  })

  test('into an empty room sees nothing but the own name', async () => {
    const ada = await enter('Ada', 'empty')
    await ada.sees('You joined as Ada')
    assert.deepEqual(await ada.texts(), [])
    assert.equal(await ada.page.locator('#older').isVisible(), false)
    await leave(ada)
  })
})

describe('one person with several devices', () => {
  test('is one person, whose messages are the own ones on each', async () => {
    const lin = await enter('Lin', 'devices')
    const laptop = await enter('Ada', 'devices')
    await lin.sees('Ada joined')
    const phone = await enter('Ada', 'devices')
    await lin.sees('2 devices')
    await lin.sees('2 people here')
    for (const device of [laptop, phone]) await device.seesPeople('Ada', 'Lin')
    await phone.say('from the phone')
    const heard = await laptop.hears('from the phone')
    assert.match((await heard.getAttribute('class')) ?? '', /is-own/)
    await laptop.page.close()
    await lin.page.getByText('2 devices').waitFor({ state: 'detached' })
    await lin.seesPeople('Lin', 'Ada')
    assert.equal(await lin.page.getByText('Ada left').count(), 0)
    await phone.page.close()
    await lin.sees('Ada left')
    await leave(lin, laptop, phone)
  })
})

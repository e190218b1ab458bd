import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { ExampleProcess } from '../examples/example-process.ts'
import { chatFront } from './chat-front.ts'
import { ChatVisitor, leave } from './chat-visitor.ts'
import { launchChromium } from './launch-chromium.ts'

const server = ExampleProcess.start('chat')
const front = await chatFront(await server.ready())
const home = front.url
const browser = await launchChromium()
after(async () => {
  await browser.close()
  await front.close()
  await server.kill()
})

const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  reducedMotion: 'no-preference',
} as const

async function enter(name: string, room: string, options = {}): Promise<ChatVisitor> {
  return (await ChatVisitor.open(browser, home, options)).join(name, room)
}

describe('the page', () => {
  test('leaves a reader alone who is further up, and shows the way down', async () => {
    const ada = await enter('Ada', 'scroll')
    const lin = await enter('Lin', 'scroll')
    const tall = (n: number): string => `line ${n}\n${'\n.'.repeat(8)}`
    for (let n = 0; n < 8; n++) await lin.say(tall(n))
    await ada.hears(tall(7))
    const scroller = ada.page.locator('#scroller')
    const isAtEnd = (): Promise<boolean> =>
      scroller.evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight < 2)
    assert.equal(await isAtEnd(), true)

    await scroller.evaluate((box) => box.scrollTo({ top: 50 }))
    await ada.sees('Latest messages')
    await lin.say('news')
    await ada.sees('1 new message')
    await lin.say('more')
    await ada.sees('2 new messages')
    assert.equal(await scroller.evaluate((box) => box.scrollTop), 50)
    await ada.page.getByRole('button', { name: '2 new messages' }).click()
    await ada.page.locator('#jump').waitFor({ state: 'hidden' })
    assert.equal(await isAtEnd(), true)
    await leave(ada, lin)
  })

  test('remembers the visitor, the theme and what was not sent', async () => {
    const ada = await enter('Ada', 'memory', { colorScheme: 'light' })
    const { page } = ada
    const background = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await background()
    await page.getByRole('button', { name: 'Use the dark theme' }).filter({ visible: true }).click()
    await page.getByRole('button', { name: 'Use the light theme' }).filter({ visible: true }).waitFor()
    const dark = await background()
    assert.notEqual(dark, light)
    await ada.composer.fill('half a thought')

    await page.reload()
    await ada.sees('Online')
    await ada.seesPeople('Ada')
    assert.equal(await ada.composer.inputValue(), 'half a thought')
    assert.equal(await background(), dark)

    await page.getByRole('button', { name: 'Leave the room' }).click()
    assert.equal(await page.getByLabel('Your name').inputValue(), 'Ada')
    assert.equal(new URL(page.url()).pathname, '/')
    await page.goBack()
    await ada.sees('Online')
    assert.equal(new URL(page.url()).pathname, '/rooms/memory')
    await leave(ada)
  })

  test('says what is wrong with a name or a room, and makes rooms of what can be one', async () => {
    const ada = await ChatVisitor.open(browser, home)
    const join = ada.page.getByRole('button', { name: 'Join the room' })
    await join.click()
    await ada.sees('Tell the others what to call you.')
    await ada.page.getByLabel('Your name').fill('Ada')
    await ada.page.getByLabel('Room', { exact: true }).fill('a/b')
    await join.click()
    await ada.sees('Use letters, digits, - and _; 40 at most.')
    await ada.join('Ada', '#Große Halle')
    assert.equal(decodeURIComponent(new URL(ada.page.url()).pathname), '/rooms/große-halle')

    const lin = await ChatVisitor.open(browser, home)
    await lin.page.getByLabel('Your name').fill('Lin')
    await lin.page.getByRole('button', { name: '#große-halle' }).click()
    await ada.sees('Lin joined')
    await leave(ada, lin)
  })

  test('has its people in a drawer on a phone, for fingers and for keys', async () => {
    const ada = await enter('Ada', 'phone', PHONE)
    const { page } = ada
    const people = page.getByRole('button', { name: 'People: 1' })
    const close = page.getByRole('button', { name: 'Close the list of people' })
    assert.equal(await close.isVisible(), false)
    await people.tap()
    await close.waitFor()
    await page.locator('#people-close:focus').waitFor()
    assert.equal(await page.locator('[inert] #composer-input').count(), 1)
    await page.keyboard.press('Escape')
    await close.waitFor({ state: 'hidden' })
    await page.locator('#people-open:focus').waitFor()
    const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
    assert.equal(overflow, 0)
    await leave(ada)
  })
})

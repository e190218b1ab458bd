/** Takes pictures of the chat: `node --conditions=goweb-source examples/chat/screenshots.ts FOLDER`. */
import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { connect, type Client } from 'goweb/client'
import type { App } from './app.ts'

type Theme = 'light' | 'dark'

const DESKTOP = { width: 1180, height: 760 }
const PHONE = { width: 390, height: 844 }

const [folder] = parseArgs({ allowPositionals: true }).positionals
if (folder === undefined) throw new Error('Expected the folder for the pictures')
mkdirSync(folder, { recursive: true })

process.env['DATA'] = 'memory'
const { app } = await import('./app.ts')

const server = await app.listen({ host: '127.0.0.1', port: 0 })
const clients: Client<App>[] = []
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
})
try {
  await takeDesktop('light')
  await takeDesktop('dark')
  await takePhone('light')
  await takePhone('dark')
  await takeTrouble()
  await takeCover()
} finally {
  for (const client of clients) client.close()
  await browser.close()
  await server.close()
}

async function takeDesktop(theme: Theme): Promise<void> {
  const { page, guests } = await startTalk(theme === 'light' ? 'garden' : 'attic', theme, DESKTOP)
  await guests.lin.type()
  await page.getByText('is typing').waitFor()
  await take(page, `desktop-${theme}`)

  const other = await open(theme, DESKTOP)
  await other.locator('.room-chip').first().waitFor()
  await take(other, `desktop-join-${theme}`)
}

async function takePhone(theme: Theme): Promise<void> {
  const { page } = await startTalk(theme === 'light' ? 'kitchen' : 'porch', theme, PHONE)
  await take(page, `phone-${theme}`)
  await page.context().setOffline(true)
  await page.getByText('Offline', { exact: true }).waitFor()
  for (const text of ['Is there light down there?', 'I am on my way.']) {
    await page.getByLabel('Message', { exact: true }).fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }
  await take(page, `phone-offline-${theme}`)
  await page.context().setOffline(false)
  await page.getByText('Online', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'People' }).click()
  await page.getByRole('button', { name: 'Close the list of people' }).waitFor()
  await take(page, `phone-people-${theme}`)

  const other = await open(theme, PHONE)
  await other.locator('.room-chip').first().waitFor()
  await take(other, `phone-join-${theme}`)
}

/** A reader who is further up, a text that is too long, a gap. */
async function takeTrouble(): Promise<void> {
  const { page, guests } = await startTalk('cellar', 'light', PHONE)
  for (let n = 0; n < 20; n++) await guests.sam.say(`Crate ${n} is down here.`)
  await page.getByText('Crate 19').waitFor()
  await page.locator('#scroller').evaluate((scroller) => scroller.scrollTo(0, 100))
  await page.locator('#jump').waitFor()
  await guests.lin.say('Found it!')
  await page.getByText('1 new message').waitFor()
  await take(page, 'phone-reading')

  await page.context().setOffline(true)
  await page.getByText('Offline', { exact: true }).waitFor()
  await page.getByLabel('Message', { exact: true }).fill('I am on my way.')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByLabel('Message', { exact: true }).fill('A text that is kept. '.repeat(100))
  await take(page, 'phone-too-long')
  await page.getByLabel('Message', { exact: true }).fill('')
  await app.channels.removeHistory('rooms/cellar')
  await page.context().setOffline(false)
  await page.getByText('may be missing').waitFor()
  await page.locator('#log').getByText('I am on my way.').waitFor()
  await take(page, 'phone-gap')
}

/** The picture of the readme: a desk, and a phone in a tunnel. */
async function takeCover(): Promise<void> {
  const image = async (name: string): Promise<string> => {
    const bytes = await readFile(join(folder ?? '.', `${name}.png`))
    return `data:image/png;base64,${bytes.toString('base64')}`
  }
  const page = await browser.newPage({ viewport: { width: 1005, height: 570 }, deviceScaleFactor: 2 })
  await page.setContent(`
    <style>
      body { margin: 0; background: #fff }
      img { position: absolute; box-shadow: 0 12px 32px #0003 }
      .desk { top: 18px; left: 18px; width: 794px; border: 1px solid #d8d5ce; border-radius: 12px }
      .phone { top: 32px; right: 14px; width: 225px; border: 5px solid #0b0a09; border-radius: 24px }
    </style>
    <img class="desk" src="${await image('desktop-light')}">
    <img class="phone" src="${await image('phone-offline-dark')}">`)
  await take(page, 'chat')
}

async function startTalk(room: string, theme: Theme, viewport: Size): Promise<Talk> {
  const guests = {
    lin: visit(room, 'Lin Wei'),
    sam: visit(room, 'Sam'),
    grace: visit(room, 'Grace Hopper'),
    phone: visit(room, 'Lin Wei'),
  }
  const page = await open(theme, viewport)
  const say = async (text: string): Promise<void> => {
    await page.getByLabel('Message', { exact: true }).fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
    await page.locator('#log').getByText(text).waitFor()
  }
  const hear = async (guest: Guest, text: string): Promise<void> => {
    await guest.say(text)
    await page.locator('#log').getByText(text).waitFor()
  }
  await page.getByLabel('Your name').fill('Ada')
  await page.getByLabel('Room', { exact: true }).fill(room)
  await page.getByRole('button', { name: 'Join the room' }).click()
  await page.getByText('Online', { exact: true }).waitFor()

  await hear(guests.lin, 'Morning! Is the new build up?')
  await say('It is, since ten minutes ago.')
  await say('Restart it as often as you like: everybody comes back by themselves.')
  await hear(guests.sam, 'Trying it on the train: in the tunnel it said so, then I was back.')
  await hear(guests.sam, 'Notes: https://example.com/notes – please add yours.')
  await hear(guests.grace, 'Three things left:\n1. the icon\n2. the copy on the first page\n3. lunch')
  await say('In reverse order, then?')
  await hear(guests.lin, 'Lovely.')
  await page.locator('#composer-send').blur()
  return { page, guests }
}

interface Size {
  readonly width: number
  readonly height: number
}

interface Talk {
  readonly page: Page
  readonly guests: { readonly lin: Guest; readonly sam: Guest; readonly grace: Guest }
}

interface Guest {
  say(text: string): Promise<void>
  type(): Promise<void>
}

function visit(room: string, name: string): Guest {
  const client = connect<App>(server.url, { getToken: () => name })
  clients.push(client)
  const messages = client.channel('rooms/{room}', { room }, { onGap: () => {} })
  const typing = client.channel('typing/{room}', { room })
  return {
    say: (text) => messages.publish('message', { id: crypto.randomUUID(), text }),
    type: () => typing.publish('typing', { isTyping: true }),
  }
}

async function open(theme: Theme, viewport: Size): Promise<Page> {
  const context = await browser.newContext({
    viewport,
    colorScheme: theme,
    deviceScaleFactor: 2,
    hasTouch: viewport === PHONE,
    isMobile: viewport === PHONE,
    reducedMotion: 'reduce',
    locale: 'en-GB',
  })
  const page = await context.newPage()
  page.on('console', (message) => console.log(message.text()))
  page.on('pageerror', (error) => console.log(error))
  await page.goto(`http://127.0.0.1:${server.port}/`)
  return page
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder ?? '.', `${name}.png`) })
}

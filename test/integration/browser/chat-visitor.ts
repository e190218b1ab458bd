import assert from 'node:assert/strict'
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'

/** How long what must happen may take on a slow machine. */
const PATIENCE_MS = 60_000

/** What Chromium itself says of a server that is not there; everything else on the console is an error of the page. */
const NETWORK_FAILURE = /WebSocket connection to '[^']*' failed|net::ERR_(?:CONNECTION|INTERNET)/

/** Matches this text, and nothing that only contains it. */
function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)}$`)
}

/** Somebody who uses the chat with a browser. */
export class ChatVisitor {
  readonly page: Page
  readonly complaints: string[] = []

  constructor(page: Page) {
    this.page = page
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      const isComplaint = message.type() === 'error' || message.type() === 'warning'
      if (isComplaint && !NETWORK_FAILURE.test(message.text())) this.complaints.push(message.text())
    })
  }

  /** Opens an address of the chat in a browser profile of its own. */
  static async open(
    browser: Browser,
    address: string,
    options: BrowserContextOptions = {},
  ): Promise<ChatVisitor> {
    const context = await browser.newContext({
      locale: 'en-GB',
      reducedMotion: 'reduce',
      // Nobody signed the certificates of tests.
      ignoreHTTPSErrors: address.startsWith('https:'),
      ...options,
    })
    context.setDefaultTimeout(PATIENCE_MS)
    const visitor = new ChatVisitor(await context.newPage())
    await visitor.page.goto(address)
    return visitor
  }

  /** Fills in the first screen, and waits for the room. */
  async join(name: string, room?: string): Promise<this> {
    await this.page.getByLabel('Your name').fill(name)
    if (room !== undefined) await this.page.getByLabel('Room', { exact: true }).fill(room)
    await this.page.getByRole('button', { name: 'Join the room' }).click()
    await this.sees('Online')
    return this
  }

  get composer(): Locator {
    return this.page.getByLabel('Message', { exact: true })
  }

  get sendButton(): Locator {
    return this.page.getByRole('button', { name: 'Send', exact: true })
  }

  /** Writes and sends, whatever becomes of it. */
  async write(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
  }

  /** Writes and sends, and waits until the room has the message. */
  async say(text: string): Promise<void> {
    await this.write(text)
    await this.hears(text)
  }

  /** Waits until nothing of what was written waits. */
  async settled(): Promise<void> {
    await this.page.locator('#pending .message').first().waitFor({ state: 'detached' })
  }

  /** Types until something happens; what is told of it is forgotten by others after a while. */
  async typeUntil(happens: Promise<void>): Promise<void> {
    const typing = new AbortController()
    const settled = happens.finally(() => typing.abort())
    settled.catch(() => {}) // Told below.
    while (!typing.signal.aborted) await this.composer.press('x')
    await settled
  }

  /** Waits until a message with this text is among those that the room has. */
  async hears(text: string): Promise<Locator> {
    const message = this.page.locator('#log .message', {
      has: this.page.locator('.bubble', { hasText: exactly(text) }),
    })
    await message.waitFor()
    return message
  }

  /** Waits until exactly this text is shown. */
  async sees(text: string | RegExp): Promise<void> {
    await this.page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor()
  }

  /** Waits until these are the people in the room, oneself first. */
  async seesPeople(...names: readonly string[]): Promise<void> {
    // Not `waitForFunction`: the page's policy forbids what that does when it has to look again.
    const shown = this.page.locator('#people-list .member-name')
    for (const [index, name] of names.entries()) {
      await shown
        .nth(index)
        .filter({ hasText: exactly(name) })
        .waitFor({ state: 'attached' })
    }
    await shown.nth(names.length).waitFor({ state: 'detached' })
  }

  /** Texts of all messages of the room, in order. */
  texts(): Promise<string[]> {
    return this.page.locator('#log .bubble').allTextContents()
  }

  /** Closes the browser profile, and tells what the page complained about. */
  async leave(): Promise<readonly string[]> {
    await this.page.context().close()
    return this.complaints
  }
}

/** Ends visits; none of the pages may have complained about anything. */
export async function leave(...visitors: readonly ChatVisitor[]): Promise<void> {
  const complaints = await Promise.all(visitors.map((visitor) => visitor.leave()))
  assert.deepEqual(complaints.flat(), [])
}

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { GoWeb } from 'goweb'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { CutProxy } from './cut-proxy.ts'
import type { KeptPage, KeptPageStart, KeptPageState } from './kept-page.ts'
import { unusedPort } from './unused-port.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** How long what must happen may take on a slow machine, and how often to look. */
const PATIENCE = { timeout: 30_000, polling: 10 }

const COUNT_ROWS = `new Promise((resolve, reject) => {
  const request = indexedDB.open('goweb-outbox')
  request.onerror = () => reject(request.error)
  request.onsuccess = () => {
    const count = request.result.transaction('publishes').objectStore('publishes').count()
    request.result.close()
    count.onsuccess = () => resolve(count.result)
  }
})`

/** What pages have instead of a name for themselves. */
interface PageGlobals {
  readonly kept: KeptPage
}

/** A server whose pages come over a sound network, and their connections over one that breaks. */
export class KeptSite {
  readonly app: ReturnType<typeof createApp>
  readonly network: CutProxy
  readonly address: string
  readonly #close: () => Promise<void>

  constructor(
    app: ReturnType<typeof createApp>,
    network: CutProxy,
    port: number,
    close: () => Promise<void>,
  ) {
    this.app = app
    this.network = network
    this.address = `http://localhost:${port}`
    this.#close = close
  }

  static async open(): Promise<KeptSite> {
    const port = await unusedPort()
    const bun = join(ROOT, 'node_modules/.bin/bun')
    const page = join(import.meta.dirname, 'kept-page.ts')
    const args = ['build', '--target=browser', '--conditions=goweb-source', page]
    const { stdout } = await promisify(execFile)(bun, args, { cwd: ROOT })
    const app = createApp(stdout, port)
    const server = await app.listen({ host: 'localhost', port })
    return new KeptSite(app, await CutProxy.open(port), port, () => server.close(1_000))
  }

  /** What a room has stored, in order. */
  async stored(room: string): Promise<unknown[]> {
    const { messages } = await this.app.channels.history(`rooms/${room}`, { limit: 100 })
    return messages.map(({ data }) => data)
  }

  /** Waits until a room has stored so much. */
  async storing(room: string, count: number): Promise<void> {
    while ((await this.stored(room)).length < count) await turn()
  }

  async close(): Promise<void> {
    await this.network.close()
    await this.#close()
  }
}

function createApp(script: string, port: number) {
  return new GoWeb({ allowedOrigins: [`http://localhost:${port}`] })
    .get('/', (c) =>
      c.html('<!doctype html><title>Kept</title><script type="module" src="/page.js"></script>'),
    )
    .get('/page.js', () => new Response(script, { headers: { 'content-type': 'text/javascript' } }))
    .authenticate((_c, token) => ({ user: token }))
    .channel('rooms/{room}', { delivery: 'replay', history: { size: 100, ttl: '1h' }, public: true })
}

/** Somebody with a browser on the site. */
export class KeptVisitor {
  readonly page: Page
  readonly #start: KeptPageStart

  constructor(page: Page, start: KeptPageStart) {
    this.page = page
    this.#start = start
  }

  /** Opens a tab on a device. @param prepare is run in the page before anything else. */
  static async open(
    site: KeptSite,
    device: BrowserContext,
    start: Omit<KeptPageStart, 'url'>,
    prepare?: string,
  ): Promise<KeptVisitor> {
    const page = await device.newPage()
    const visitor = new KeptVisitor(page, { url: `${site.network.address}/`, ...start })
    await page.goto(site.address)
    if (prepare !== undefined) await page.evaluate(prepare)
    await visitor.start()
    return visitor
  }

  start(start: Partial<KeptPageStart> = {}): Promise<void> {
    return this.page.evaluate((options) => (globalThis as unknown as PageGlobals).kept.start(options), {
      ...this.#start,
      ...start,
    })
  }

  async reload(start: Partial<KeptPageStart> = {}): Promise<void> {
    await this.page.reload()
    await this.start(start)
  }

  publish(room: string, ...texts: string[]): Promise<void> {
    return this.page.evaluate(
      ([to, ...all]) => (globalThis as unknown as PageGlobals).kept.publish(to!, ...all),
      [room, ...texts],
    )
  }

  /** Publishes, and waits until the device has it. */
  async publishKept(room: string, ...texts: string[]): Promise<void> {
    await this.publish(room, ...texts)
    await this.page.evaluate(() => (globalThis as unknown as PageGlobals).kept.written())
  }

  clear(): Promise<string> {
    return this.page.evaluate(() => (globalThis as unknown as PageGlobals).kept.clear())
  }

  close(): Promise<void> {
    return this.page.evaluate(() => (globalThis as unknown as PageGlobals).kept.close())
  }

  state(): Promise<KeptPageState> {
    return this.page.evaluate(() => (globalThis as unknown as PageGlobals).kept.state)
  }

  /** How many publishes the device keeps, whoever they are of. */
  rows(): Promise<number> {
    return this.page.evaluate(COUNT_ROWS)
  }

  /** Waits until the device keeps nothing: every publish was told before. */
  async empty(): Promise<void> {
    await this.page.waitForFunction(`${COUNT_ROWS}.then((count) => count === 0)`, undefined, PATIENCE)
  }

  /** Waits until a part of the page's state is as it should be. */
  async sees(expected: Partial<KeptPageState>): Promise<void> {
    const wanted = JSON.stringify(expected)
    const part = `JSON.stringify(kept.state, ${JSON.stringify(Object.keys(expected))})`
    try {
      await this.page.waitForFunction(`${part} === ${JSON.stringify(wanted)}`, undefined, PATIENCE)
    } catch {
      // Told better here.
      assert.equal(await this.page.evaluate(part), wanted)
    }
  }

  /** Ends the tab's process without a word. */
  async crash(): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page)
    const crashed = this.page.waitForEvent('crash')
    session.send('Page.crash').catch(() => {}) // There is nobody left to answer.
    await crashed
  }
}

/** A device of its own: nothing on it yet. */
export function newDevice(browser: Browser): Promise<BrowserContext> {
  return browser.newContext()
}

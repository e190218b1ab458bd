import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { WebSocket } from 'ws'
import { launchChromium } from '../browser/launch-chromium.ts'
import { ROOT } from '../examples/example-process.ts'
import { joinTopic, runScenario, type Seen, type Visit } from './scenario.ts'

/** A WebSocket client that somebody else wrote. */
export interface Peer {
  readonly name: string
  /** Tries everything it can against a server. */
  run(base: string, tag: string): Promise<Seen>
  /** Joins the topic under its name, and resolves with what it got. */
  join(base: string, size: number): Promise<readonly string[]>
}

const run = promisify(execFile)
/** How long a scenario may take on a slow machine. */
const PATIENCE_MS = 90_000

/** The `ws` package. */
export function wsPeer(ca = ''): Peer {
  class Socket extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, ca === '' ? {} : { ca })
    }
  }
  const visit = (base: string, tag: string): Visit => ({
    base,
    tag,
    Socket: Socket,
  })
  return {
    name: 'ws',
    run: (base, tag) => runScenario(visit(base, tag)),
    join: (base, size) => joinTopic({ ...visit(base, 'ws'), size }),
  }
}

/** The WebSocket that a runtime brings along, in a process of its own, which trusts the certificate. */
export function runtimePeer(name: 'node' | 'bun', certificateFile = ''): Peer {
  const start = async (...args: string[]): Promise<unknown> => {
    const isOwn = name === (process.versions['bun'] === undefined ? 'node' : 'bun')
    const program = isOwn ? process.execPath : join(ROOT, 'node_modules/.bin', name)
    const file = join(import.meta.dirname, 'scenario-process.ts')
    const env = {
      ...process.env,
      ...(certificateFile !== '' && { NODE_EXTRA_CA_CERTS: certificateFile }),
      NODE_OPTIONS: '',
    }
    return JSON.parse((await run(program, [file, ...args], { env, timeout: PATIENCE_MS })).stdout)
  }
  return {
    name,
    run: async (base, tag) => (await start(base, tag)) as Seen,
    join: async (base, size) => (await start(base, name, String(size))) as string[],
  }
}

/** What python3-websockets saw besides. */
export interface PythonSeen extends Seen {
  readonly fragments: readonly string[]
  readonly ping: string
  readonly welcome: string
  readonly statuses: Readonly<Record<string, number>>
}

/** Debian's python3-websockets. */
export function pythonPeer(
  certificateFile = '',
): Peer & { run(base: string, tag: string): Promise<PythonSeen> } {
  const start = async (...args: string[]): Promise<unknown> => {
    const file = join(import.meta.dirname, 'python-peer.py')
    return JSON.parse((await run('/usr/bin/python3', [file, ...args], { timeout: PATIENCE_MS })).stdout)
  }
  return {
    name: 'python3-websockets',
    run: async (base, tag) => (await start(base, tag, certificateFile)) as PythonSeen,
    join: async (base, size) =>
      (await start(base, 'python3-websockets', certificateFile, String(size))) as string[],
  }
}

/** Chromium, from a page of the server. */
export class ChromiumPeer implements Peer {
  readonly name = 'chromium'
  readonly #browser: Browser

  constructor(browser: Browser) {
    this.#browser = browser
  }

  static async launch(): Promise<ChromiumPeer> {
    return new ChromiumPeer(await launchChromium())
  }

  run(base: string, tag: string): Promise<Seen> {
    return this.#onPage(base, (page) => page.evaluate(runScenario, { base, tag }))
  }

  join(base: string, size: number): Promise<string[]> {
    return this.#onPage(base, (page) => page.evaluate(joinTopic, { base, tag: this.name, size }))
  }

  /** What a page gets from `/guarded` when the browser has this cookie. */
  async visitGuarded(base: string, session: string): Promise<string> {
    const url = base.replace('ws', 'http')
    const cookies = [{ name: 'session', value: session, url }]
    return this.#onPage(
      base,
      (page) =>
        page.evaluate(
          (address) =>
            new Promise<string>((resolve) => {
              const socket = new WebSocket(address)
              socket.addEventListener('message', ({ data }) => resolve(data as string))
              socket.addEventListener('close', ({ code }) => resolve(`closed with ${code}`))
            }),
          `${base}/guarded`,
        ),
      cookies,
    )
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }

  async #onPage<T>(
    base: string,
    act: (page: Awaited<ReturnType<Browser['newPage']>>) => Promise<T>,
    cookies: { name: string; value: string; url: string }[] = [],
  ): Promise<T> {
    const context = await this.#browser.newContext({ ignoreHTTPSErrors: true })
    context.setDefaultTimeout(PATIENCE_MS)
    try {
      await context.addCookies(cookies)
      const page = await context.newPage()
      await page.goto(base.replace('ws', 'http'))
      return await act(page)
    } finally {
      await context.close()
    }
  }
}

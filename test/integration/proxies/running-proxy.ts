import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Inbox } from '../examples/inbox.ts'

/** How a proxy is started for a test. */
export interface ProxyOptions {
  /** Where the app listens: `127.0.0.1:8080`, or `unix:/path`. Several are tried in turn. */
  readonly upstreams: readonly string[]
  /** Where the proxy listens. Default: a port that nothing uses. */
  readonly port?: number
}

/** A proxy that runs as a process of its own, from the file that `docs/guide/deploy.md` tells people to use. */
export class RunningProxy {
  readonly port: number
  /** What it logged and nobody has taken yet. */
  readonly lines: Inbox<string> = new Inbox()
  /** All that it logged. */
  readonly log: string[] = []
  readonly #child: ChildProcess
  readonly #cleanUp: () => void

  constructor(command: string, args: readonly string[], options: ProcessOptions) {
    this.port = options.port
    this.#cleanUp = options.cleanUp
    this.#child = spawn(command, args, {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      this.log.push(line)
      this.lines.push(line)
    })
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Waits until it says so; rejects with what it said instead when it ends. */
  async says(what: RegExp): Promise<string> {
    const ended = new AbortController()
    const end = once(this.#child, 'exit', { signal: ended.signal }).then(
      () => Promise.reject(new Error(`The proxy has ended:\n${this.log.join('\n')}`)),
      () => new Promise<never>(() => {}), // It has said so.
    )
    try {
      return await Promise.race([this.lines.next((line) => what.test(line)), end])
    } finally {
      ended.abort()
    }
  }

  /** Waits until it says that it serves; leaves nothing behind when it does not. */
  async ready(sign: RegExp): Promise<this> {
    try {
      await this.says(sign)
      return this
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Ends it at once, with all its connections. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, 'exit')
      this.#child.kill('SIGTERM')
      await ended
    }
    this.#cleanUp()
  }
}

/** What a {@link RunningProxy} needs besides its command. */
export interface ProcessOptions {
  readonly port: number
  readonly env: Readonly<Record<string, string>>
  /** Called when it has ended. */
  readonly cleanUp: () => void
}

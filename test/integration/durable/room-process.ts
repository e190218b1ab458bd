import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const SERVER = join(import.meta.dirname, 'room-server.ts')
const FLAGS = ['--conditions=goweb-source', '--disable-warning=ExperimentalWarning']
const MAX_LINES = 100

/** A server of rooms in a process of its own, which can be killed and started again in the same place. */
export class RoomProcess {
  readonly #broker: string
  readonly #events = new EventEmitter()
  readonly #lines = new Map<string, number>()
  #child: ChildProcess | undefined
  /** Where it listens, from its first start on. */
  port = 0

  /** @param broker see `brokerFromName`. */
  constructor(broker: string) {
    this.#broker = broker
    this.#events.setMaxListeners(0)
  }

  /** What it wrote to standard error, all starts together: each line once, with how often it came. */
  get output(): string {
    return Array.from(this.#lines, ([line, times]) => `${times} x ${line}`).join('\n')
  }

  /** Resolves when it listens; rejects with what it wrote when it ends instead. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, [...FLAGS, SERVER, this.#broker, String(this.port)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    createInterface(child.stderr).on('line', (line) => {
      const times = this.#lines.get(line) ?? 0
      if (times > 0 || this.#lines.size < MAX_LINES) this.#lines.set(line, times + 1)
      this.#events.emit('line', line)
    })
    const listening = Promise.withResolvers<number>()
    createInterface(child.stdout).on('line', (line) => {
      const announced = /^listening on (\d+)$/.exec(line)
      if (announced !== null) listening.resolve(Number(announced[1]))
    })
    child.once('close', (code) =>
      listening.reject(new Error(`The server ended with ${code}: ${this.output}`)),
    )
    this.port = await listening.promise
  }

  /** Resolves when it writes a line to standard error that matches. */
  async said(what: RegExp): Promise<void> {
    for (;;) {
      const [line] = (await once(this.#events, 'line')) as [string]
      if (what.test(line)) return
    }
  }

  /** Sends a signal that does not end it. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(name)
  }

  /** Ends it as a crash does, without a word. */
  async kill(): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
}

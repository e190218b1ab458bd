import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { DrainOptions } from 'goweb'

const SERVER = join(import.meta.dirname, 'room-server.ts')
const FLAGS = ['--conditions=goweb-source', '--disable-warning=ExperimentalWarning']
const MAX_LINES = 100

/** When a server gave its place to another; milliseconds of `performance.now()`. */
export interface RollOver {
  /** The old one was sent SIGTERM. */
  readonly askedAtMs: number
  /** It had ended, with 0. */
  readonly endedAtMs: number
  /** The new one listened. */
  readonly listeningAtMs: number
}

/** A process that was started. */
interface Started {
  readonly child: ChildProcess
  /** It begins to listen; before that it may have to wait for its file. */
  readonly begins: Promise<void>
  /** Its port; rejects with what it wrote when it ends instead. */
  readonly listening: Promise<number>
}

/** A server of rooms in a process of its own, which can be ended and started again in the same place. */
export class RoomProcess {
  readonly #broker: string
  readonly #drain: DrainOptions
  readonly #events = new EventEmitter()
  readonly #lines = new Map<string, number>()
  #child: ChildProcess | undefined
  /** The next one, which waits for the other's end. */
  #successor: ChildProcess | undefined
  /** Where it listens, from its first start on. */
  port = 0

  /** @param broker see `brokerFromName`. */
  constructor(broker: string, drain: DrainOptions = {}) {
    this.#broker = broker
    this.#drain = drain
    this.#events.setMaxListeners(0)
  }

  /** What it wrote to standard error, all starts together: each line once, with how often it came. */
  get output(): string {
    return Array.from(this.#lines, ([line, times]) => `${times} x ${line}`).join('\n')
  }

  /** Resolves when it listens; rejects with what it wrote when it ends instead. */
  async start(): Promise<void> {
    const { child, listening } = this.#spawn()
    this.#child = child
    this.port = await listening
  }

  /** Ends it in order, and has another take over its port and file. @param isWaiting whether that one is started before. */
  async rollOver(isWaiting: boolean): Promise<RollOver> {
    const old = this.#child
    if (old === undefined) throw new Error('There is no server that could be followed')
    const early = isWaiting ? this.#spawn() : undefined
    this.#successor = early?.child
    await early?.begins
    const ended = once(old, 'close')
    const askedAtMs = performance.now()
    old.kill('SIGTERM')
    const [code] = (await ended) as [number | null]
    const endedAtMs = performance.now()
    if (code !== 0) throw new Error(`The server ended with ${code}: ${this.output}`)
    const { child, listening } = early ?? this.#spawn()
    this.#child = child
    this.#successor = undefined
    await listening
    return { askedAtMs, endedAtMs, listeningAtMs: performance.now() }
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

  /** Ends it as a crash does, without a word; and whatever waits to follow it. */
  async kill(): Promise<void> {
    for (const child of [this.#successor, this.#child]) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) continue
      const closed = once(child, 'close')
      child.kill('SIGKILL')
      await closed
    }
  }

  #spawn(): Started {
    const args = [...FLAGS, SERVER, this.#broker, String(this.port), JSON.stringify(this.#drain)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    createInterface(child.stderr).on('line', (line) => {
      const times = this.#lines.get(line) ?? 0
      if (times > 0 || this.#lines.size < MAX_LINES) this.#lines.set(line, times + 1)
      this.#events.emit('line', line)
    })
    const begins = Promise.withResolvers<void>()
    const listening = Promise.withResolvers<number>()
    createInterface(child.stdout).on('line', (line) => {
      if (line === 'begins') begins.resolve()
      const announced = /^listening on (\d+)$/.exec(line)
      if (announced !== null) listening.resolve(Number(announced[1]))
    })
    // Who waits for the one only need not handle the other.
    for (const { promise } of [begins, listening]) promise.catch(() => {})
    child.once('close', (code) => {
      const error = new Error(`The server ended with ${code}: ${this.output}`)
      begins.reject(error)
      listening.reject(error)
    })
    return { child, begins: begins.promise, listening: listening.promise }
  }
}

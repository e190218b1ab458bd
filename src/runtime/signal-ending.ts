import { constants } from 'node:os'
import type { ProcessEnding } from '../app/process-ending.ts'

/** What is needed of `process`. */
export interface SignalledProcess {
  on(signal: string, listener: (signal: string) => void): unknown
  off(signal: string, listener: (signal: string) => void): unknown
  exit(code?: number): unknown
}

/**
 * Within which a signal is an echo of the first: a terminal and systemd send it to all processes of a group, and npm passes it on to
 * those that it has started.
 */
const ECHO_MS = 500

/** Ends a process upon signals; one for all apps in it, since it ends when the last of them has stopped. */
export class SignalEnding implements ProcessEnding {
  readonly #process: SignalledProcess
  readonly #tasks = new Map<() => Promise<void>, readonly string[]>()
  /** How many tasks want a signal. */
  readonly #wanted = new Map<string, number>()
  readonly #now: () => number
  /** Tasks that were called; undefined before the first signal. */
  #called: Promise<void>[] | undefined
  #firstMs = 0

  /** @param now milliseconds; tests bring their own. */
  constructor(process: SignalledProcess, now: () => number = () => performance.now()) {
    this.#process = process
    this.#now = now
  }

  register(signals: readonly string[], task: () => Promise<void>): () => void {
    if (this.#called !== undefined) {
      this.#called.push(task())
      return () => {}
    }
    this.#tasks.set(task, signals)
    for (const signal of signals) {
      const wanted = this.#wanted.get(signal) ?? 0
      this.#wanted.set(signal, wanted + 1)
      if (wanted === 0) this.#process.on(signal, this.#onSignal)
    }
    return () => this.#release(task)
  }

  #release(task: () => Promise<void>): void {
    const signals = this.#tasks.get(task)
    // While it ends, the second signal still has to be heard.
    if (signals === undefined || this.#called !== undefined) return
    this.#tasks.delete(task)
    for (const signal of signals) {
      const wanted = (this.#wanted.get(signal) ?? 0) - 1
      this.#wanted.set(signal, wanted)
      if (wanted === 0) this.#process.off(signal, this.#onSignal)
    }
  }

  readonly #onSignal = (signal: string): void => {
    if (this.#called === undefined) {
      this.#called = []
      this.#firstMs = this.#now()
      void this.#end(this.#called)
      return
    }
    if (this.#now() - this.#firstMs < ECHO_MS) return
    const numbers: Readonly<Record<string, number | undefined>> = constants.signals
    this.#process.exit(128 + (numbers[signal] ?? 0))
  }

  async #end(called: Promise<void>[]): Promise<void> {
    for (const task of this.#tasks.keys()) called.push(task())
    let hasFailed = false
    // One more may be added while others are waited for.
    for (let index = 0; index < called.length; index++) {
      try {
        await called[index]
      } catch {
        hasFailed = true
      }
    }
    // Without a code it is `process.exitCode`, which the app may have set; 0 otherwise.
    this.#process.exit(hasFailed ? 1 : undefined)
  }
}

/** Where lines go; each ends with a line feed. */
export interface LineDestination {
  write(line: string): unknown
}

interface StandardOutput {
  write(text: string): unknown
  on(event: 'error', listener: () => void): unknown
  readonly writableLength: number
}

/** What is used of `process` where there is one, as on Node and Bun. */
interface Process {
  readonly stdout?: StandardOutput
  on?(event: 'exit', listener: () => void): unknown
}

// One write for many lines, yet none that a reader waits for.
const FLUSH_AT = 65_536
// Where stdout is asynchronous and its reader slow, lines beyond this are dropped rather than kept.
const MAX_WAITING = 16_777_216

/**
 * Writes lines to the standard output, all those of one turn of the event loop at once.
 *
 * The rest is written when the process exits, by `process.exit()` and by an uncaught error too; only a process that is killed
 * loses the lines of its last turn. When the reader of a pipe has gone, lines are dropped, without an error. When a slow
 * one lets 16 MiB pile up, lines are dropped, and a later line tells how many.
 */
export class StdoutLines implements LineDestination {
  readonly #stdout: StandardOutput | undefined
  #lines = ''
  #count = 0
  #dropped = 0
  #isScheduled = false
  #isClosed = false

  constructor(process: Process | undefined = (globalThis as { process?: Process }).process) {
    this.#stdout = process?.stdout
    this.#stdout?.on('error', () => {
      this.#isClosed = true
    })
    process?.on?.('exit', () => this.flush())
  }

  write(line: string): void {
    if (this.#isClosed) return
    this.#lines += line
    this.#count++
    if (this.#lines.length >= FLUSH_AT) this.flush()
    else if (!this.#isScheduled) this.#schedule()
  }

  /** Writes what has gathered. */
  flush(): void {
    const text = this.#lines
    const count = this.#count
    this.#lines = ''
    this.#count = 0
    if (text === '' || this.#isClosed) return
    if (this.#stdout === undefined) {
      // oxlint-disable-next-line eslint/no-console -- the only output of a platform without process.stdout
      console.log(text.slice(0, -1))
      return
    }
    if (this.#stdout.writableLength > MAX_WAITING) {
      this.#dropped += count
      return
    }
    try {
      this.#stdout.write(this.#droppedLine() + text)
    } catch {
      this.#isClosed = true
    }
  }

  #schedule(): void {
    this.#isScheduled = true
    const flush = (): void => {
      this.#isScheduled = false
      this.flush()
    }
    if (typeof setImmediate === 'function') setImmediate(flush)
    else setTimeout(flush, 0)
  }

  #droppedLine(): string {
    if (this.#dropped === 0) return ''
    const dropped = this.#dropped
    this.#dropped = 0
    const time = new Date().toISOString()
    return `{"level":"warn","time":"${time}","dropped":${dropped},"msg":"log lines were dropped"}\n`
  }
}

let shared: StdoutLines | undefined

/** The one writer of this process, made on first use. */
export function stdoutLines(): StdoutLines {
  return (shared ??= new StdoutLines())
}

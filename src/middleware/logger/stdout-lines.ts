import { standardOutput, type LineOutput } from './standard-output.ts'

/** Where lines go; each ends with a line feed. */
export interface LineDestination {
  write(line: string): unknown
}

// One write for many lines, yet none that a reader waits for.
const FLUSH_AT = 65_536
// With a reader that is slower than the app, lines beyond this are dropped rather than kept.
const MAX_WAITING = 16_777_216
const RETRY_MS = 20
// How long the end of the process waits for a reader that takes nothing.
const EXIT_PATIENCE_MS = 2_000

const encoder = new TextEncoder()

/**
 * Writes lines to the standard output, all those of one turn of the event loop at once.
 *
 * A slow reader of a pipe never blocks the app: what it does not take waits, and beyond 16 MiB lines are dropped, which a later
 * line tells. When the process exits, by `process.exit()` and by an uncaught error too, the rest is written, waiting for the
 * reader as long as it takes something every two seconds; only a process that is killed loses lines. When the reader has gone,
 * lines are dropped, without an error.
 */
export class StdoutLines implements LineDestination {
  readonly #output: LineOutput
  #lines = ''
  /** What is left of a write that the reader did not take in full. */
  #rest: Uint8Array | undefined
  #dropped = 0
  #isScheduled = false
  #isClosed = false

  constructor(output: LineOutput = standardOutput()) {
    this.#output = output
    output.onExit(() => this.#finish())
  }

  write(line: string): void {
    if (this.#isClosed) return
    if (this.#lines.length > MAX_WAITING) {
      this.#dropped++
      return
    }
    this.#lines += line
    if (this.#lines.length >= FLUSH_AT && this.#rest === undefined) this.flush()
    else if (!this.#isScheduled) this.#schedule()
  }

  /** Writes what has gathered, as far as the reader takes it. */
  flush(): void {
    if (this.#isClosed) return
    try {
      if (this.#rest !== undefined && !this.#take(this.#rest)) return
      if (this.#lines === '') return
      const text = this.#droppedLine() + this.#lines
      this.#lines = ''
      this.#take(encoder.encode(text))
    } catch {
      this.#isClosed = true
      this.#lines = ''
      this.#rest = undefined
    } finally {
      if (this.#rest !== undefined && !this.#isScheduled) this.#retryLater()
    }
  }

  /** Whether the reader took all of it; the rest is kept. */
  #take(bytes: Uint8Array): boolean {
    const written = this.#output.write(bytes)
    this.#rest = written < bytes.byteLength ? bytes.subarray(written) : undefined
    return this.#rest === undefined
  }

  #schedule(): void {
    this.#isScheduled = true
    this.#output.soon(() => {
      this.#isScheduled = false
      this.flush()
    })
  }

  #retryLater(): void {
    this.#isScheduled = true
    this.#output.later(RETRY_MS, () => {
      this.#isScheduled = false
      this.flush()
    })
  }

  #finish(): void {
    let patience = EXIT_PATIENCE_MS
    this.flush()
    while (!this.#isClosed && patience > 0 && (this.#rest !== undefined || this.#lines !== '')) {
      const before = this.#rest?.byteLength
      this.#output.sleep(RETRY_MS)
      this.flush()
      patience = this.#rest?.byteLength === before ? patience - RETRY_MS : EXIT_PATIENCE_MS
    }
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

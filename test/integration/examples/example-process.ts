import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Inbox } from './inbox.ts'

export const ROOT: string = join(import.meta.dirname, '../../..')

/** How a process ended, and all that it said. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

/** Options of {@link ExampleProcess}. */
export interface ProcessOptions {
  /** `0` for a free port. */
  readonly port?: number | string
  /** Where the chat keeps its rooms. Default: `memory`. */
  readonly data?: string
  /** Where the echo server keeps its channels. Default: its own. */
  readonly broker?: string
  /** What `RUNTIME` names. Default: nothing. */
  readonly runtime?: string
}

/** An example that runs as a user runs it: a process of its own, seen through its output and its port. */
export class ExampleProcess {
  /** When it has ended; never rejects. */
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  readonly #lines = new Inbox<string>()
  readonly #stdout: string[] = []
  readonly #stderr: string[] = []

  constructor(
    command: string,
    args: readonly string[],
    { port = 0, data = 'memory', broker = '', runtime = '' }: ProcessOptions = {},
  ) {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: {
        ...process.env,
        PORT: String(port),
        DATA: data,
        BROKER: broker,
        RUNTIME: runtime,
        NODE_OPTIONS: '',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: a signal reaches what npm starts, too.
      detached: true,
    })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#stdout.push(line)
      this.#lines.push(line)
    })
    createInterface({ input: child.stderr }).on('line', (line) => this.#stderr.push(line))
    this.ended = this.#end()
  }

  /** Starts the server file of an example, on the runtime of this test. */
  static start(example: 'chat' | 'echo', options?: ProcessOptions): ExampleProcess {
    const flags = ['--conditions=goweb-source', '--disable-warning=ExperimentalWarning']
    return new ExampleProcess(process.execPath, [...flags, `examples/${example}/server.ts`], options)
  }

  /** Waits until it tells its address; resolves with its port. */
  async ready(): Promise<number> {
    const line = await Promise.race([
      this.#lines.next((text) => /https?:\/\//.test(text)),
      this.#endsEarly('before it was ready'),
    ])
    return Number(new URL(/https?:\/\/\S+/.exec(line)?.[0] ?? '').port)
  }

  /** Waits until it says a line that nobody has waited for yet. */
  async said(line: string): Promise<void> {
    await Promise.race([this.#lines.next((text) => text === line), this.#endsEarly(`before it said ${line}`)])
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#kill(signal)
  }

  /** Sends it a signal, and waits for its end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ending> {
    this.#kill(signal)
    return this.ended
  }

  /** Ends it, however it is. */
  async kill(): Promise<void> {
    this.#kill('SIGKILL')
    await this.ended
  }

  async #endsEarly(when: string): Promise<never> {
    throw new Error(`It ended ${when}: ${JSON.stringify(await this.ended)}`)
  }

  #kill(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null)
      return
    process.kill(-this.#child.pid, signal)
  }

  async #end(): Promise<Ending> {
    const [code, signal] = (await once(this.#child, 'close')) as [number | null, NodeJS.Signals | null]
    return { code, signal, stdout: this.#stdout, stderr: this.#stderr }
  }
}

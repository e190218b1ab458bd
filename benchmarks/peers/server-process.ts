import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { BENCHMARKS } from './folders.ts'

const START_TIMEOUT_MS = 20_000
const MAX_OUTPUT_LENGTH = 10_000

/** None outlives the benchmark. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A server of a peer, in a process of its own. */
export class ServerProcess {
  readonly port: number
  readonly pid: number
  readonly #process: ChildProcess
  readonly #output: string[]

  private constructor(child: ChildProcess, port: number, output: string[]) {
    this.#process = child
    this.#output = output
    this.port = port
    // It has told its port, so it runs.
    this.pid = child.pid!
  }

  /** Starts a command and waits until it says where it listens. Throws with what it printed when it does not. */
  static async start(command: readonly string[]): Promise<ServerProcess> {
    const [program, ...args] = command
    const child = spawn(program!, args, { cwd: BENCHMARKS, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(child)
    child.once('exit', () => running.delete(child))
    const output: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => keep(output, text))
    const port = await new Promise<number>((resolve, reject) => {
      const refuse = (reason: string): void =>
        reject(new Error(`${command.join(' ')} ${reason}:\n${output.join('')}`))
      const timer = setTimeout(() => {
        child.kill('SIGKILL')
        refuse('does not listen')
      }, START_TIMEOUT_MS)
      child.once('error', (error) => refuse(error.message))
      child.once('exit', (code) => {
        clearTimeout(timer)
        refuse(`ended with ${code}`)
      })
      createInterface(child.stdout).on('line', (line) => {
        keep(output, `${line}\n`)
        const announced = /^listening on (\d+)$/.exec(line)
        if (announced === null) return
        clearTimeout(timer)
        resolve(Number(announced[1]))
      })
    })
    return new ServerProcess(child, port, output)
  }

  /** Memory of the process that is in RAM, in bytes. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
  }

  /** What it printed, for messages. */
  get output(): string {
    return this.#output.join('')
  }

  /** Has it collect its garbage, which takes a moment. */
  collectGarbage(): void {
    this.#process.kill('SIGUSR2')
  }

  /** Has it end in order, which has to end with 0. */
  async drain(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGTERM')
    const [code] = (await exited) as [number | null]
    if (code !== 0) throw new Error(`The server ended with ${code}:\n${this.output}`)
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const exited = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exited
  }
}

function keep(output: string[], text: string): void {
  if (output.length < MAX_OUTPUT_LENGTH) output.push(text)
}

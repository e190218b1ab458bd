import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

/** A generator of clients that runs. */
export interface RunningClients<Result> {
  /** All clients are there. */
  readonly ready: Promise<void>
  readonly result: Promise<Result>
}

/** None outlives the benchmark. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Command of the generator of clients, without its options: see `main.ts`. */
export function clientsCommand(mode: 'jitter' | 'storm', driver: string): string[] {
  return [process.execPath, join(import.meta.dirname, 'main.ts'), mode, driver]
}

/** Starts the generator. Its promises reject with what it printed when it fails. */
export function runClients<Result>(command: readonly string[], options: object): RunningClients<Result> {
  const [program, ...args] = command
  const child = spawn(program!, [...args, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  const ready = Promise.withResolvers<void>()
  const result = Promise.withResolvers<Result>()
  // Whoever waits for the one only need not handle the other.
  for (const { promise } of [ready, result]) promise.catch(() => {})
  let output = ''
  let last = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
  createInterface(child.stdout).on('line', (line) => {
    last = line
    if (line === 'ready') ready.resolve()
  })
  const fail = (reason: string): void => {
    for (const { reject } of [ready, result]) reject(new Error(`The generator ${reason}:\n${output}`))
  }
  child.once('error', (error) => fail(error.message))
  child.once('close', (code) => {
    running.delete(child)
    if (code !== 0) fail(`ended with ${code}`)
    else result.resolve(JSON.parse(last) as Result)
  })
  return { ready: ready.promise, result: result.promise }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** What the generator tells at its end. */
export interface Measurement {
  /** In the seconds that count. */
  readonly messages: number
  /** Messages that were all different in every byte, before the timing. */
  readonly verified: number
  readonly seconds: number
  /** Processor time in cores. */
  readonly generatorCpu: number
  readonly serverCpu?: number
  readonly silentOpen?: number
  readonly latencyMs?: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** Connections that are held open. */
export interface IdleConnections {
  close(): Promise<void>
}

/** The server lost, altered, doubled or reordered messages, or does not answer. */
export class GeneratorError extends Error {
  override readonly name = 'GeneratorError'
}

/** Options of the generator by their names there; `true` for those without a value. */
export type GeneratorOptions = Readonly<Record<string, string | number | boolean | undefined>>

/** Runs the generator to its end. @throws {@link GeneratorError} */
export async function runGenerator(
  command: readonly string[],
  mode: 'echo' | 'topic' | 'http',
  options: GeneratorOptions,
): Promise<Measurement> {
  const { output, child } = start(command, mode, options)
  child.stdin.end()
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new GeneratorError(output.stderr.trim() || `the generator ended with ${code}`)
  return JSON.parse(output.stdout) as Measurement
}

/** Opens connections that do nothing, and resolves when they are all there. @throws {@link GeneratorError} */
export async function holdConnections(
  command: readonly string[],
  options: GeneratorOptions,
): Promise<IdleConnections> {
  const { output, child } = start(command, 'idle', options)
  const closed = once(child, 'close')
  const opened = once(child.stdout, 'data').then(() => true)
  if (!(await Promise.race([opened, closed.then(() => false)]))) {
    throw new GeneratorError(output.stderr.trim())
  }
  return {
    async close() {
      child.stdin.end()
      await closed
    },
  }
}

function start(command: readonly string[], mode: string, options: GeneratorOptions) {
  const [program, ...rest] = command
  const args = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return []
    return value === true ? [`--${name}`] : [`--${name}`, String(value)]
  })
  const child = spawn(program!, [...rest, mode, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  child.stdin.on('error', () => {})
  return { child, output }
}

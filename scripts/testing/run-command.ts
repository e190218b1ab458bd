import { spawn } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'

/** How a command ended and what it printed. */
export interface CommandResult {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly hasTimedOut: boolean
  /** Standard output and standard error, in the order they came, without colours. */
  readonly output: string
  readonly seconds: number
}

/** Options of {@link runCommand}. */
export interface CommandOptions {
  readonly cwd: string
  readonly timeoutSeconds: number
  readonly env?: Readonly<Record<string, string>>
  /** Sent at the time-out, two seconds before the command is killed, so that it can tell what it waits for. */
  readonly probeSignal?: NodeJS.Signals
}

const running = new Set<number>()

/** Runs a command in a process group of its own; whatever is left of the group afterwards is killed. */
export async function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const started = performance.now()
  // Both outputs into one pipe: of two, nobody knows which was written to first.
  const child = spawn('/bin/sh', ['-c', 'exec "$0" "$@" 2>&1', command, ...args], {
    cwd: options.cwd,
    env: {
      ...process.env,
      NO_COLOR: '1',
      FORCE_COLOR: undefined,
      NODE_TEST_CONTEXT: undefined,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = new Promise((resolve) => child.once('close', resolve))

  let hasTimedOut = false
  const timer = setTimeout(() => {
    hasTimedOut = true
    void stop(child.pid, options.probeSignal)
  }, options.timeoutSeconds * 1000)

  const ending = await new Promise<Pick<CommandResult, 'code' | 'signal'>>((resolve) => {
    if (child.pid !== undefined) running.add(child.pid)
    child.once('exit', (code, signal) => resolve({ code, signal }))
    child.once('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`))
      resolve({ code: 127, signal: null })
    })
  })
  clearTimeout(timer)
  killGroup(child.pid)
  if (child.pid !== undefined) await closed
  return {
    ...ending,
    hasTimedOut,
    output: stripVTControlCharacters(Buffer.concat(chunks).toString()),
    seconds: (performance.now() - started) / 1000,
  }
}

/** Kills every command that still runs. For the runner's own end. */
export function killRunningCommands(): void {
  for (const pid of running) killGroup(pid)
}

async function stop(pid: number | undefined, probeSignal: NodeJS.Signals | undefined): Promise<void> {
  if (pid === undefined) return
  if (probeSignal !== undefined) {
    signalProcess(pid, probeSignal)
    await wait(2000)
  }
  killGroup(pid)
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  running.delete(pid)
  signalProcess(-pid, 'SIGKILL')
}

/** Signals a process, or with a negative number its group, unless it has ended already. */
function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // It has ended.
  }
}

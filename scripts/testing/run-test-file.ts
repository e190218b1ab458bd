import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseJunit } from './parse-junit.ts'
import type { Job } from './plan.ts'
import { runCommand, type CommandResult } from './run-command.ts'
import type { Runtime } from './suites.ts'
import { END_OF_REPORT, type TestRecord } from './test-record.ts'

/** What became of one test file on one runtime. */
export interface FileResult {
  readonly job: Job
  readonly records: readonly TestRecord[]
  /** Why the file failed besides its tests: a time-out, a crash, no test at all. */
  readonly trouble: string | undefined
  readonly output: string
  readonly seconds: number
}

/** Where each runtime's program is, from the repository's root. */
export const PROGRAMS: Readonly<Record<Runtime, string>> = {
  node26: 'node_modules/.bin/node',
  node22: 'test/runtimes/node_modules/.bin/node',
  bun: 'node_modules/.bin/bun',
}

/** Runs one test file in a process of its own. `reportFile` is a path that nothing else uses. */
export async function runTestFile(root: string, job: Job, reportFile: string): Promise<FileResult> {
  const args = job.runtime === 'bun' ? bunArguments(job, reportFile) : nodeArguments(root, job, reportFile)
  const result = await runCommand(join(root, PROGRAMS[job.runtime]), args, {
    cwd: root,
    timeoutSeconds: job.timeoutSeconds,
    // What one process has stripped of types and compiled, the next need not; Bun and Node 22 make little or nothing of it.
    env: { NODE_COMPILE_CACHE: join(root, '.cache/compile') },
    ...(job.runtime === 'bun' ? {} : { probeSignal: 'SIGUSR2' as const }),
  })
  const { records, isComplete } = readReport(job.runtime, reportFile)
  const trouble = findTrouble(job, records, result) ?? (isComplete ? undefined : 'ended before its tests did')
  return { job, records, trouble, output: result.output, seconds: result.seconds }
}

function nodeArguments(root: string, job: Job, reportFile: string): string[] {
  return [
    '--conditions=goweb-source',
    '--disable-warning=ExperimentalWarning',
    `--import=${join(root, 'scripts/testing/leak-probe.ts')}`,
    `--test-reporter=${join(root, 'scripts/testing/node-reporter.ts')}`,
    `--test-reporter-destination=${reportFile}`,
    job.file,
  ]
}

function bunArguments(job: Job, reportFile: string): string[] {
  return [
    'test',
    '--conditions=goweb-source',
    // Bun's own limit of 5 s per test would depend on how busy the machine is.
    `--timeout=${job.timeoutSeconds * 1000}`,
    '--reporter=junit',
    `--reporter-outfile=${reportFile}`,
    `./${job.file}`,
  ]
}

function readReport(runtime: Runtime, reportFile: string): { records: TestRecord[]; isComplete: boolean } {
  if (!existsSync(reportFile)) return { records: [], isComplete: false }
  const text = readFileSync(reportFile, 'utf8')
  if (runtime === 'bun') return { records: parseJunit(text), isComplete: text.includes('</testsuites>') }
  // What follows the last line end was cut off when the process was killed.
  const lines = text.split('\n').slice(0, -1)
  const isComplete = lines.at(-1) === END_OF_REPORT
  if (isComplete) lines.pop()
  return { records: lines.map((line) => JSON.parse(line) as TestRecord), isComplete }
}

function findTrouble(job: Job, records: readonly TestRecord[], result: CommandResult): string | undefined {
  if (result.hasTimedOut) {
    return (
      `timed out: still running after ${job.timeoutSeconds} s; the last test to finish was ` +
      `${records.at(-1)?.name ?? '(none)'}. A test hangs, or something that the tests opened was never closed.`
    )
  }
  if (result.signal !== null) return `crashed: ended by ${result.signal}`
  if (records.some((record) => record.result === 'failed')) return undefined
  if (result.code !== 0) return `failed outside of its tests: exit code ${result.code}`
  if (records.length === 0) return 'ran no test'
  const unexplained = records.find((record) => record.result === 'skipped' && record.detail === '')
  // Bun's report has no reasons; the same file runs on Node, where a missing one is noticed.
  if (unexplained && job.runtime !== 'bun') return `skips without a reason: ${unexplained.name}`
  return undefined
}

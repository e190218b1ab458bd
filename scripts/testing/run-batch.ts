import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Batch } from './batches.ts'
import { findTroubles } from './find-troubles.ts'
import { parseNodeReport } from './node-report.ts'
import { parseJunit } from './parse-junit.ts'
import type { Job } from './plan.ts'
import { runCommand } from './run-command.ts'
import { splitOutput } from './split-output.ts'
import type { Runtime } from './suites.ts'
import { NOT_BEGUN, type ProcessReport, type TestRecord } from './test-record.ts'

/** What became of one test file on one runtime. */
export interface FileResult {
  readonly job: Job
  readonly records: readonly TestRecord[]
  /** Why the file failed besides its tests: a time-out, a crash, no test at all. */
  readonly trouble: string | undefined
  readonly output: string
  /** Of its tests; with no other file in the process, of the whole process. */
  readonly seconds: number
}

/** What became of the files of a batch. */
export interface BatchResult {
  readonly files: readonly FileResult[]
  readonly seconds: number
}

/** Where each runtime's program is, from the repository's root. */
export const PROGRAMS: Readonly<Record<Runtime, string>> = {
  node26: 'node_modules/.bin/node',
  node22: 'test/runtimes/node_modules/.bin/node',
  bun: 'node_modules/.bin/bun',
}

/** Runs the files of a batch in one process. `reportFile` is a path that nothing else uses. */
export async function runBatch(root: string, batch: Batch, reportFile: string): Promise<BatchResult> {
  const { runtime, jobs } = batch
  const args = runtime === 'bun' ? bunArguments(batch, reportFile) : nodeArguments(root, batch, reportFile)
  const result = await runCommand(join(root, PROGRAMS[runtime]), args, {
    cwd: root,
    timeoutSeconds: batch.timeoutSeconds,
    // What one process has stripped of types and compiled, the next need not; Bun and Node 22 make little or nothing of it.
    env: { NODE_COMPILE_CACHE: join(root, '.cache/compile') },
    ...(runtime === 'bun' ? {} : { probeSignal: 'SIGUSR2' as const }),
  })
  const files = jobs.map(({ file }) => file)
  const report = readReport(runtime, reportFile)
  const output = splitOutput(result.output, files)
  const troubles = findTroubles(batch, report, { ...result, begun: output.begun })
  return {
    seconds: result.seconds,
    files: jobs.map((job) => {
      const { records, seconds } = report.files.get(job.file) ?? NOT_BEGUN
      return {
        job,
        records,
        trouble: troubles.get(job.file),
        output: output.of.get(job.file) ?? '',
        seconds: jobs.length === 1 ? result.seconds : seconds,
      }
    }),
  }
}

function nodeArguments(root: string, { jobs }: Batch, reportFile: string): string[] {
  return [
    '--conditions=goweb-source',
    '--disable-warning=ExperimentalWarning',
    `--import=${join(root, 'scripts/testing/leak-probe.ts')}`,
    `--test-reporter=${join(root, 'scripts/testing/node-reporter.ts')}`,
    `--test-reporter-destination=${reportFile}`,
    join(root, 'scripts/testing/test-process.ts'),
    ...jobs.map(({ file }) => file),
  ]
}

function bunArguments({ jobs, timeoutSeconds }: Batch, reportFile: string): string[] {
  return [
    'test',
    '--conditions=goweb-source',
    // Bun's own limit of 5 s per test would depend on how busy the machine is.
    `--timeout=${timeoutSeconds * 1000}`,
    '--reporter=junit',
    `--reporter-outfile=${reportFile}`,
    ...jobs.map(({ file }) => `./${file}`),
  ]
}

function readReport(runtime: Runtime, reportFile: string): ProcessReport {
  if (!existsSync(reportFile)) return { files: new Map(), isComplete: false }
  const text = readFileSync(reportFile, 'utf8')
  return runtime === 'bun' ? parseJunit(text) : parseNodeReport(text)
}

import type { Batch } from './batches.ts'
import type { CommandResult } from './run-command.ts'
import { NOT_BEGUN, type FileRecords, type ProcessReport } from './test-record.ts'

/** How a test process ended. */
export interface ProcessEnd extends Pick<CommandResult, 'code' | 'signal' | 'hasTimedOut'> {
  /** The files that have begun, in that order. */
  readonly begun: readonly string[]
}

/**
 * Why files of a batch failed besides their tests, by path. What ended the process is the trouble of the file that it
 * happened in, and whatever had not ended by then has failed with it. Where no file can be blamed it is everybody's:
 * no process fails without a file that does.
 */
export function findTroubles(batch: Batch, report: ProcessReport, end: ProcessEnd): Map<string, string> {
  const files = batch.jobs.map(({ file }) => file)
  const of = (file: string): FileRecords => report.files.get(file) ?? NOT_BEGUN
  const open = files.filter((file) => !of(file).hasEnded)
  const culprit = end.begun.findLast((file) => open.includes(file))
  const ending = describeEnd(batch, report, end, culprit === undefined ? NOT_BEGUN : of(culprit))

  if (ending === undefined)
    return new Map(
      files.flatMap((file) => describeRecords(batch, of(file)).map((trouble) => [file, trouble])),
    )
  if (culprit === undefined) {
    const when = open.length === 0 ? 'after' : 'before'
    const others =
      files.length === 1 ? '' : `, ${when} all ${files.length} files of its process, each of which may be why`
    return new Map(files.map((file) => [file, `${ending}${others}`]))
  }
  return new Map(
    open.map((file) => [file, file === culprit ? ending : `has no result: its process ended in ${culprit}`]),
  )
}

/** What is wrong with the way in which the process ended. */
function describeEnd(
  { timeoutSeconds, runtime }: Batch,
  report: ProcessReport,
  { hasTimedOut, signal, code }: ProcessEnd,
  { records }: FileRecords,
): string | undefined {
  if (hasTimedOut) {
    return (
      `timed out: still running after ${timeoutSeconds} s; the last test to finish was ` +
      `${records.at(-1)?.name ?? '(none)'}. A test hangs, or something that the tests opened was never closed`
    )
  }
  if (signal !== null) return `crashed: ended by ${signal}`
  // Bun writes no report when there was no test at all.
  if (!report.isComplete && code === 0)
    return runtime === 'bun' ? 'ran no test, or ended before its tests did' : 'ended before its tests did'
  const hasFailure = [...report.files.values()].some((file) =>
    file.records.some(({ result }) => result === 'failed'),
  )
  return code === 0 || (report.isComplete && hasFailure)
    ? undefined
    : `failed outside of its tests: exit code ${code}`
}

/** What is wrong with the tests of a file of a process that ended as it should; at most one trouble. */
function describeRecords({ runtime }: Batch, { records }: FileRecords): string[] {
  if (records.length === 0) return ['ran no test']
  if (records.some(({ result }) => result === 'failed')) return []
  const unexplained = records.find(({ result, detail }) => result === 'skipped' && detail === '')
  // Bun's report has no reasons; the same file runs on Node, where a missing one is noticed.
  return unexplained && runtime !== 'bun' ? [`skips without a reason: ${unexplained.name}`] : []
}

import type { Omission } from './plan.ts'
import type { BatchResult, FileResult } from './run-batch.ts'
import { RUNTIME_NAMES, RUNTIMES, type Runtime } from './suites.ts'
import type { TestRecord } from './test-record.ts'
import { NO_COUNTS, countTests, sumCounts, type Counts } from './test-results.ts'

/** Prints results as they come and counts them. */
export class Report {
  readonly #checks: Counts[] = []
  readonly #files = new Map<Runtime, Counts[]>()
  readonly #notRun = new Map<Runtime, number>()
  readonly #failures: string[] = []

  get hasFailed(): boolean {
    return this.#failures.length > 0
  }

  /** Test files that do not run on a runtime; one line for each reason. */
  addOmissions(omissions: readonly Omission[]): void {
    for (const { runtime } of omissions) this.#notRun.set(runtime, (this.#notRun.get(runtime) ?? 0) + 1)
    const groups = Map.groupBy(omissions, ({ runtime, scope, reason }) => `${runtime} ${scope}: ${reason}`)
    for (const group of groups.values()) {
      const [{ runtime, file, scope, reason } = { runtime: '', file: '', scope: '', reason: '' }] = group
      const files = scope === file ? '' : `, ${countFiles(group.length)}`
      console.log(`-- ${runtime} ${scope}${files}: not run (${reason})`)
    }
  }

  /** A check that is one command. */
  addCheck(name: string, isOk: boolean, output: string, seconds: number): void {
    const title = `static ${name}`
    this.#checks.push({ ...NO_COUNTS, [isOk ? 'passed' : 'failed']: 1 })
    if (!isOk) this.#failures.push(title)
    console.log(`${isOk ? 'ok' : 'not ok'} ${title} (${seconds.toFixed(1)} s)`)
    if (!isOk) console.log(indent(output))
  }

  /** The files of a process; with more than one, what the process took besides their tests is told, too. */
  addBatch({ files, seconds }: BatchResult): void {
    const [first] = files
    if (first && files.length > 1)
      console.log(`-- ${first.job.runtime}, ${files.length} files in one process (${seconds.toFixed(1)} s):`)
    for (const file of files) this.addFile(file)
  }

  /** A test file; lines of its output that begin with `note: ` are shown whatever came of it. */
  addFile(result: FileResult): void {
    const { job, records, trouble, output, seconds } = result
    const title = `${job.runtime} ${job.file}`
    const counts = countTests(result)
    this.#files.set(job.runtime, [...(this.#files.get(job.runtime) ?? []), counts])
    const isOk = counts.failed === 0
    if (!isOk) this.#failures.push(title)

    console.log(`${isOk ? 'ok' : 'not ok'} ${title}: ${describeCounts(counts)} (${seconds.toFixed(1)} s)`)
    const skips = records.filter((record) => record.result === 'skipped')
    for (const line of describeSkips(skips)) console.log(indent(line))
    for (const [note] of output.matchAll(/^note: .*$/gm)) console.log(indent(note))
    if (isOk) return
    if (trouble !== undefined) console.log(indent(trouble))
    for (const { name, result: what, detail } of records)
      if (what === 'failed') console.log(indent(`failed: ${name}\n${indent(detail)}`))
    if (output.trim() !== '') console.log(indent(`what the file printed:\n${indent(output.trimEnd())}`))
  }

  /** Repeats what failed, tells what became of each runtime, and ends with the line of counts. */
  end(seconds: number): void {
    console.log('')
    for (const title of this.#failures) console.log(`failed: ${title}`)
    for (const runtime of RUNTIMES) {
      const files = this.#files.get(runtime)
      if (files === undefined) continue
      const { passed, failed, skipped } = sumCounts(files)
      const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`
      const notRun = this.#notRun.get(runtime) ?? 0
      const rest = notRun === 0 ? '' : `, ${countFiles(notRun)} not run`
      console.log(`${RUNTIME_NAMES[runtime]}: ${counts} in ${countFiles(files.length)}${rest}`)
    }
    console.log(`Took ${seconds.toFixed(0)} s.`)
    const { passed, failed, skipped } = sumCounts([...this.#checks, ...[...this.#files.values()].flat()])
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
}

function describeCounts({ passed, failed, skipped }: Counts): string {
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (skipped > 0) parts.push(`${skipped} skipped`)
  return parts.join(', ')
}

function countFiles(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}

/** One line for each reason; Bun's report has none, so there the names have to do. */
function describeSkips(skips: readonly TestRecord[]): string[] {
  const groups = Map.groupBy(skips, (skip) => skip.detail)
  return Array.from(groups, ([reason, group]) => {
    const names = group.slice(0, 3).map((skip) => skip.name)
    if (group.length > names.length) names.push(`and ${group.length - names.length} more`)
    return `skipped: ${names.join('; ')}${reason === '' ? '' : ` (${reason})`}`
  })
}

function indent(text: string): string {
  return text.replace(/^/gm, '   ')
}

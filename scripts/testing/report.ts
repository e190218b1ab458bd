import type { Omission } from './plan.ts'
import type { FileResult } from './run-test-file.ts'
import type { TestRecord } from './test-record.ts'

/** Prints results as they come and counts them. */
export class Report {
  #passed = 0
  #failed = 0
  #skipped = 0
  readonly #failures: string[] = []

  get hasFailed(): boolean {
    return this.#failed > 0
  }

  /** A test file that does not run on a runtime. */
  addOmission({ runtime, file, reason }: Omission): void {
    console.log(`-- ${runtime} ${file}: not run (${reason})`)
  }

  /** A check that is one command. */
  addCheck(name: string, isOk: boolean, output: string, seconds: number): void {
    const title = `static ${name}`
    if (isOk) this.#passed += 1
    else this.#fail(title, 1)
    console.log(`${isOk ? 'ok' : 'not ok'} ${title} (${seconds.toFixed(1)} s)`)
    if (!isOk) console.log(indent(output))
  }

  /** A test file; lines of its output that begin with `note: ` are shown whatever came of it. */
  addFile({ job, records, trouble, output, seconds }: FileResult): void {
    const title = `${job.runtime} ${job.file}`
    const failures = records.filter((record) => record.result === 'failed')
    const skips = records.filter((record) => record.result === 'skipped')
    const passed = records.length - failures.length - skips.length
    this.#passed += passed
    this.#skipped += skips.length
    const isOk = failures.length === 0 && trouble === undefined
    if (!isOk) this.#fail(title, Math.max(failures.length, 1))

    const counts = [`${passed} passed`]
    if (failures.length > 0) counts.push(`${failures.length} failed`)
    if (skips.length > 0) counts.push(`${skips.length} skipped`)
    console.log(`${isOk ? 'ok' : 'not ok'} ${title}: ${counts.join(', ')} (${seconds.toFixed(1)} s)`)
    for (const line of describeSkips(skips)) console.log(indent(line))
    for (const [note] of output.matchAll(/^note: .*$/gm)) console.log(indent(note))
    if (isOk) return
    if (trouble !== undefined) console.log(indent(trouble))
    for (const failure of failures) console.log(indent(`failed: ${failure.name}\n${indent(failure.detail)}`))
    if (output.trim() !== '') console.log(indent(`what the file printed:\n${indent(output.trimEnd())}`))
  }

  /** Repeats what failed and ends with the line of counts. */
  end(seconds: number): void {
    console.log('')
    for (const title of this.#failures) console.log(`failed: ${title}`)
    console.log(`Took ${seconds.toFixed(0)} s.`)
    console.log(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`)
  }

  #fail(title: string, count: number): void {
    this.#failed += count
    this.#failures.push(title)
  }
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

import { join } from 'node:path'
import { inspect } from 'node:util'
import type { TestEvent } from 'node:test/reporters'
import type { NodeReportLine } from './node-report.ts'

const MAIN_MODULE = join(import.meta.dirname, 'test-process.ts')

/** A reporter for `node --test-reporter`, in a process of `test-process.ts`: {@link NodeReportLine}s. */
// oxlint-disable-next-line import/no-default-export -- Node takes a reporter from the default export
export default async function* nodeReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = []
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      path.length = data.nesting
      path[data.nesting] = data.name
      if (isFile(data)) yield lineOf({ file: data.name, atMs: performance.now() })
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (isFile(data) && type === 'test:pass') continue
    const isSuite = data.details.type === 'suite'
    const isExcused = data.skip !== undefined || data.todo !== undefined
    if (isSuite && (type === 'test:pass' || isExcused)) continue
    const record = {
      name: isFile(data) ? 'the file is loaded' : [...path.slice(0, data.nesting), data.name].join(' > '),
      result: isExcused ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed',
      detail: isExcused
        ? reasonOf(data.skip ?? data.todo)
        : type === 'test:fail'
          ? failureOf(data.details.error)
          : '',
    } as const
    // A suite fails with its tests; only a failure of its own, such as a hook's, is told.
    if (isSuite && record.detail === '') continue
    yield lineOf(record)
  }
  yield lineOf('end')
}

/** The test of `test-process.ts` that a file's own come after. */
function isFile({ nesting, file }: { readonly nesting: number; readonly file?: string }): boolean {
  return nesting === 0 && file === MAIN_MODULE
}

function lineOf(line: NodeReportLine): string {
  return `${JSON.stringify(line)}\n`
}

function reasonOf(value: string | boolean | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** The error in full; empty when it only says that a subtest failed, which tells itself. */
function failureOf(error: Error): string {
  if ('failureType' in error && error.failureType === 'subtestsFailed') return ''
  return inspect(error.cause ?? error, { depth: 6 })
}

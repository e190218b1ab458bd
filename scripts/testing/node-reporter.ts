import { inspect } from 'node:util'
import type { TestEvent } from 'node:test/reporters'
import { END_OF_REPORT, type TestRecord } from './test-record.ts'

/** A reporter for `node --test-reporter`: one {@link TestRecord} as JSON per line, then an end. */
// oxlint-disable-next-line import/no-default-export -- Node takes a reporter from the default export
export default async function* nodeReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const path: string[] = []
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      path.length = data.nesting
      path[data.nesting] = data.name
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    const isSuite = data.details.type === 'suite'
    const isExcused = data.skip !== undefined || data.todo !== undefined
    if (isSuite && (type === 'test:pass' || isExcused)) continue
    const record: TestRecord = {
      name: [...path.slice(0, data.nesting), data.name].join(' > '),
      result: isExcused ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed',
      detail: isExcused
        ? reasonOf(data.skip ?? data.todo)
        : type === 'test:fail'
          ? failureOf(data.details.error)
          : '',
    }
    // A suite fails with its tests; only a failure of its own, such as a hook's, is told.
    if (isSuite && record.detail === '') continue
    yield `${JSON.stringify(record)}\n`
  }
  yield `${END_OF_REPORT}\n`
}

function reasonOf(value: string | boolean | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** The error in full; empty when it only says that a subtest failed, which tells itself. */
function failureOf(error: Error): string {
  if ('failureType' in error && error.failureType === 'subtestsFailed') return ''
  return inspect(error.cause ?? error, { depth: 6 })
}

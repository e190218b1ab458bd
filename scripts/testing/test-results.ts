import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FileResult } from './run-batch.ts'
import type { Runtime } from './suites.ts'

/** How many tests of something ended how. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const NO_COUNTS: Counts = { passed: 0, failed: 0, skipped: 0 }

/** Adds counts up. */
export function sumCounts(all: Iterable<Counts>): Counts {
  let { passed, failed, skipped } = NO_COUNTS
  for (const counts of all) {
    passed += counts.passed
    failed += counts.failed
    skipped += counts.skipped
  }
  return { passed, failed, skipped }
}

/** Counts the tests of a file; trouble besides them counts as one that failed. */
export function countTests({ records, trouble }: FileResult): Counts {
  const failures = records.filter((record) => record.result === 'failed').length
  const skipped = records.filter((record) => record.result === 'skipped').length
  const failed = failures === 0 && trouble !== undefined ? 1 : failures
  return { passed: records.length - failures - skipped, failed, skipped }
}

/** The newest counts of each test file, by runtime and path from the repository's root. */
export type TestResults = Partial<Record<Runtime, Readonly<Record<string, Counts>>>>

/** Where the results of runs are kept, from the repository's root. */
const FILE = '.cache/test-results.json'

/** The results that were kept; none where there are none. */
export function readTestResults(root: string): TestResults {
  try {
    return JSON.parse(readFileSync(join(root, FILE), 'utf8')) as TestResults
  } catch {
    return {}
  }
}

/** Keeps the counts of a file in the place of older ones. */
export function keepTestResult(root: string, result: FileResult): void {
  const { runtime, file } = result.job
  const kept = readTestResults(root)
  const path = join(root, FILE)
  mkdirSync(dirname(path), { recursive: true })
  const text = JSON.stringify({ ...kept, [runtime]: { ...kept[runtime], [file]: countTests(result) } })
  // Renamed into its place, so that whoever ends this process leaves a whole file.
  writeFileSync(`${path}.${process.pid}`, text)
  renameSync(`${path}.${process.pid}`, path)
}

import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FileResult } from './run-test-file.ts'
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

/** Keeps the results of a run, beside the older ones of files that it did not run. */
export function keepTestResults(root: string, newer: TestResults): void {
  const kept = { ...readTestResults(root) }
  for (const [runtime, files] of Object.entries(newer) as [Runtime, Record<string, Counts>][]) {
    kept[runtime] = { ...kept[runtime], ...files }
  }
  const file = join(root, FILE)
  mkdirSync(dirname(file), { recursive: true })
  // Renamed into its place, so that two runs at once leave a whole file.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(kept))
  renameSync(`${file}.${process.pid}`, file)
}

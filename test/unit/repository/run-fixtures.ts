import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBatch, type FileResult } from '../../../scripts/testing/run-batch.ts'
import type { Runtime } from '../../../scripts/testing/suites.ts'
import { ROOT } from './project-files.ts'

/** Runs files of `fixtures` as test files, in one process. */
export async function runFixtures(
  fixtures: readonly string[],
  runtime: Runtime,
  timeoutSeconds = 100,
): Promise<FileResult[]> {
  const jobs = fixtures.map((fixture) => {
    const file = `test/unit/repository/fixtures/${fixture}.ts`
    return { runtime, file, timeoutSeconds, runsAlone: false, needsSystem: false }
  })
  const batch = { runtime, jobs, timeoutSeconds, runsAlone: false }
  const folder = mkdtempSync(join(tmpdir(), 'goweb-runner-'))
  try {
    const { files } = await runBatch(ROOT, batch, join(folder, 'report'))
    assert.deepEqual(
      files.map(({ job }) => job),
      jobs,
    )
    return [...files]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** What became of each test. */
export function resultsOf({ records }: FileResult): string[] {
  return records.map(({ name, result }) => `${result}: ${name}`).toSorted()
}

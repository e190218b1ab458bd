/** Writes the tables of `docs/runtimes.md`: `npm run docs:runtimes`, after a whole `npm test`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderSectionsByRuntime } from '../test/conformance/render-on-bun.ts'
import { findOmissions } from './docs/find-omissions.ts'
import { renderCounts, renderOmissions, replaceBlock } from './docs/render-runtimes-doc.ts'
import { planTests } from './testing/plan.ts'
import { RUNTIMES } from './testing/suites.ts'
import { readTestResults } from './testing/test-results.ts'

const root = join(import.meta.dirname, '..')
const file = join(root, 'docs/runtimes.md')
const plan = planTests(root, { filters: [], runtimes: RUNTIMES })
const withOmissions = replaceBlock(
  readFileSync(file, 'utf8'),
  'omissions',
  renderOmissions(findOmissions(root)),
)
const page = replaceBlock(withOmissions, 'conformance', renderSectionsByRuntime())
try {
  writeFileSync(file, replaceBlock(page, 'counts', renderCounts(plan, readTestResults(root))))
} catch (error) {
  // What is left out needs no run.
  writeFileSync(file, page)
  console.log(`The table of what passed stays as it is. ${(error as Error).message}`)
}

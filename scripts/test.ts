/**
 * Runs the tests: `npm test -- [--check] [--runtime node26|node22|bun] [--jobs N] [part of a path…]`.
 *
 * Without arguments everything runs. Parts of paths below `test/` choose files; `static` chooses the checks of
 * format, lint and types. `--check` is the fast gate: those checks and the unit tests on Node 26. Nothing is
 * ever run twice: a test that fails once has failed.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { setUp } from './setup.ts'
import { planBatches } from './testing/batches.ts'
import { planTests } from './testing/plan.ts'
import { Report } from './testing/report.ts'
import { killRunningCommands, runCommand } from './testing/run-command.ts'
import { runBatch } from './testing/run-batch.ts'
import { runBatches } from './testing/run-batches.ts'
import { STATIC_CHECKS } from './testing/static-checks.ts'
import { RUNTIMES, type Runtime } from './testing/suites.ts'
import { keepTestResult } from './testing/test-results.ts'

const root = join(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    runtime: { type: 'string', multiple: true },
    // Twice the processors of a small machine: many tests wait most of their time.
    jobs: { type: 'string', default: '4' },
  },
})

const filters = values.check ? ['static', 'unit/', ...positionals] : positionals
const runtimes = values.check ? ['node26'] : (values.runtime ?? RUNTIMES)
const unknown = runtimes.find((runtime) => !RUNTIMES.some((known) => known === runtime))
if (unknown !== undefined) throw new Error(`--runtime ${unknown}: expected one of ${RUNTIMES.join(', ')}`)

const started = performance.now()
const report = new Report()
const plan = planTests(root, { filters, runtimes: runtimes as Runtime[] })
const isStatic = filters.length === 0 || filters.includes('static')
if (!isStatic && plan.jobs.length === 0) throw new Error(`No test file matches ${filters.join(' ')}`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killRunningCommands()
    process.exit(1)
  })
}

if (!values.check) setUp(root, { hasSystem: plan.jobs.some((job) => job.needsSystem) })
if (isStatic) await runChecks()
const reports = mkdtempSync(join(tmpdir(), 'goweb-test-'))
try {
  report.addOmissions(plan.omissions)
  let count = 0
  await runBatches(planBatches(plan.jobs), {
    width: Math.max(1, Number(values.jobs)),
    run: async (batch) => {
      const result = await runBatch(root, batch, join(reports, String((count += 1))))
      report.addBatch(result)
      for (const file of result.files) keepTestResult(root, file)
    },
  })
} finally {
  rmSync(reports, { recursive: true, force: true })
}
report.end((performance.now() - started) / 1000)
process.exitCode = report.hasFailed ? 1 : 0

async function runChecks(): Promise<void> {
  for (const { name, command, args } of STATIC_CHECKS) {
    const result = await runCommand(join(root, command), args, { cwd: root, timeoutSeconds: 300 })
    report.addCheck(name, result.code === 0, result.output, result.seconds)
  }
}

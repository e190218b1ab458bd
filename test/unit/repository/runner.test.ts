import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { planTests, type Job, type Plan } from '../../../scripts/testing/plan.ts'
import { runJobs } from '../../../scripts/testing/run-jobs.ts'
import { runTestFile, type FileResult } from '../../../scripts/testing/run-test-file.ts'
import { RUNTIMES, type Runtime } from '../../../scripts/testing/suites.ts'
import { ROOT } from './project-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'goweb-runner-'))
after(() => rmSync(folder, { recursive: true }))

function run(fixture: string, runtime: Runtime, timeoutSeconds = 100): Promise<FileResult> {
  const file = `test/unit/repository/fixtures/${fixture}.ts`
  const job = { runtime, file, timeoutSeconds, runsAlone: false, needsSystem: false }
  return runTestFile(ROOT, job, join(folder, `${fixture}-${runtime}`))
}

function resultsOf({ records }: FileResult): string[] {
  return records.map(({ name, result }) => `${result}: ${name}`).toSorted()
}

describe('a test file', () => {
  // The runner treats Node 22 as it treats Node 26.
  for (const runtime of ['node26', 'bun'] as const) {
    test(`that fails tells which test and why, on ${runtime}`, async () => {
      const result = await run('failing', runtime)
      assert.equal(result.trouble, undefined)
      assert.deepEqual(resultsOf(result), ['failed: group <&> > fails', 'passed: passes'])
      const failure = result.records.find((record) => record.result === 'failed')
      assert.match(failure?.detail ?? '', /strictly deep-equal.*failing\.ts:7/s)
    })

    test(`that runs no test has failed, on ${runtime}`, async () => {
      assert.equal((await run('empty', runtime)).trouble, 'ran no test')
    })

    test(`that ends the process early has failed, on ${runtime}`, async () => {
      assert.match(
        (await run('exiting', runtime)).trouble ?? '',
        /^(?:ended before its tests did|ran no test)$/,
      )
    })

    test(`that throws outside of a test has failed, on ${runtime}`, async () => {
      const { trouble, output } = await run('crashing', runtime)
      assert.match(trouble ?? '', /^failed outside of its tests/)
      assert.match(output, /thrown outside of a test/)
    })
  }

  test('that passes is counted by test, part and skip', async () => {
    const result = await run('passing', 'node26')
    assert.equal(result.trouble, undefined)
    assert.deepEqual(resultsOf(result), [
      'passed: group > passes',
      'passed: has parts',
      'passed: has parts > part',
      'skipped: group > is skipped',
    ])
    assert.equal(result.records.find((record) => record.result === 'skipped')?.detail, 'no need')
  })

  test('that ends with another exit code has failed', async () => {
    assert.equal((await run('late', 'node26')).trouble, 'failed outside of its tests: exit code 3')
  })

  test('that skips without a reason has failed', async () => {
    assert.equal((await run('unexplained', 'node26')).trouble, 'skips without a reason: is skipped')
  })

  test('that leaves something open has failed', async () => {
    const { trouble } = await run('leaking', 'node26', 3)
    assert.match(trouble ?? '', /^timed out: still running after 3 s/)
  })
})

describe('the plan', () => {
  function plan(files: Readonly<Record<string, string>>, filters: string[] = []): Plan {
    const root = mkdtempSync(join(folder, 'plan-'))
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, file)), { recursive: true })
      writeFileSync(join(root, file), text)
    }
    return planTests(root, { filters, runtimes: RUNTIMES })
  }

  function titlesOf({ jobs }: Plan): string[] {
    return jobs.map(({ runtime, file }) => `${runtime} ${file}`)
  }

  test('runs a unit test everywhere, a type test once, and leaves out what a file names', () => {
    const { jobs, omissions } = plan({
      'test/unit/a.test.ts': '// not on bun: no such API\n',
      'test/types/b.test.ts': '',
      'test/unit/helper.ts': '',
    })
    assert.deepEqual(titlesOf({ jobs, omissions }), [
      'node26 test/types/b.test.ts',
      'node26 test/unit/a.test.ts',
      'node22 test/unit/a.test.ts',
    ])
    const [ofTypes, ofFile] = [omissions.slice(0, 2), omissions.slice(2)]
    assert.deepEqual(
      ofTypes.map(({ runtime, scope }) => [runtime, scope]),
      [
        ['node22', 'test/types'],
        ['bun', 'test/types'],
      ],
    )
    const file = 'test/unit/a.test.ts'
    assert.deepEqual(ofFile, [{ runtime: 'bun', file, scope: file, reason: 'no such API' }])
  })

  test('takes parts of paths and longer time-outs', () => {
    const files = { 'test/types/a/x.test.ts': '// time-out: 900 s\n', 'test/types/b/x.test.ts': '' }
    assert.deepEqual(titlesOf(plan(files, ['types/a'])), ['node26 test/types/a/x.test.ts'])
    assert.equal(plan(files, ['types/a']).jobs[0]?.timeoutSeconds, 900)
  })

  test('begins with what may take long', () => {
    const files = { 'test/unit/a.test.ts': '', 'test/unit/b.test.ts': '// time-out: 300 s\n' }
    const titles = titlesOf(plan(files))
    assert.deepEqual(titles.slice(0, 3), [
      'node26 test/unit/b.test.ts',
      'node26 test/unit/a.test.ts',
      'node22 test/unit/b.test.ts',
    ])
  })

  test('gives a reason wherever it leaves a runtime out', () => {
    const { omissions } = planTests(ROOT, { filters: [], runtimes: RUNTIMES })
    const unexplained = omissions.filter(({ reason }) => reason === '')
    assert.deepEqual(unexplained, [])
  })

  test('refuses a test file that no suite would run', () => {
    assert.throws(() => plan({ 'test/other/a.test.ts': '' }), /no suite has this folder/)
  })
})

describe('jobs', () => {
  /** Runs jobs in turns of the microtask queue, and tells which ran beside each other. */
  async function trace(
    jobs: readonly Partial<Job>[],
    width: number,
  ): Promise<{ order: string[]; beside: string[][] }> {
    const order: string[] = []
    const beside: string[][] = []
    const running = new Set<string>()
    const whole = jobs.map((job, index) => ({
      runtime: 'node26' as const,
      file: String(index),
      runsAlone: false,
      timeoutSeconds: 1,
      needsSystem: false,
      ...job,
    }))
    await runJobs(whole, {
      width,
      async run({ file }) {
        order.push(file)
        running.add(file)
        beside.push([...running])
        await setImmediate()
        running.delete(file)
      },
    })
    return { order, beside }
  }

  test('run so many at a time, those that run alone at the end', async () => {
    const { order, beside } = await trace([{ runsAlone: true }, {}, {}, { runsAlone: true }, {}], 2)
    assert.deepEqual(order, ['1', '2', '4', '0', '3'])
    assert.equal(Math.max(...beside.map((files) => files.length)), 2)
    assert.deepEqual(beside.slice(3), [['0'], ['3']])
  })

  test('of a lane with no room wait while others run', async () => {
    const lane = { folder: 'browser', width: 1 }
    const { order, beside } = await trace([{ lane }, { lane }, {}, {}, { lane }], 3)
    assert.deepEqual(order.toSorted(), ['0', '1', '2', '3', '4'])
    assert.deepEqual(order.slice(0, 3), ['0', '2', '3'])
    const ofLane = new Set(['0', '1', '4'])
    assert.ok(beside.every((files) => files.filter((file) => ofLane.has(file)).length <= 1))
  })
})

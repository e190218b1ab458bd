// alone: it starts processes, and waits for one that hangs
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { planBatches, type Batch } from '../../../scripts/testing/batches.ts'
import { planTests, type Plan } from '../../../scripts/testing/plan.ts'
import type { FileResult } from '../../../scripts/testing/run-batch.ts'
import { runBatches } from '../../../scripts/testing/run-batches.ts'
import { RUNTIMES, type Runtime } from '../../../scripts/testing/suites.ts'
import { ROOT, readProjectFile } from './project-files.ts'
import { resultsOf, runFixtures } from './run-fixtures.ts'

const folder = mkdtempSync(join(tmpdir(), 'goweb-runner-'))
after(() => rmSync(folder, { recursive: true }))

async function run(fixture: string, runtime: Runtime, timeoutSeconds?: number): Promise<FileResult> {
  const [result] = await runFixtures([fixture], runtime, timeoutSeconds)
  assert.ok(result)
  return result
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
      assert.match((await run('empty', runtime)).trouble ?? '', /^ran no test/)
    })

    test(`that ends the process early has failed, on ${runtime}`, async () => {
      assert.match((await run('exiting', runtime)).trouble ?? '', /ended before its tests did$/)
    })

    test(`that throws outside of a test has failed, on ${runtime}`, async () => {
      const { trouble, output, records } = await run('crashing', runtime)
      const failure = records.find(({ result }) => result === 'failed')
      if (failure) assert.equal(failure.name, 'the file is loaded')
      else assert.match(trouble ?? '', /^failed outside of its tests/)
      assert.match(failure?.detail ?? output, /thrown outside of a test/)
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

  test('lets files of some folders share processes, as evenly as it can', () => {
    const names = Array.from(
      { length: 50 },
      (_, index) => `test/unit/${String(index).padStart(2, '0')}.test.ts`,
    )
    const files = {
      ...Object.fromEntries(names.map((name) => [name, ''])),
      'test/unit/own.test.ts': '// alone: it changes the process\n',
      'test/unit/slow.test.ts': '// time-out: 300 s\n',
      'test/integration/leaks/a.test.ts': '',
      'test/integration/proxies/b.test.ts': '',
      'test/integration/proxies/c.test.ts': '',
    }
    const batches = planBatches(plan(files).jobs).filter(({ runtime }) => runtime === 'node26')
    const shared = batches.filter(({ jobs }) => jobs.length > 1)
    assert.deepEqual(
      shared.map(({ jobs }) => jobs.length),
      [25, 25],
    )
    assert.deepEqual(
      shared.flatMap(({ jobs }) => jobs.map(({ file }) => file)),
      names,
    )
    assert.ok(shared.every(({ timeoutSeconds, runsAlone }) => timeoutSeconds === 120 && !runsAlone))
    assert.equal(batches.length - shared.length, 5)
  })

  test('lets no file share a process whose hooks would run around the tests of others', () => {
    const { jobs } = planTests(ROOT, { filters: [], runtimes: RUNTIMES })
    const sharing = jobs.filter(
      (job) => job.sharing && /^(?:before|after)Each\(/m.test(readProjectFile(job.file)),
    )
    assert.deepEqual(titlesOf({ jobs: sharing, omissions: [] }), [])
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

describe('batches', () => {
  /** Runs batches in turns of the microtask queue, and tells which ran beside each other. */
  async function trace(
    batches: readonly Partial<Batch>[],
    width: number,
  ): Promise<{ order: string[]; beside: string[][] }> {
    const order: string[] = []
    const beside: string[][] = []
    const running = new Set<string>()
    const whole = batches.map((batch, index) => ({
      runtime: 'node26' as const,
      jobs: [
        {
          runtime: 'node26' as const,
          file: String(index),
          runsAlone: false,
          timeoutSeconds: 1,
          needsSystem: false,
        },
      ],
      runsAlone: false,
      timeoutSeconds: 1,
      ...batch,
    }))
    await runBatches(whole, {
      width,
      async run({ jobs: [{ file } = { file: '' }] }) {
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

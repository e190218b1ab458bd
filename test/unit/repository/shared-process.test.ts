// alone: it waits for processes that hang, and others need not wait with it
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { resultsOf, runFixtures } from './run-fixtures.ts'

describe('test files that share a process', { concurrency: 3 }, () => {
  // The runner treats Node 22 as it treats Node 26.
  for (const runtime of ['node26', 'bun'] as const) {
    test(`have their own results, on ${runtime}`, async () => {
      const [passing, failing, helped, again] = await runFixtures(
        ['passing', 'failing', 'helped', 'again'],
        runtime,
      )
      assert.ok(passing && failing && helped && again)
      assert.deepEqual(resultsOf(failing), ['failed: group <&> > fails', 'passed: passes'])
      assert.ok(resultsOf(passing).includes('passed: group > passes'))
      assert.ok(!resultsOf(passing).includes('passed: passes'))
      for (const file of [helped, again]) assert.deepEqual(resultsOf(file), ['passed: declared by a helper'])
      const troubles = [passing, failing, helped, again].map(({ trouble }) => trouble)
      assert.deepEqual(troubles, Array(4).fill(undefined))
      assert.match(helped.output, /printed by helped/)
      for (const file of [passing, again]) assert.doesNotMatch(file.output, /printed by helped/)
    })

    test(`fail where one runs no test, and no other does, on ${runtime}`, async () => {
      const results = await runFixtures(['helped', 'empty', 'again'], runtime)
      assert.deepEqual(
        results.map(({ trouble }) => trouble),
        [undefined, 'ran no test', undefined],
      )
    })

    test(`fail where one throws outside of its tests, on ${runtime}`, async () => {
      const [helped, crashing, again] = await runFixtures(['helped', 'crashing', 'again'], runtime)
      assert.ok(helped && crashing && again)
      assert.deepEqual([helped.trouble, again.trouble], [undefined, undefined])
      assert.deepEqual(resultsOf(again), ['passed: declared by a helper'])
      assert.ok(crashing.trouble !== undefined || crashing.records.some(({ result }) => result === 'failed'))
      assert.match(
        crashing.output + crashing.records.map(({ detail }) => detail).join('\n'),
        /thrown outside of a test/,
      )
    })

    for (const fixture of ['exiting', 'killed', 'hanging']) {
      test(`fail from one on that is ${fixture}, on ${runtime}`, async () => {
        const seconds = fixture === 'hanging' ? 5 : undefined
        const [before, culprit, ...later] = await runFixtures(
          ['helped', fixture, 'again', 'passing'],
          runtime,
          seconds,
        )
        assert.ok(before && culprit)
        // Results of files that had ended may be lost with the process; a Node that hangs has written them.
        if (runtime !== 'bun' && fixture === 'hanging') {
          assert.equal(before.trouble, undefined)
          assert.deepEqual(resultsOf(before), ['passed: declared by a helper'])
        }
        const reasons = {
          exiting: /ended before its tests did/,
          killed: /^crashed: ended by SIGKILL/,
          hanging: /^timed out/,
        }
        assert.match(culprit.trouble ?? '', reasons[fixture as keyof typeof reasons])
        for (const { trouble } of later)
          assert.match(trouble ?? '', new RegExp(`its process ended in .*/${fixture}\\.ts$`))
      })
    }
  }

  test('have all failed where one leaves something open, which could be any', async () => {
    const results = await runFixtures(['helped', 'leaking', 'again'], 'node26', 5)
    for (const { trouble } of results)
      assert.match(trouble ?? '', /^timed out: .*after all 3 files of its process, each of which may be why$/)
  })

  test('have all failed where the process ends with another exit code', async () => {
    const results = await runFixtures(['late', 'again'], 'node26')
    for (const { trouble } of results)
      assert.match(trouble ?? '', /^failed outside of its tests: exit code 3/)
  })

  test('are told which skip has no reason', async () => {
    const results = await runFixtures(['helped', 'unexplained'], 'node26')
    assert.deepEqual(
      results.map(({ trouble }) => trouble),
      [undefined, 'skips without a reason: is skipped'],
    )
  })

  test('have all failed where one is never loaded', async () => {
    const results = await runFixtures(['helped', 'never-loaded', 'again'], 'node26')
    const culprit = 'test/unit/repository/fixtures/never-loaded.ts'
    const lost = `has no result: its process ended in ${culprit}`
    assert.deepEqual(
      results.map(({ trouble }) => trouble),
      [lost, 'failed outside of its tests: exit code 13', lost],
    )
  })
})

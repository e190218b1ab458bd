// time-out: 900 s
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { playSeeds } from './play-seeds.ts'
import { describeFailure, playSeed } from './run-seed.ts'

// LAB_SCHEDULES=200000 node --conditions=goweb-source --test test/lab/schedules.test.ts
// LAB_SEED=7 LAB_SCHEDULES=1 … plays one and prints what happened.
const COUNT = Number(process.env['LAB_SCHEDULES'] ?? defaultCount())
const FIRST_SEED = Number(process.env['LAB_SEED'] ?? 1)

/** The newest Node plays most; the others show that the lab works there. */
function defaultCount(): number {
  const isNewest = process.versions['bun'] === undefined && !process.version.startsWith('v22.')
  return isNewest ? 5_000 : 300
}

test(`${COUNT} schedules of operations and faults break no promise`, async (t) => {
  if (COUNT === 1) t.diagnostic((await playSeed(FIRST_SEED)).timeline.join('\n'))
  const { brokenBy, sums, fewestOperations, fewestFaults } = await playSeeds({
    firstSeed: FIRST_SEED,
    count: COUNT,
  })
  if (brokenBy !== undefined) assert.fail(await describeFailure(brokenBy))
  t.diagnostic(`${COUNT} schedules: ${JSON.stringify(sums)}`)
  assert.ok(fewestOperations >= 50, `a schedule did only ${fewestOperations} operations`)
  assert.ok(fewestFaults >= 3, `a schedule had only ${fewestFaults} faults`)
})

test('the same seed gives the same schedule, to the millisecond', async () => {
  const [once, again] = [await playSeed(11), await playSeed(11)]
  assert.deepEqual(once, again)
})

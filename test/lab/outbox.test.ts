import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  planSchedule,
  runSchedule,
  shrinkSchedule,
  type ScheduleOptions,
  type ScheduleStep,
} from '../../src/testing/schedule.ts'
import { OutboxWorld, type OutboxCounts } from './outbox-world.ts'

// LAB_OUTBOX=20000 node --conditions=goweb-source --test test/lab/outbox.test.ts
// LAB_SEED=7 LAB_OUTBOX=1 … plays one and prints what happened.
const COUNT = Number(process.env['LAB_OUTBOX'] ?? defaultCount())
const FIRST_SEED = Number(process.env['LAB_SEED'] ?? 1)

const SCHEDULE: ScheduleOptions = {
  durationMs: 60_000,
  operationCount: [40, 60],
  faultCount: [8, 14],
  operations: {
    publish: 30,
    burst: 3,
    'open page': 4,
    'reload page': 5,
    'crash page': 3,
    'close client': 1,
    clear: 0.3,
  },
  faults: {
    cut: 6,
    silence: 3,
    hold: 2,
    'lose replies': 3,
    crash: 3,
    'lose power': 1,
    'forget history': 1,
  },
}

/** The newest Node plays most; the others show that it works there. */
function defaultCount(): number {
  const isNewest = process.versions['bun'] === undefined && !process.version.startsWith('v22.')
  return isNewest ? 150 : 20
}

async function play(seed: number, steps: readonly ScheduleStep[] = planSchedule(seed, SCHEDULE)) {
  const world = await OutboxWorld.create(seed)
  return { ...(await runSchedule(world, steps)), counts: world.counts }
}

async function describeFailure(seed: number): Promise<string> {
  const steps = await shrinkSchedule(
    planSchedule(seed, SCHEDULE),
    async (fewer) => (await play(seed, fewer)).violations.length > 0,
  )
  return `seed ${seed}:\n${(await play(seed, steps)).timeline.join('\n')}`
}

test(`${COUNT} schedules of pages that die and servers that fail lose, double and disorder nothing`, async (t) => {
  const sums: OutboxCounts = { publishes: 0, kept: 0, stored: 0, unknown: 0, restored: 0 }
  for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
    const { violations, timeline, counts } = await play(seed)
    if (COUNT === 1) t.diagnostic(timeline.join('\n'))
    if (violations.length > 0) assert.fail(await describeFailure(seed))
    for (const name of Object.keys(sums) as (keyof OutboxCounts)[]) sums[name] += counts[name]
  }
  t.diagnostic(`${COUNT} schedules: ${JSON.stringify(sums)}`)
  if (COUNT === 1) return
  assert.ok(sums.restored > COUNT, `only ${sums.restored} publishes outlived their page`)
  assert.ok(sums.stored > 10 * COUNT && sums.unknown > 0, JSON.stringify(sums))
})

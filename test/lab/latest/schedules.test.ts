// time-out: 900 s
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeLatestFailure, playLatest } from './play-latest.ts'

// LAB_LATEST=20000 node --conditions=goweb-source --test test/lab/latest/schedules.test.ts
// LAB_SEED=7 LAB_LATEST=1 … plays one and prints what happened.
const COUNT = Number(process.env['LAB_LATEST'] ?? defaultCount())
const FIRST_SEED = Number(process.env['LAB_SEED'] ?? 1)

/** The newest Node plays most; the others show that it works there. */
function defaultCount(): number {
  const isNewest = process.versions['bun'] === undefined && !process.version.startsWith('v22.')
  return isNewest ? 150 : 25
}

test(`after ${COUNT} schedules all subscriptions of latest channels have what the broker has`, async (t) => {
  const sums: Record<string, number> = {}
  for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
    const { violations, counts, timeline } = await playLatest(seed)
    if (COUNT === 1) t.diagnostic(timeline.join('\n'))
    if (violations.length > 0) assert.fail(await describeLatestFailure(seed))
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + (count as number)
  }
  t.diagnostic(`${COUNT} schedules: ${JSON.stringify(sums)}`)
  if (COUNT < 100) return
  for (const [name, sum] of Object.entries(sums)) assert.ok(sum >= COUNT, `${name}: ${sum}`)
})

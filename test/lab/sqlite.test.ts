// time-out: 300 s
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CrashingSqlite } from './crashing-sqlite.ts'
import { playSeed } from './run-seed.ts'

// LAB_SQLITE_SCHEDULES=2000 node --conditions=goweb-source --test test/lab/sqlite.test.ts
// LAB_SEED=7 LAB_SQLITE_SCHEDULES=1 … plays one and prints what happened.
const isNewest = process.versions['bun'] === undefined && !process.version.startsWith('v22.')
const COUNT = Number(process.env['LAB_SQLITE_SCHEDULES'] ?? (isNewest ? 40 : 10))
const FIRST_SEED = Number(process.env['LAB_SEED'] ?? 1)

test(`${COUNT} schedules with a SQLite file that outlives its process break no promise`, async (t) => {
  const sums: Record<string, number> = {}
  for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
    const brokers: CrashingSqlite[] = []
    const createEmbedded = (clock: ConstructorParameters<typeof CrashingSqlite>[0]): CrashingSqlite => {
      const broker = new CrashingSqlite(clock)
      brokers.push(broker)
      return broker
    }
    try {
      const { violations, counts, operations, faults, timeline } = await playSeed(seed, { createEmbedded })
      if (COUNT === 1) t.diagnostic(timeline.join('\n'))
      assert.deepEqual(violations, [], `seed ${seed}`)
      const crashes = brokers.reduce((sum, broker) => sum + broker.crashes, 0)
      const all = { ...counts, operations, faults, crashes }
      for (const [name, count] of Object.entries(all)) sums[name] = (sums[name] ?? 0) + count
    } finally {
      for (const broker of brokers) await broker.close()
    }
  }
  t.diagnostic(`${COUNT} schedules: ${JSON.stringify(sums)}`)
  assert.ok(COUNT < 10 || (sums['crashes'] ?? 0) > COUNT / 2, 'the file was hardly ever taken over')
})

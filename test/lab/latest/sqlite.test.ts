// time-out: 300 s
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CrashingSqlite } from '../crashing-sqlite.ts'
import { playLatest } from './play-latest.ts'

// LAB_LATEST_SQLITE=2000 node --conditions=goweb-source --test test/lab/latest/sqlite.test.ts
const isNewest = process.versions['bun'] === undefined && !process.version.startsWith('v22.')
const COUNT = Number(process.env['LAB_LATEST_SQLITE'] ?? (isNewest ? 10 : 4))

test(`after ${COUNT} schedules with a SQLite file that outlives its process all have what it has`, async (t) => {
  let crashes = 0
  for (let seed = 1; seed <= COUNT; seed++) {
    const brokers: CrashingSqlite[] = []
    const createEmbedded = (clock: ConstructorParameters<typeof CrashingSqlite>[0]): CrashingSqlite => {
      const broker = new CrashingSqlite(clock)
      brokers.push(broker)
      return broker
    }
    try {
      const { violations } = await playLatest(seed, { createEmbedded })
      assert.deepEqual(violations, [], `seed ${seed}`)
      crashes += brokers.reduce((sum, broker) => sum + broker.crashes, 0)
    } finally {
      for (const broker of brokers) await broker.close()
    }
  }
  t.diagnostic(`${crashes} crashes`)
  assert.ok(crashes > 0, 'the file was never taken over')
})

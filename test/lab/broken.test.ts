// time-out: 900 s
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BROKEN } from './broken.ts'
import { playSeed } from './run-seed.ts'

const MAX_SCHEDULES = 1_000

describe('the fault lab catches within 1,000 schedules that', () => {
  for (const { fault, create } of BROKEN) {
    test(fault, async (t) => {
      for (let seed = 1; seed <= MAX_SCHEDULES; seed++) {
        const { violations } = await playSeed(seed, create())
        const [first] = violations
        if (first === undefined) continue
        t.diagnostic(`schedule ${seed}: ${first.kind}: ${first.who}: ${first.detail}`)
        return
      }
      assert.fail(`${MAX_SCHEDULES} schedules and nothing noticed`)
    })
  }
})

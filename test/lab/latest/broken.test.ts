// time-out: 900 s
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { BROKEN_LATEST } from './broken-latest.ts'
import { playLatest } from './play-latest.ts'

const MAX_SCHEDULES = 200

describe(`the fault lab catches within ${MAX_SCHEDULES} schedules of latest channels that`, () => {
  for (const { fault, create } of BROKEN_LATEST) {
    test(fault, async (t) => {
      for (let seed = 1; seed <= MAX_SCHEDULES; seed++) {
        const { violations } = await playLatest(seed, create())
        const [first] = violations
        if (first === undefined) continue
        t.diagnostic(`schedule ${seed}: ${first.kind}: ${first.who}: ${first.detail}`)
        return
      }
      assert.fail(`${MAX_SCHEDULES} schedules and nothing noticed`)
    })
  }
})

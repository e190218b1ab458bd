// `npm run durable` plays it at full length.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { FAULTS } from './faults.ts'
import { findBroken, runFault } from './run-fault.ts'

const SIZE = { clients: 20, rooms: 2, perSecond: 5, seed: 1 }
const TIMES = { kill: 3, stop: 1, 'full disk': 2, drain: 2 }

describe('what was acknowledged reaches everyone once and in order', () => {
  for (const fault of FAULTS) {
    const times = TIMES[fault.name]
    test(`through ${times} times ${fault.title}`, async (t) => {
      const report = await runFault(fault, { ...SIZE, times, broker: (file) => `sqlite:${file}` })
      if (typeof report === 'string') {
        t.skip(report)
        return
      }
      const { figures } = report
      t.diagnostic(JSON.stringify(figures))
      assert.deepEqual(findBroken(report), [], report.output)
      assert.ok(figures.acknowledged > 0)
      if (fault.name === 'kill' || fault.name === 'stop')
        assert.ok(figures.interrupted > 0, 'nobody was waiting at any cut')
    })
  }
})

test('a server that keeps nothing is found out', async () => {
  const [kill] = FAULTS
  const report = await runFault(kill!, { ...SIZE, times: 1, broker: () => 'memory' })
  assert.ok(typeof report !== 'string')
  const broken = findBroken(report).join(', ')
  assert.match(broken, /\d+ gaps/)
  assert.match(broken, /\d+ disordered/)
})

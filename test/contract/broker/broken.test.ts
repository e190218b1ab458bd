import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Bench } from './bench.ts'
import { BROKEN_BROKERS } from './broken-brokers.ts'
import { BROKER_CHECKS, brokerContract } from './broker-contract.ts'
import type { BrokenBroker } from './broken/broken-broker.ts'
import { interpose } from './interpose.ts'
import { MEMORY_TRAITS, memorySetup, sparseOffset } from './memory-setup.ts'

/** How long a check waits for what a broken broker does not deliver. */
const PATIENCE_MS = 40

/** Names of the checks that fail. */
async function failingChecks({ create, traits = MEMORY_TRAITS }: BrokenBroker): Promise<string[]> {
  const failing: string[] = []
  for (const check of BROKER_CHECKS) {
    if (check.appliesTo?.(traits) === false) continue
    const setup = { ...create(), patienceMs: PATIENCE_MS }
    try {
      await check.run(new Bench(setup, traits))
    } catch (error) {
      // Anything else is a mistake in the check or the fault.
      if (!(error instanceof assert.AssertionError)) throw error
      failing.push(check.name)
    } finally {
      await setup.close()
    }
  }
  return failing
}

brokerContract('memory with nothing in between', MEMORY_TRAITS, () =>
  interpose(memorySetup(sparseOffset), () => ({})),
)

describe('the broker contract', () => {
  const caught = new Set<string>()

  for (const broken of BROKEN_BROKERS) {
    test(`notices that ${broken.fault}`, async (t) => {
      const failing = await failingChecks(broken)
      for (const name of failing) {
        t.diagnostic(`caught by: ${name}`)
        caught.add(name)
      }
      assert.ok(failing.includes(broken.caughtBy), `not caught by: ${broken.caughtBy}`)
    })
  }

  test('has no check that nothing can fail', () => {
    assert.deepEqual(
      BROKER_CHECKS.map(({ name }) => name).filter((name) => !caught.has(name)),
      [],
    )
  })
})

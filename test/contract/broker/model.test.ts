import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { BROKEN_BROKERS } from './broken-brokers.ts'
import { agreesWithModel, brokerModel } from './broker-model.ts'
import { MEMORY_TRAITS, memorySetup, sparseOffset } from './memory-setup.ts'
import { REMOTE_TRAITS, remoteSetup } from './remote-setup.ts'

brokerModel('memory', { traits: MEMORY_TRAITS, runs: 400 }, () => memorySetup())
brokerModel('memory with sparse offsets', { traits: MEMORY_TRAITS, runs: 400 }, () =>
  memorySetup(sparseOffset),
)
brokerModel('memory of another process', { traits: REMOTE_TRAITS, runs: 60 }, () =>
  remoteSetup(memorySetup(sparseOffset)),
)

describe('the model notices that', () => {
  const faults = [
    'publishing is acknowledged before it is stored',
    'fan-out to one node swaps neighbours',
    'history since a position includes the publication at it',
    'history always says that it is complete',
    'the size of a history is ignored',
    'a removed channel keeps its epoch',
    'idempotency keys are forgotten',
    'interest stays when it is given up',
    'a node sees only its own presence',
  ]
  for (const fault of faults) {
    test(fault, async () => {
      const broken = BROKEN_BROKERS.find((one) => one.fault === fault)
      assert.ok(broken)
      const create = () => ({ ...broken.create(), patienceMs: 20 })
      const property = agreesWithModel(broken.traits ?? MEMORY_TRAITS, create)
      const { failed } = await fc.check(property, { numRuns: 100, seed: 20_260, endOnFailure: true })
      assert.ok(failed)
    })
  }
})

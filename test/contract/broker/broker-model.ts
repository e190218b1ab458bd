import { test } from 'node:test'
import * as fc from 'fast-check'
import { fuzzOptions } from '../../fuzz/fuzz-options.ts'
import { Bench } from './bench.ts'
import type { BrokerSetup, BrokerTraits } from './broker-setup.ts'
import { ModelRun } from './model/model-run.ts'
import { anyOperation, type Operation } from './model/operation.ts'

/** Compares a broker with a simple model of one, on random operations. */
export function brokerModel(
  name: string,
  { traits, runs }: { readonly traits: BrokerTraits; readonly runs: number },
  create: () => BrokerSetup | Promise<BrokerSetup>,
): void {
  test(`${name} does as the model does`, async () => {
    await fc.assert(agreesWithModel(traits, create), fuzzOptions(runs))
  })
}

/** Holds when the broker does as the model does. */
export function agreesWithModel(
  traits: BrokerTraits,
  create: () => BrokerSetup | Promise<BrokerSetup>,
): fc.IAsyncProperty<[Operation[]]> {
  const operations = fc.array(anyOperation, { maxLength: 80, size: 'max' })
  return fc.asyncProperty(operations, async (list) => {
    const setup = await create()
    try {
      await new ModelRun(new Bench(setup, traits)).run(list)
    } finally {
      await setup.close()
    }
  })
}

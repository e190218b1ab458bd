import { describe, test } from 'node:test'
import { Bench } from './bench.ts'
import type { BrokerSetup, BrokerTraits } from './broker-setup.ts'
import type { BrokerCheck } from './check.ts'
import { APPEND_CHECKS } from './checks/append.ts'
import { HISTORY_CHECKS } from './checks/history.ts'
import { INTEREST_CHECKS } from './checks/interest.ts'
import { KEYED_CHECKS } from './checks/keyed.ts'
import { MESSAGE_CHECKS } from './checks/messages.ts'
import { PRESENCE_CHECKS } from './checks/presence.ts'
import { REPEAT_CHECKS } from './checks/repeats.ts'
import { RESTART_CHECKS } from './checks/restart.ts'

/** Every promise of `src/realtime/broker.ts`. */
export const BROKER_CHECKS: readonly BrokerCheck[] = [
  ...APPEND_CHECKS,
  ...HISTORY_CHECKS,
  ...REPEAT_CHECKS,
  ...INTEREST_CHECKS,
  ...PRESENCE_CHECKS,
  ...MESSAGE_CHECKS,
  ...KEYED_CHECKS,
  ...RESTART_CHECKS,
]

/**
 * Tests a broker against the whole contract.
 *
 * @param create makes a fresh broker for each check.
 */
export function brokerContract(
  name: string,
  traits: BrokerTraits,
  create: () => BrokerSetup | Promise<BrokerSetup>,
): void {
  describe(`${name}, a broker that`, () => {
    for (const check of BROKER_CHECKS) {
      if (check.appliesTo?.(traits) === false) continue
      test(check.name, async () => {
        const setup = await create()
        try {
          await check.run(new Bench(setup, traits))
        } finally {
          await setup.close()
        }
      })
    }
  })
}

import { APPEND_FAULTS } from './broken/append-faults.ts'
import type { BrokenBroker } from './broken/broken-broker.ts'
import { HISTORY_FAULTS } from './broken/history-faults.ts'
import { INTEREST_FAULTS } from './broken/interest-faults.ts'
import { REPEAT_FAULTS } from './broken/repeat-faults.ts'

/** Ways to break the contract that brokers of the field have known, or nearly. */
export const BROKEN_BROKERS: readonly BrokenBroker[] = [
  ...APPEND_FAULTS,
  ...HISTORY_FAULTS,
  ...REPEAT_FAULTS,
  ...INTEREST_FAULTS,
]

import type { Bench } from './bench.ts'
import type { BrokerTraits } from './broker-setup.ts'

/** One promise of `broker.ts`, as something that holds or throws. */
export interface BrokerCheck {
  /** Reads as the end of "a broker …". */
  readonly name: string
  /** Whether it makes sense for an implementation; by default for all. */
  readonly appliesTo?: (traits: BrokerTraits) => boolean
  run(bench: Bench): Promise<void>
}

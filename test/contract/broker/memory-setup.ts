import { MemoryBroker } from '../../../src/brokers/memory/memory-broker.ts'
import type { BrokerSetup, BrokerTraits } from './broker-setup.ts'
import { ManualClock } from './manual-clock.ts'

const LIMITS = { maxChannels: 1_000, maxChannelBytes: 10_000_000, maxBytes: 100_000_000, maxKeys: 10_000 }

/** A memory broker forgets all when its process ends. */
export const MEMORY_TRAITS: BrokerTraits = { isDurable: false, canBeCut: false }

/** Offsets with holes, as JetStream gives them. */
export function sparseOffset(offset: number): number {
  return offset + 1 + ((offset * 7 + 3) % 5)
}

/** A memory broker on a clock that only the checks move. */
export function memorySetup(nextOffset?: (offset: number) => number): BrokerSetup {
  const clock = new ManualClock()
  const create = () => new MemoryBroker({ clock, limits: LIMITS, ...(nextOffset && { nextOffset }) })
  return {
    broker: create(),
    tickMs: 1_000,
    patienceMs: 100,
    async sleep(ms) {
      clock.advance(ms)
    },
    async restart() {
      return create()
    },
    async close() {},
  }
}

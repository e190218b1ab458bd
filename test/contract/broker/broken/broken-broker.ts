import type { BrokerNode, StreamPosition } from '../../../../src/realtime/broker.ts'
import type { BrokerSetup, BrokerTraits } from '../broker-setup.ts'
import { interpose, type Interposer } from '../interpose.ts'
import { memorySetup, sparseOffset } from '../memory-setup.ts'

/** A broker that breaks one promise, and the check that has to notice. */
export interface BrokenBroker {
  /** What is wrong with it. */
  readonly fault: string
  /** Name of a check that fails on it; others may fail too. */
  readonly caughtBy: string
  /** Those of a memory broker by default. */
  readonly traits?: BrokerTraits
  readonly create: () => BrokerSetup
}

/** So long that nothing expires. */
export const FOREVER_MS = 1e12

/** A memory broker with something in between; offsets are sparse, so that nothing holds by counting. */
export function broken(fault: string, caughtBy: string, create: () => Interposer): BrokenBroker {
  return { fault, caughtBy, create: () => interpose(memorySetup(sparseOffset), create) }
}

/** Where a stream is. */
export async function positionOf(node: BrokerNode, channel: string): Promise<StreamPosition> {
  return (await node.history(channel, { limit: 0 }, { size: 1_000, ttlMs: 3_600_000 })).position
}

import type { Clock } from '../internal/clock.ts'
import type { DeadlineWheel } from '../websocket/deadline-wheel.ts'
import type { WheelEntry } from '../websocket/wheel-entry.ts'
import type { BrokerNode } from './broker.ts'
import type { ChannelRegistry } from './channel-registry.ts'
import type { CommandWorkPool } from './command-work.ts'
import type { PendingWork } from './pending-work.ts'
import type { RealtimeHandlers } from './realtime-handlers.ts'
import type { RealtimeLimits } from './realtime-limits.ts'

/** What the connections of one node share. */
export interface RealtimeContext {
  readonly nodeId: string
  /** @throws `UNAVAILABLE` while the node is not started. */
  readonly broker: BrokerNode
  readonly channels: ChannelRegistry
  readonly clock: Clock
  readonly handlers: RealtimeHandlers
  readonly limits: Required<RealtimeLimits>
  /** The node lets go of its broker when this has ended. */
  readonly work: PendingWork
  readonly works: CommandWorkPool
  readonly wheel: DeadlineWheel<WheelEntry>
  /** The wheel is to run: something has been added to it. */
  arm(): void
}

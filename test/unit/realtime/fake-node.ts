import { memoryBroker } from '../../../src/brokers/memory.ts'
import type { Broker } from '../../../src/realtime/broker.ts'
import { DirectGroups } from '../../../src/realtime/direct-groups.ts'
import type { RealtimeLimits } from '../../../src/realtime/realtime-limits.ts'
import { RealtimeNode } from '../../../src/realtime/realtime-node.ts'
import { ManualClock } from '../../contract/broker/manual-clock.ts'
import { FakeApp } from './fake-app.ts'
import { FakeClient } from './fake-client.ts'

export interface FakeNodeOptions {
  readonly broker?: Broker
  readonly clock?: ManualClock
  readonly limits?: RealtimeLimits
  readonly app?: FakeApp
}

/** A node with an app that allows everything, a clock that stands still, and clients without a network. */
export class FakeNode {
  readonly clock: ManualClock
  readonly app: FakeApp
  readonly broker: Broker
  readonly node: RealtimeNode<string>
  readonly groups: DirectGroups = new DirectGroups()

  constructor({ clock = new ManualClock(), broker, limits, app = new FakeApp() }: FakeNodeOptions = {}) {
    this.clock = clock
    this.app = app
    this.broker = broker ?? memoryBroker({ clock })
    this.node = new RealtimeNode({ broker: this.broker, clock, limits, handlers: app })
    this.node.addTransport(this.groups)
    void this.node.start()
  }

  /** A client that has not said anything. */
  client(): FakeClient {
    return new FakeClient(this.node, this.groups)
  }

  /** A client that is connected, and subscribed to the channels. */
  async connected(...channels: string[]): Promise<FakeClient> {
    const client = this.client()
    await client.connect()
    for (const channel of channels) await client.ask({ subscribe: { channel } })
    client.received.length = 0
    return client
  }
}

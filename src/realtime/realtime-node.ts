import { isThenable } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { type Clock, systemClock } from '../internal/clock.ts'
import { DISCONNECT } from '../protocol/disconnect-codes.ts'
import { DeadlineWheel, TICK_MS } from '../websocket/deadline-wheel.ts'
import type { WheelEntry } from '../websocket/wheel-entry.ts'
import type { Broker, BrokerListener, BrokerNode, MaybePromise } from './broker.ts'
import { ChannelRegistry } from './channel-registry.ts'
import { CommandWorkPool } from './command-work.ts'
import { ChannelsApi } from './channels-api.ts'
import { ConnectionIndex } from './connection-index.ts'
import { carryOut } from './carry-out.ts'
import { Fanout } from './fanout.ts'
import { type NodeOrder, parseNodeOrder } from './node-order.ts'
import { PendingWork } from './pending-work.ts'
import { RealtimeConnection } from './realtime-connection.ts'
import type { RealtimeContext } from './realtime-context.ts'
import type { RealtimeHandlers } from './realtime-handlers.ts'
import { type RealtimeLimits, resolveLimits } from './realtime-limits.ts'
import type { Transport, TransportGroups } from './transport.ts'

/** How long a node that stops waits for its broker to take what its connections leave behind. */
const STOP_PATIENCE_MS = 5_000

export interface RealtimeNodeOptions<Request> {
  readonly broker: Broker
  readonly handlers: RealtimeHandlers<Request>
  /** Default: the real time. */
  readonly clock?: Clock
  readonly limits?: RealtimeLimits | undefined
}

/** What a node has at the moment. */
export interface RealtimeStats {
  /** Open connections, those that have not said `connect` yet included. */
  readonly connections: number
  /** Channels with subscribers. */
  readonly channels: number
}

/**
 * One process of an app as far as channels go: its connections, its channels, and its end of the broker.
 *
 * `start` it before connections are accepted. Transports register once with `addTransport`, and then hand over each connection with `accept`.
 */
export class RealtimeNode<Request = unknown> implements RealtimeContext, BrokerListener {
  readonly nodeId: string = crypto.randomUUID()
  readonly clock: Clock
  readonly limits: Required<RealtimeLimits>
  readonly handlers: RealtimeHandlers
  readonly works: CommandWorkPool = new CommandWorkPool()
  readonly wheel: DeadlineWheel<WheelEntry>
  readonly channels: ChannelRegistry
  readonly work: PendingWork = new PendingWork()
  /** What the app does with channels from the server's side. */
  readonly api: ChannelsApi
  readonly #source: Broker
  readonly #fanout: Fanout = new Fanout()
  readonly #index: ConnectionIndex<RealtimeConnection>
  #broker: BrokerNode | undefined = undefined
  #isStopped = false
  /** Stops the timer of the wheel; undefined while it stands. */
  #halt: (() => void) | undefined = undefined

  /** @throws `OPTION_INVALID` for limits that are none. */
  constructor({ broker, handlers, clock = systemClock, limits }: RealtimeNodeOptions<Request>) {
    this.clock = clock
    this.limits = resolveLimits(limits)
    this.handlers = handlers
    this.wheel = new DeadlineWheel(clock.now())
    this.#source = broker
    this.#index = new ConnectionIndex(this.limits.connectionsPerUser)
    this.channels = new ChannelRegistry({
      fanout: this.#fanout,
      maxChannels: this.limits.channelsPerNode,
      maxBacklog: this.limits.backlogPublications,
      maxBacklogBytes: this.limits.backlogBytes,
      work: this.work,
      maxRecovered: this.limits.recoveryPublications,
      maxRecoveredBytes: this.limits.recoveryBytes,
      // The rest is room for what else the connection is sent.
      maxInFlightBytes: this.limits.bufferedBytes / 2,
      now: () => this.clock.now(),
      findTransport: (id) => this.#index.find(id)?.transport,
      report: (error, where) => this.handlers.report(error, where),
    })
    this.api = new ChannelsApi(this)
  }

  get broker(): BrokerNode {
    if (this.#broker !== undefined) return this.#broker
    throw new GoWebError('UNAVAILABLE', 'The app is not started, or stopped: channels cannot be used')
  }

  /** Whether the broker can be reached; false before the start and after the stop. */
  get isConnected(): boolean {
    return this.#broker !== undefined && this.#source.isConnected !== false
  }

  get stats(): RealtimeStats {
    return { connections: this.#index.size, channels: this.channels.size }
  }

  /** Connects to the broker; at once where that needs no waiting. @throws `BROKER_UNAVAILABLE` */
  start(): MaybePromise<void> {
    const connected = this.#source.connect(this)
    return isThenable(connected)
      ? connected.then((node) => this.#useBroker(node))
      : this.#useBroker(connected)
  }

  /**
   * Ends all connections with 3001, which makes clients connect again elsewhere, and lets go of the broker.
   *
   * What is left to tell the broker of them, who left above all, is told before, for 5 seconds at most.
   */
  stop(): MaybePromise<void> {
    if (this.#isStopped) return
    this.#isStopped = true
    const { code, reason } = DISCONNECT.SHUTDOWN
    for (const connection of this.#index.all()) connection.disconnect(code, reason)
    this.#halt?.()
    this.#halt = undefined
    const idle = this.work.whenIdle()
    return idle === undefined ? this.#letGo() : this.#letGoAfter(idle)
  }

  async #letGoAfter(idle: Promise<void>): Promise<void> {
    let cancel: (() => void) | undefined
    const patience = new Promise<void>((resolve) => (cancel = this.clock.after(STOP_PATIENCE_MS, resolve)))
    await Promise.race([idle, patience])
    cancel?.()
    await this.#letGo()
  }

  #letGo(): MaybePromise<void> {
    const broker = this.#broker
    this.#broker = undefined
    return broker?.close()
  }

  /** Makes groups of a kind of transport reachable; again is no error. */
  addTransport(groups: TransportGroups): void {
    this.#fanout.add(groups)
  }

  /**
   * Takes a new connection.
   *
   * @param request comes back to the handlers as `ConnectionView.request`.
   */
  accept(transport: Transport, request: Request): RealtimeConnection {
    const connection = new RealtimeConnection(this, this.#index, { transport, request })
    if (this.#broker === undefined || this.#isStopped)
      connection.disconnect(DISCONNECT.SHUTDOWN.code, DISCONNECT.SHUTDOWN.reason)
    return connection
  }

  /** Has all nodes, this one included, do something with the connections of a user. */
  order(order: NodeOrder): MaybePromise<void> {
    return this.broker.broadcast(JSON.stringify(order))
  }

  // RealtimeContext

  arm(): void {
    if (this.#halt === undefined && !this.#isStopped) this.#halt = this.clock.after(TICK_MS, this.#tick)
  }

  // BrokerListener

  onPublication(channel: string, publication: Parameters<BrokerListener['onPublication']>[1]): void {
    this.channels.deliver(channel, publication)
  }

  onSignal(channel: string, payload: string): void {
    this.channels.signal(channel, payload)
  }

  onBroadcast(payload: string): void {
    try {
      const order = parseNodeOrder(payload)
      if (order === undefined) return
      for (const connection of this.#index.ofUser(order.user)) carryOut(connection, order)
    } catch (error) {
      // A broker must not suffer for what another node wrote.
      this.handlers.report(error, 'order of a node')
    }
  }

  onGap(channel: string | undefined): void {
    this.channels.gap(channel)
  }

  #useBroker(node: BrokerNode): MaybePromise<void> {
    if (this.#isStopped) return node.close()
    this.#broker = node
    this.channels.useBroker(node)
  }

  readonly #tick = (): void => {
    this.#halt = undefined
    this.wheel.tick(this.clock.now())
    if (this.wheel.size > 0) this.arm()
  }
}

import type { OpeningRequest } from '../app/channels/opening-request.ts'
import type { Clock } from '../internal/clock.ts'
import type { Broker } from '../realtime/broker.ts'
import { DirectGroups } from '../realtime/direct-groups.ts'
import type { RealtimeNode } from '../realtime/realtime-node.ts'
import type { Transport } from '../realtime/transport.ts'
import { BrokerLink } from './broker-link.ts'
import type { LabConnection, LabLink, LabListener } from './lab-link.ts'
import type { LinkConditions } from './lab-pipe.ts'
import { LabTransport } from './lab-transport.ts'

/** What a server process gets from its lab. */
export interface LabProcessParts {
  readonly broker: Broker
  readonly clock: Clock
}

/** A server process that runs. */
export interface LabProcess<App> {
  readonly app: App
  readonly node: RealtimeNode<OpeningRequest>
  /** What the node's handlers get as the connection's `request`. */
  createRequest(url: string): OpeningRequest
  /** Ends it in order. */
  stop(): Promise<void>
}

export interface LabServerSetup<App> {
  readonly clock: Clock
  readonly broker: Broker
  readonly brokerConditions: LinkConditions | undefined
  /** Its connections, to end them with it. */
  links(server: LabServer<App>): Iterable<LabLink>
  start(parts: LabProcessParts): Promise<LabProcess<App>>
  wrapTransport(transport: Transport): Transport
}

/** Time of one process: it ends with it. */
class ProcessClock implements Clock {
  isStopped = false
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    return this.#clock.now()
  }

  after(ms: number, callback: () => void): () => void {
    return this.#clock.after(ms, () => {
      if (!this.isStopped) callback()
    })
  }

  random(): number {
    return this.#clock.random()
  }
}

interface Running<App> {
  readonly clock: ProcessClock
  readonly broker: BrokerLink
  readonly groups: DirectGroups
  /** Undefined until it has started. */
  process: LabProcess<App> | undefined
}

/** A server of a lab: it can crash, and start again as another process on the same broker. */
export class LabServer<App = unknown> implements LabListener {
  readonly name: string
  readonly #setup: LabServerSetup<App>
  #running: Running<App> | undefined

  constructor(name: string, setup: LabServerSetup<App>) {
    this.name = name
    this.#setup = setup
  }

  get isUp(): boolean {
    return this.#running?.process !== undefined
  }

  /** The app that its process serves; undefined while it is down. */
  get app(): App | undefined {
    return this.#running?.process?.app
  }

  get maxBufferedBytes(): number {
    return this.#running?.process?.node.limits.bufferedBytes ?? Infinity
  }

  /** Starts a process; nothing while one runs. */
  async start(): Promise<void> {
    if (this.#running !== undefined) return
    const clock = new ProcessClock(this.#setup.clock)
    const broker = new BrokerLink(this.#setup.broker, this.#setup.clock, this.#setup.brokerConditions)
    const groups = new DirectGroups()
    const running: Running<App> = { clock, broker, groups, process: undefined }
    this.#running = running
    const process = await this.#setup.start({ broker, clock })
    process.node.addTransport(groups)
    running.process = process
  }

  accept(link: LabLink): LabConnection | undefined {
    const { process, groups } = this.#running ?? {}
    if (process === undefined || groups === undefined) return undefined
    const request = process.createRequest(link.socket.url)
    const transport = this.#setup.wrapTransport(new LabTransport(link, groups))
    return process.node.accept(transport, request)
  }

  /**
   * The process ends in the middle of whatever it does.
   *
   * @param isSilent its clients are not told either, as when a machine loses its power.
   */
  crash(isSilent = false): void {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    running.clock.isStopped = true
    running.broker.die()
    for (const link of this.#setup.links(this)) link.lose(isSilent)
  }

  /** The process ends in order: clients are told to connect elsewhere. */
  async stop(): Promise<void> {
    const running = this.#running
    if (running === undefined) return
    this.#running = undefined
    await running.process?.stop()
    running.clock.isStopped = true
    running.broker.die()
  }

  /** Cuts the way to the broker. Nothing with a broker within the process. */
  cutBroker(): void {
    this.#running?.broker.cut()
  }

  mendBroker(): void {
    this.#running?.broker.mend()
  }
}

import type { ServedApp } from '../app/served-app.ts'
import { memoryBroker } from '../brokers/memory.ts'
import type { Clock } from '../internal/clock.ts'
import type { Broker } from '../realtime/broker.ts'
import type { Transport } from '../realtime/transport.ts'
import { LabLink, type LinkHost, type LinkWatcher, type ReplyFaults } from './lab-link.ts'
import type { LinkConditions } from './lab-pipe.ts'
import { LabServer, type LabServerSetup } from './lab-server.ts'
import { LabSocket } from './lab-socket.ts'
import { PublicationLog } from './publication-log.ts'
import { SeededRandom } from './seeded-random.ts'
import { startApp, type LabHeaders } from './start-app.ts'
import { VirtualClock } from './virtual-clock.ts'

/** What a {@link FaultLab} is made of. */
export interface FaultLabOptions<App extends ServedApp> {
  /** Makes the app of one server process; called again whenever a server starts. */
  readonly app: () => App
  /** Of the lab's chance: the same seed gives the same run. Default: 1. */
  readonly seed?: number
  /** How many there are, all on one broker. Default: 1. */
  readonly servers?: number
  /** Makes the broker; an app's own is not used. Default: `memoryBroker({ clock })`. */
  readonly createBroker?: (clock: VirtualClock) => Broker
  /** How servers reach the broker. Default: it is within their process and answers at once. */
  readonly brokerConditions?: LinkConditions
  /** Puts something between the broker and the servers, such as one that breaks a promise: what the log has is the broker's own. */
  readonly wrapBroker?: (broker: Broker, clock: Clock) => Broker
  /** The same at the end of each server process. */
  readonly wrapServerBroker?: (broker: Broker, clock: Clock) => Broker
  /** Puts something between a server and one of its connections. */
  readonly wrapTransport?: (transport: Transport) => Transport
  /** Headers of the requests that open connections. Default: none besides `host`. */
  readonly headers?: LabHeaders
}

const DEFAULT_CONDITIONS: LinkConditions = { delayMs: 1, jitterMs: 4, bytesPerSecond: Infinity }
const NO_FAULTS: ReplyFaults = { lost: 0, repeated: 0 }

/**
 * A network between real clients and real servers, within the process: time, chance and faults belong to the test.
 *
 * Servers run an app's channels and calls without its HTTP side: what of the chain is of kind `upgrade` is left out.
 *
 * @typeParam App of the servers.
 *
 * @example
 * import { connect } from 'goweb/client'
 * import { FaultLab } from 'goweb/testing'
 * const lab = new FaultLab({ app: createApp, servers: 2 })
 * await lab.start()
 * const client = connect('ws://lab/', { WebSocket: lab.WebSocket, clock: lab.clock })
 * lab.servers[0]?.crash()
 * await lab.clock.advance(30_000)
 */
export class FaultLab<App extends ServedApp = ServedApp> implements LinkHost {
  readonly clock: VirtualClock
  /** Chance of the test's own, apart from the network's. */
  readonly random: SeededRandom
  readonly log: PublicationLog
  readonly servers: readonly LabServer<App>[]
  readonly watchers: LinkWatcher[] = []
  /** For new connections. */
  conditions: LinkConditions = DEFAULT_CONDITIONS
  replies: ReplyFaults = NO_FAULTS
  /** The constructor to give to clients. */
  readonly WebSocket: new (url: string) => LabSocket
  readonly #links = new Set<LabLink>()

  constructor(options: FaultLabOptions<App>) {
    const { app, seed = 1, servers = 1, headers = () => ({}), brokerConditions } = options
    const clock = new VirtualClock(seed)
    this.clock = clock
    this.random = new SeededRandom(~seed)
    this.log = new PublicationLog(() => clock.now())
    const recorded = this.log.record(options.createBroker?.(clock) ?? memoryBroker({ clock }))
    const setup: LabServerSetup<App> = {
      clock,
      broker: options.wrapBroker?.(recorded, clock) ?? recorded,
      brokerConditions,
      links: (server) => this.linksOf(server),
      start: ({ broker, clock: time }) =>
        startApp(app(), { broker: options.wrapServerBroker?.(broker, time) ?? broker, clock: time }, headers),
      wrapTransport: options.wrapTransport ?? ((transport) => transport),
    }
    this.servers = Array.from({ length: servers }, (_, index) => new LabServer(`server ${index + 1}`, setup))
    const connect = (socket: LabSocket): void => this.#connect(socket)
    this.WebSocket = class extends LabSocket {
      constructor(url: string) {
        super(url)
        connect(this)
      }
    }
  }

  /** Open connections, oldest first. */
  get links(): readonly LabLink[] {
    return [...this.#links]
  }

  /** Those of one server. */
  linksOf(server: LabServer<App>): readonly LabLink[] {
    return this.links.filter(({ listener }) => listener === server)
  }

  /** Starts all servers that do not run. */
  async start(): Promise<void> {
    await this.clock.until(Promise.all(this.servers.map(async (server) => await server.start())))
  }

  /** Takes all faults away: connections that are broken stay so until somebody notices. */
  async heal(): Promise<void> {
    this.conditions = DEFAULT_CONDITIONS
    this.replies = NO_FAULTS
    for (const link of this.#links) link.shape(DEFAULT_CONDITIONS)
    for (const server of this.servers) server.mendBroker()
    await this.start()
  }

  forget(link: LabLink): void {
    this.#links.delete(link)
  }

  #connect(socket: LabSocket): void {
    const up = this.servers.filter((server) => server.isUp)
    const server = up[Math.floor(this.clock.random() * up.length)] ?? this.servers[0]!
    this.#links.add(new LabLink(this, socket, server))
  }
}

import { GoWeb, isGoWebError } from 'goweb'
import { connect, type Client, type LatestSubscription } from 'goweb/client'
import { MemoryBroker } from '../../../src/brokers/memory/memory-broker.ts'
import type { Broker } from '../../../src/realtime/broker.ts'
import { DeliveryChecker } from '../../../src/testing/delivery-checker.ts'
import { FaultLab, type FaultLabOptions } from '../../../src/testing/fault-lab.ts'
import type { LabLink } from '../../../src/testing/lab-link.ts'
import type { LabServer } from '../../../src/testing/lab-server.ts'
import type { LatestWatch } from '../../../src/testing/latest-watch.ts'
import type { ScheduleAction, ScheduleWorld } from '../../../src/testing/schedule.ts'
import { SeededRandom } from '../../../src/testing/seeded-random.ts'
import type { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import type { Violation } from '../../../src/testing/violation.ts'
import { sparseOffset } from '../../contract/broker/memory-setup.ts'
import { LAB_BROKER_LIMITS, LAB_LIMITS } from '../lab-limits.ts'

/** What is put between the parts on purpose. */
export interface LatestSabotage extends Pick<
  FaultLabOptions<GoWeb>,
  'wrapBroker' | 'wrapServerBroker' | 'wrapTransport'
> {
  /** Makes a broker within the one server process, instead of one in memory. */
  readonly createEmbedded?: (clock: VirtualClock) => Broker
}

const CHANNELS = ['latest/a', 'latest/b'] as const
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const
const LIMITS = {
  ...LAB_LIMITS,
  // So small that values often follow the reply.
  recoveryPublications: 3,
} as const
const MAX_CLIENTS = 4
const MAX_SUBSCRIPTIONS = 8
/** Of a value in a burst: a few make a subscriber late. */
const FILLER = 'x'.repeat(2_000)

interface Member {
  readonly client: Client
  readonly channel: string
  readonly subscription: LatestSubscription
  readonly watch: LatestWatch
}

/** What is published: the same number never comes again. */
interface Value {
  readonly key: string
  readonly n: number
  readonly filler?: string
}

/** What happened to `latest` channels, for a test to see that something did. */
export interface LatestCounts {
  readonly delivered: number
  readonly published: number
  /** Snapshots that did not fit into the reply. */
  readonly begun: number
  /** Recoveries with what had changed only. */
  readonly recovered: number
}

/** Clients and servers with `latest` channels that do something at random, and faults that happen to them. */
export class LatestWorld implements ScheduleWorld {
  readonly lab: FaultLab<GoWeb>
  readonly checker: DeliveryChecker
  readonly #clients: Client[] = []
  readonly #members: Member[] = []
  readonly #errors: unknown[] = []
  readonly #isRemote: boolean
  #lastNumber = 0
  #begun = 0
  #recovered = 0

  private constructor(seed: number, sabotage: LatestSabotage) {
    const random = new SeededRandom(seed ^ 0x1a7e57)
    const isSparse = random.chance(0.3)
    const { createEmbedded, ...wrappers } = sabotage
    this.#isRemote = random.chance(0.7) && createEmbedded === undefined
    this.lab = new FaultLab({
      seed,
      servers: this.#isRemote ? 1 + random.below(3) : 1,
      ...(this.#isRemote && {
        brokerConditions: { delayMs: 0.5, jitterMs: random.between(0, 20), bytesPerSecond: Infinity },
      }),
      createBroker:
        createEmbedded ??
        ((clock) =>
          new MemoryBroker({
            clock,
            limits: LAB_BROKER_LIMITS,
            ...(isSparse && { nextOffset: sparseOffset }),
          })),
      ...wrappers,
      app: () => this.#createApp(),
    })
    this.checker = new DeliveryChecker(this.lab, { maxRecovered: LIMITS.recoveryPublications })
    this.lab.watchers.push({
      onUp: () => undefined,
      onDown: (_link, text) => {
        if (text.includes('"snapshot":"begins"')) this.#begun++
        if (text.includes('"recovered":true')) this.#recovered++
      },
    })
  }

  static async create(seed: number, sabotage: LatestSabotage = {}): Promise<LatestWorld> {
    const world = new LatestWorld(seed, sabotage)
    await world.lab.start()
    for (let count = 0; count < 2; count++) world.#connect()
    for (const client of world.#clients) world.#subscribe(client, 'latest/a')
    return world
  }

  get clock(): VirtualClock {
    return this.lab.clock
  }

  get counts(): LatestCounts {
    const { delivered } = this.checker
    return { delivered, published: this.#lastNumber, begun: this.#begun, recovered: this.#recovered }
  }

  readonly actions: Readonly<Record<string, ScheduleAction>> = {
    publish: (random) => this.#withMember(random, (member) => this.#publish(member, random)),
    'server publishes': (random) => this.#withApp(random, (app) => this.#publishBy(app, random)),
    burst: (random) =>
      this.#withApp(random, (app) => {
        const count = 20 + random.below(40)
        for (let n = 0; n < count; n++) {
          this.clock.after(n * random.between(5, 40), () => this.#publishBy(app, random, FILLER))
        }
        return String(count)
      }),
    remove: (random) =>
      this.#withApp(random, (app) => {
        const [channel, key] = [random.pick(CHANNELS)!, random.pick(KEYS)!]
        app.channels.remove(channel, key).catch(ignore)
        return `${key} from ${channel}`
      }),
    subscribe: (random) => {
      const client = random.pick(this.#clients)
      if (client === undefined || this.#members.length >= MAX_SUBSCRIPTIONS) return undefined
      return this.#subscribe(client, random.pick(CHANNELS)!)
    },
    resubscribe: (random) =>
      this.#withMember(random, (member) => {
        this.#members.splice(this.#members.indexOf(member), 1)
        member.watch.ended()
        member.subscription.unsubscribe()
        return `${member.watch.name}: ${this.#subscribe(member.client, member.channel)}`
      }),
    'new client': () => (this.#clients.length < MAX_CLIENTS ? this.#connect() : undefined),

    cut: (random) => this.#withLink(random, (link) => link.cut()),
    silence: (random) => this.#withLink(random, (link) => link.silence(random.pick(['up', 'down', 'both'])!)),
    hold: (random) => this.#withLink(random, (link) => link.hold(random.between(100, 6_000))),
    slow: (random) =>
      this.#withLink(random, (link) => link.shape({ bytesPerSecond: random.between(1_000, 40_000) })),
    crash: (random) => this.#withServer(random, (server) => server.crash(random.chance(0.3))),
    restart: (random) => this.#withServer(random, (server) => void server.stop()),
    'cut broker': (random) => {
      if (!this.#isRemote) return undefined
      const server = random.pick(this.lab.servers)!
      server.cutBroker()
      this.clock.after(random.between(50, 4_000), () => server.mendBroker())
      return server.name
    },
    forget: (random) =>
      this.#withApp(random, (app) => {
        const channel = random.pick(CHANNELS)!
        app.channels.removeHistory(channel).catch(ignore)
        return channel
      }),
  }

  async finish(): Promise<readonly Violation[]> {
    const { checker, clock } = this
    await checker.finish()
    for (const error of this.#errors) {
      checker.report({ kind: 'other', atMs: clock.now(), who: 'the world', detail: String(error) })
    }
    for (const client of this.#clients) client.close()
    return checker.violations
  }

  #createApp(): GoWeb {
    const app = new GoWeb({
      channels: { limits: LIMITS },
      // What the lab itself breaks is no news.
      report: (error) => {
        if (!isGoWebError(error) || !/UNAVAILABLE/.test(error.code)) this.#errors.push(error)
      },
    })
    app.channel('latest/{name}', { delivery: 'latest', public: true, key: (_, m) => (m as Value).key })
    return app
  }

  #connect(): string {
    const client = connect('ws://lab/', {
      WebSocket: this.lab.WebSocket,
      clock: this.clock,
      timeoutMs: 3_000,
      minReconnectDelayMs: 50,
      maxReconnectDelayMs: 2_000,
      onError: (error) => this.#errors.push(error),
    })
    this.#clients.push(client)
    return ''
  }

  #subscribe(client: Client, channel: string): string {
    const watch = this.checker.watchLatest(`subscription ${this.#members.length + 1}`)
    const subscription = client.channel(channel, {}, { onGap: watch.onGap })
    watch.follow(subscription)
    this.#members.push({ client, channel, subscription, watch })
    return `${watch.name} to ${channel}`
  }

  #nextValue(random: SeededRandom, filler?: string): Value {
    return { key: random.pick(KEYS)!, n: ++this.#lastNumber, ...(filler !== undefined && { filler }) }
  }

  #publish({ subscription }: Member, random: SeededRandom): string {
    const value = this.#nextValue(random)
    subscription.publish(value).catch(ignore)
    return `${value.key}${value.n} to ${subscription.channel}`
  }

  #publishBy(app: GoWeb, random: SeededRandom, filler?: string): string {
    const [channel, value] = [random.pick(CHANNELS)!, this.#nextValue(random, filler)]
    app.channels.publish(channel, value).catch(ignore)
    return `${value.key}${value.n} to ${channel}`
  }

  #withMember(random: SeededRandom, act: (member: Member) => string): string | undefined {
    const member = random.pick(this.#members)
    return member && act(member)
  }

  #withApp(random: SeededRandom, act: (app: GoWeb) => string): string | undefined {
    const app = random.pick(this.lab.servers.filter(({ isUp }) => isUp))?.app
    return app && act(app)
  }

  #withLink(random: SeededRandom, act: (link: LabLink) => void): string | undefined {
    const { links } = this.lab
    const index = random.below(Math.max(1, links.length))
    if (links[index] === undefined) return undefined
    act(links[index])
    return `connection ${index + 1} of ${links.length}`
  }

  #withServer(random: SeededRandom, act: (server: LabServer<GoWeb>) => void): string | undefined {
    const server = random.pick(this.lab.servers.filter(({ isUp }) => isUp))
    if (server === undefined) return undefined
    act(server)
    const downMs = random.between(50, 4_000)
    this.clock.after(downMs, () => void server.start())
    return `${server.name} for ${Math.round(downMs)} ms`
  }
}

function ignore(): void {}

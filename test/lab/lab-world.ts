import type { GoWeb } from 'goweb'
import { connect, type Client } from 'goweb/client'
import { MemoryBroker } from '../../src/brokers/memory/memory-broker.ts'
import { DeliveryChecker, type PublishCounts } from '../../src/testing/delivery-checker.ts'
import type { DeliveryWatch } from '../../src/testing/delivery-watch.ts'
import { FaultLab, type FaultLabOptions } from '../../src/testing/fault-lab.ts'
import type { LabLink } from '../../src/testing/lab-link.ts'
import type { LabServer } from '../../src/testing/lab-server.ts'
import type { ScheduleAction, ScheduleWorld } from '../../src/testing/schedule.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import type { Violation } from '../../src/testing/violation.ts'
import { sparseOffset } from '../contract/broker/memory-setup.ts'
import { CHANNELS, createLabApp, LabAppRecord } from './lab-app.ts'
import { LAB_BROKER_LIMITS, LAB_LIMITS } from './lab-limits.ts'

/** What is put between the parts on purpose. */
export type LabSabotage = Pick<
  FaultLabOptions<GoWeb>,
  'wrapBroker' | 'wrapServerBroker' | 'wrapTransport'
> & {
  /** A broker within the process of the one server, instead of one that several servers share. */
  readonly createEmbedded?: FaultLabOptions<GoWeb>['createBroker']
}

const LIMITS = {
  ...LAB_LIMITS,
  // So small that catching up often needs the history as well.
  recoveryPublications: 10,
  historyPublications: 7,
} as const

const MAX_CLIENTS = 5
const MAX_SUBSCRIPTIONS = 12

/** Publishes in each way, publications handed over, gaps told. */
export interface LabCounts extends PublishCounts {
  readonly delivered: number
  readonly gaps: number
}

interface Member {
  readonly client: Client
  readonly channel: string
  readonly subscription: ReturnType<Client['channel']>
  readonly watch: DeliveryWatch
}

/** Clients and servers that do something at random, and faults that happen to them. */
export class LabWorld implements ScheduleWorld {
  readonly lab: FaultLab<GoWeb>
  readonly checker: DeliveryChecker
  readonly record: LabAppRecord = new LabAppRecord()
  readonly #clients: Client[] = []
  readonly #members: Member[] = []
  readonly #calls: Promise<void>[] = []
  readonly #errors: unknown[] = []
  readonly #isRemote: boolean
  #lastNumber = 0

  private constructor(seed: number, sabotage: LabSabotage) {
    const random = new SeededRandom(seed ^ 0x5eed)
    const isSparse = random.chance(0.3)
    const { createEmbedded, ...wrappers } = sabotage
    const isRemote = random.chance(0.7) && createEmbedded === undefined
    this.#isRemote = isRemote
    this.lab = new FaultLab({
      seed,
      servers: isRemote ? 1 + random.below(3) : 1,
      ...(isRemote && {
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
      app: () => createLabApp(this.record, LIMITS),
    })
    this.checker = new DeliveryChecker(this.lab, { maxRecovered: LIMITS.recoveryPublications })
  }

  static async create(seed: number, sabotage: LabSabotage = {}): Promise<LabWorld> {
    const world = new LabWorld(seed, sabotage)
    await world.lab.start()
    for (let count = 0; count < 2; count++) world.#connect()
    for (const client of world.#clients) {
      for (const channel of ['long/a', 'short/a']) world.#subscribe(client, channel)
    }
    return world
  }

  get clock(): VirtualClock {
    return this.lab.clock
  }

  /** Publishes in each way, handed over, gaps told. */
  get counts(): LabCounts {
    const { publishes, delivered, gaps } = this.checker
    return { ...publishes, delivered, gaps }
  }

  readonly actions: Readonly<Record<string, ScheduleAction>> = {
    publish: (random) => this.#withMember(random, (member) => this.#publish(member)),
    burst: (random) =>
      this.#withMember(random, (member) => {
        const count = 5 + random.below(15)
        return Array.from({ length: count }, () => this.#publish(member)).join(', ')
      }),
    subscribe: (random) => {
      const client = random.pick(this.#clients)
      if (client === undefined || this.#members.length >= MAX_SUBSCRIPTIONS) return this.#callSome(random)
      return this.#subscribe(client, random.pick(CHANNELS)!, random.chance(0.3) ? random : undefined)
    },
    unsubscribe: (random) =>
      this.#withMember(random, (member) => {
        this.#members.splice(this.#members.indexOf(member), 1)
        member.watch.ended()
        member.subscription.unsubscribe()
        return member.watch.name
      }),
    resubscribe: (random) =>
      this.#withMember(random, (member) => {
        this.#members.splice(this.#members.indexOf(member), 1)
        member.watch.ended()
        member.subscription.unsubscribe()
        return `${member.watch.name}: ${this.#subscribe(member.client, member.channel)}`
      }),
    'new client': (random) => (this.#clients.length < MAX_CLIENTS ? this.#connect() : this.#callSome(random)),
    'close client': (random) => {
      const client = random.pick(this.#clients)
      if (client === undefined || this.#clients.length < 3) return this.#callSome(random)
      this.#clients.splice(this.#clients.indexOf(client), 1)
      for (const member of this.#members.filter((one) => one.client === client)) {
        this.#members.splice(this.#members.indexOf(member), 1)
        member.watch.ended()
      }
      client.close()
      return ''
    },
    call: (random) => this.#callSome(random),
    presence: (random) =>
      this.#withMember(random, ({ subscription, watch }) => {
        this.#calls.push(subscription.presence().then(ignore, ignore))
        return watch.name
      }),
    'server publishes': (random) => {
      const channel = random.pick(CHANNELS)!
      const number = ++this.#lastNumber
      const server = random.pick(this.lab.servers.filter(({ isUp }) => isUp))
      if (server === undefined) return undefined
      server.app?.channels.publish(channel, number).catch(ignore)
      return `${number} to ${channel}`
    },

    cut: (random) => this.#withLink(random, (link) => link.cut()),
    'cut all': () => {
      for (const link of this.lab.links) link.cut()
      return ''
    },
    silence: (random) =>
      this.#withLink(random, (link) => link.silence(random.pick(['up', 'down', 'both', 'both'] as const)!)),
    hold: (random) => this.#withLink(random, (link) => link.hold(random.between(100, 12_000))),
    slow: (random) =>
      this.#withLink(random, (link) => link.shape({ bytesPerSecond: random.between(200, 5_000) })),
    late: (random) => this.#makeLate(random),
    'lose replies': (random) => {
      this.lab.replies = { lost: random.between(0.1, 1), repeated: 0 }
      this.clock.after(random.between(500, 6_000), () => {
        this.lab.replies = { lost: 0, repeated: 0 }
      })
      return ''
    },
    'repeat replies': (random) => {
      this.lab.replies = { lost: 0, repeated: random.between(0.1, 1) }
      this.clock.after(random.between(500, 6_000), () => {
        this.lab.replies = { lost: 0, repeated: 0 }
      })
      return ''
    },
    crash: (random) => this.#withServer(random, (server) => server.crash(false)),
    'lose power': (random) => this.#withServer(random, (server) => server.crash(true)),
    restart: (random) => this.#withServer(random, (server) => void server.stop()),
    'cut broker': (random) => {
      if (!this.#isRemote) return this.#makeLate(random)
      const server = random.pick(this.lab.servers)!
      server.cutBroker()
      this.clock.after(random.between(50, 6_000), () => server.mendBroker())
      return server.name
    },
    'forget history': (random) => {
      const channel = random.pick(CHANNELS)!
      const server = random.pick(this.lab.servers.filter(({ isUp }) => isUp))
      if (server === undefined) return this.#makeLate(random)
      server.app?.channels.removeHistory(channel).catch(ignore)
      return channel
    },
  }

  async finish(): Promise<readonly Violation[]> {
    const { checker, clock } = this
    await checker.finish()
    await clock.until(Promise.all(this.#calls), 60_000).catch(() => this.#report('stuck', 'a call'))
    await this.#checkPresence()
    for (const error of [...this.#errors, ...this.record.reports]) this.#report('other', String(error))
    for (const [id, times] of this.record.calls) if (times > 1) this.#report('doubled', `call ${id}`)
    for (const client of this.#clients) client.close()
    return checker.violations
  }

  #connect(): string {
    const client = connect('ws://lab/', {
      WebSocket: this.lab.WebSocket,
      clock: this.clock,
      timeoutMs: 3_000,
      minReconnectDelayMs: 50,
      maxReconnectDelayMs: 2_000,
      resendWindowMs: 20_000,
      onError: (error) => this.#errors.push(error),
    })
    this.#clients.push(client)
    return ''
  }

  #subscribe(client: Client, channel: string, random?: SeededRandom): string {
    const since =
      random && random.pick(this.#members.filter((one) => one.channel === channel))?.subscription.position
    const watch = this.checker.watch(`subscription ${++this.#lastNumber}`)
    const options = { onGap: watch.onGap, ...(since && { since: { ...since } }) }
    const subscription = client.channel(channel, {}, options)
    watch.follow(subscription, since && { ...since })
    this.#members.push({ client, channel, subscription, watch })
    return `${watch.name} to ${channel}${since ? ` since ${since.offset}` : ''}`
  }

  #publish({ subscription, watch }: Member): string {
    const number = ++this.#lastNumber
    watch.published(number, subscription.publish(number)).catch(ignore)
    return `${number} by ${watch.name} to ${subscription.channel}`
  }

  /** What can always go wrong. */
  #makeLate(random: SeededRandom): string {
    this.lab.conditions = { ...this.lab.conditions, jitterMs: random.between(10, 1_000) }
    return `new connections, up to ${Math.round(this.lab.conditions.jitterMs)} ms`
  }

  /** What can always be done. */
  #callSome(random: SeededRandom): string {
    return this.#call(random.pick(this.#clients)!)
  }

  #call(client: Client): string {
    const id = `call ${++this.#lastNumber}`
    const answer = client.call('count', id, { timeoutMs: 8_000 })
    this.#calls.push(this.#checkCall(id, answer))
    return id
  }

  async #checkCall(id: string, answer: Promise<unknown>): Promise<void> {
    let got: unknown
    try {
      got = await answer
    } catch {
      return // It ran once or not at all, which is looked at in the end.
    }
    if (got !== id || this.record.calls.get(id) !== 1)
      this.#report('other', `${id} was answered ${String(got)}`)
  }

  /** Who is subscribed is present, once for each connection, and nobody else. */
  async #checkPresence(): Promise<void> {
    for (const channel of CHANNELS) {
      const inside = this.#members.filter((member) => member.channel === channel)
      const [first] = inside
      if (first === undefined) continue
      const expected = new Set(inside.map(({ client }) => client.id))
      const present = await this.clock.until(first.subscription.presence().catch(ignore))
      if (present === undefined) {
        this.#report('stuck', `${channel}: no answer about presence`)
        continue
      }
      const ids = new Set(present.map(({ client }) => client))
      if (ids.size !== expected.size || [...expected].some((id) => id === undefined || !ids.has(id))) {
        this.#report(
          'other',
          `${channel}: ${ids.size} are present, not the ${expected.size} who are subscribed`,
        )
      }
    }
  }

  #withMember(random: SeededRandom, act: (member: Member) => string): string {
    const member = random.pick(this.#members)
    return member === undefined ? this.#callSome(random) : act(member)
  }

  #withLink(random: SeededRandom, act: (link: LabLink) => void): string | undefined {
    const { links } = this.lab
    const index = random.below(links.length)
    if (links[index] === undefined) return this.#makeLate(random)
    act(links[index])
    return `connection ${index + 1} of ${links.length}`
  }

  #withServer(random: SeededRandom, act: (server: LabServer<GoWeb>) => void): string {
    const server = random.pick(this.lab.servers.filter(({ isUp }) => isUp))
    if (server === undefined) return this.#makeLate(random)
    const downMs = random.between(50, 4_000)
    act(server)
    this.clock.after(downMs, () => void server.start())
    return `${server.name} for ${Math.round(downMs)} ms`
  }

  #report(kind: Violation['kind'], detail: string): void {
    this.checker.report({ kind, atMs: this.clock.now(), who: 'the world', detail })
  }
}

function ignore(): void {}

import { GoWeb } from 'goweb'
import { FaultLab } from '../../src/testing/fault-lab.ts'
import type { ScheduleAction, ScheduleWorld } from '../../src/testing/schedule.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Violation } from '../../src/testing/violation.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { MemoryDevice } from '../unit/client/memory-device.ts'
import { MortalPage } from './mortal-page.ts'

const CHANNELS = ['long/a', 'long/b', 'live/a'] as const
const MAX_PAGES = 3
/** Ends after which a publish must not have been stored, nor be stored later. */
const NOT_STORED = new Set(['OUTBOX_CLEARED', 'OUTBOX_EXPIRED', 'OUTBOX_FULL', 'REFUSED', 'UNSUBSCRIBED'])

interface Published {
  readonly data: number
  readonly channel: string
  /** The page that it came from, by number. */
  readonly page: number
  readonly ends: string[]
  /** Whether it was ever on the device. */
  wasKept: boolean
  /** It was there when the device was cleared. */
  wasCleared: boolean
}

/** How publishes ended, of all. */
export interface OutboxCounts {
  publishes: number
  kept: number
  stored: number
  unknown: number
  restored: number
}

/** Pages of one user on one device that come and go, servers that fail, and what must be true of every publish all the same. */
export class OutboxWorld implements ScheduleWorld {
  readonly counts: OutboxCounts = { publishes: 0, kept: 0, stored: 0, unknown: 0, restored: 0 }
  readonly #lab: FaultLab<GoWeb>
  readonly #device: MemoryDevice
  readonly #reports: unknown[] = []
  readonly #published: Published[] = []
  readonly #violations: Violation[] = []
  #pages: { readonly page: MortalPage; readonly number: number }[] = []
  #lastPage = 0

  private constructor(seed: number) {
    this.#lab = new FaultLab({ seed, app: () => createApp((error) => this.#reports.push(error)) })
    this.#device = new MemoryDevice()
    const { random, clock } = this.#lab
    const slowMs = random.between(0, 30)
    this.#device.isQuiet = random.chance(0.5)
    this.#device.delay = () => new Promise((resolve) => clock.after(random.next() * slowMs, resolve))
    this.#device.fault = (_, changes) => {
      for (const { body } of changes?.added ?? [])
        this.#find((JSON.parse(body) as Published).data).wasKept = true
    }
  }

  static async create(seed: number): Promise<OutboxWorld> {
    const world = new OutboxWorld(seed)
    await world.#lab.start()
    world.#open()
    return world
  }

  get clock(): VirtualClock {
    return this.#lab.clock
  }

  readonly actions: Readonly<Record<string, ScheduleAction>> = {
    publish: (random) => this.#publish(random),
    burst: (random) => Array.from({ length: 3 + random.below(10) }, () => this.#publish(random)).join(', '),
    'open page': () => (this.#pages.length < MAX_PAGES ? this.#open() : undefined),
    'reload page': (random) => `${this.#end(random, (page) => page.die())}, ${this.#open()}`,
    'crash page': (random) => this.#end(random, (page) => page.die()),
    'close client': (random) => this.#end(random, (page) => page.client.close()),
    clear: (random) => {
      const one = random.pick(this.#pages)
      if (one === undefined) return undefined
      for (const { body } of this.#device.queue)
        this.#find((JSON.parse(body) as Published).data).wasCleared = true
      void one.page.outbox.clear()
      return `by page ${one.number}`
    },
    cut: (random) => {
      random.pick(this.#lab.links)?.cut()
      return ''
    },
    silence: (random) => {
      random.pick(this.#lab.links)?.silence(random.pick(['up', 'down', 'both'] as const)!)
      return ''
    },
    hold: (random) => {
      random.pick(this.#lab.links)?.hold(random.between(100, 3_000))
      return ''
    },
    'lose replies': (random) => {
      this.#lab.replies = { lost: random.between(0.1, 1), repeated: 0 }
      this.clock.after(random.between(500, 6_000), () => {
        this.#lab.replies = { lost: 0, repeated: 0 }
      })
      return ''
    },
    crash: (random) => this.#stopServer(random, false),
    'lose power': (random) => this.#stopServer(random, true),
    'forget history': (random) => {
      const channel = random.pick(CHANNELS)!
      const [server] = this.#lab.servers
      server?.app?.channels.removeHistory(channel).catch(ignore)
      return channel
    },
  }

  async finish(): Promise<readonly Violation[]> {
    await this.#lab.heal()
    if (this.#pages.length === 0) this.#open()
    await this.clock.advance(60_000)
    for (const { page, number } of this.#pages) {
      const { length } = page.outbox.publishes
      if (length > 0) this.#report('stuck', `page ${number} still has ${length} publishes`)
    }
    if (this.#device.rows.size > 0) this.#report('stuck', `the device still has ${this.#device.rows.size}`)
    for (const one of this.#published) this.#check(one)
    this.#checkOrder()
    for (const error of this.#reports) this.#report('other', String(error))
    for (const { page } of this.#pages) page.client.close()
    return this.#violations
  }

  #check({ data, channel, ends, wasKept, wasCleared }: Published): void {
    const times = this.#lab.log.channel(channel).placesOf(String(data)).length
    const name = `${data} on ${channel} (${ends.join(', ')})`
    if (times > 1) this.#report('stored twice', `${name} was stored ${times} times`)
    if (times === 0 && ends.includes('stored')) this.#report('not stored', `${name} was acknowledged`)
    if (times > 0 && ends.some((end) => NOT_STORED.has(end))) this.#report('stored though refused', name)
    if (times === 0 && ends.length === 0 && wasKept && !wasCleared) {
      this.#report('lost', `${name} was on the device, and nobody told what became of it`)
    }
    this.counts.publishes++
    if (wasKept) this.counts.kept++
    if (times > 0) this.counts.stored++
    if (ends.includes('PUBLISH_OUTCOME_UNKNOWN')) this.counts.unknown++
  }

  /** What a page published on a channel was stored in its order, whoever sent it in the end. */
  #checkOrder(): void {
    const last = new Map<string, number>()
    for (const { data, channel, page } of this.#published) {
      const [place] = this.#lab.log.channel(channel).placesOf(String(data))
      if (place === undefined) continue
      const key = `${page} ${channel}`
      if (place < (last.get(key) ?? -1)) {
        this.#report('disordered', `${data} of page ${page} on ${channel} came before an older one`)
      }
      last.set(key, place)
    }
  }

  #publish(random: SeededRandom): string {
    const one = random.pick(this.#pages)
    if (one === undefined) return this.#open()
    const channel = random.pick(CHANNELS)!
    const data = this.#published.length + 1
    const { number } = one
    this.#published.push({ data, channel, page: number, ends: [], wasKept: false, wasCleared: false })
    void one.page.publish(channel, data)
    return `${data} by page ${number} to ${channel}`
  }

  #open(): string {
    const number = ++this.#lastPage
    const page = new MortalPage(this.#lab, this.#device, {
      onEnd: (data, code) => {
        const { ends, page: origin } = this.#find(data)
        ends.push(code)
        if (origin !== number) this.counts.restored++
      },
      onError: (error) => this.#report('other', `page ${number}: ${String(error)}`),
    })
    this.#pages.push({ page, number })
    return `page ${number}`
  }

  #end(random: SeededRandom, end: (page: MortalPage) => void): string {
    const one = random.pick(this.#pages)
    if (one === undefined) return this.#open()
    this.#pages = this.#pages.filter((other) => other !== one)
    end(one.page)
    return `page ${one.number}`
  }

  #stopServer(random: SeededRandom, isPower: boolean): string {
    const [server] = this.#lab.servers
    server?.crash(isPower)
    const downMs = random.between(50, 4_000)
    this.clock.after(downMs, () => void server?.start())
    return `for ${Math.round(downMs)} ms`
  }

  #find(data: number): Published {
    return this.#published[data - 1]!
  }

  #report(kind: Violation['kind'], detail: string): void {
    this.#violations.push({ kind, atMs: this.clock.now(), who: 'the outbox', detail })
  }
}

/**
 * Ids are remembered for 10 s, publishes sent again for 5, and nothing is held for more than 3: a publish that is sent again without the right
 * to is soon stored twice.
 */
function createApp(report: (error: unknown) => void): GoWeb {
  const app = new GoWeb({ report })
  const open = { public: true, idempotencyWindow: '10s' } as const
  app
    .channel('long/{name}', { ...open, delivery: 'replay', history: { size: 1_000, ttl: '10m' } })
    .channel('live/{name}', { ...open, delivery: 'live' })
  return app
}

function ignore(): void {}

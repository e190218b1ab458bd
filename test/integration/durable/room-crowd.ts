import { setTimeout as sleep } from 'node:timers/promises'
import type { ConnectOptions } from 'goweb/client'
import { RoomMember, type MemberPlace } from './room-member.ts'
import { StreamChecker, type PublishFigures, type StreamFaults } from './stream-checker.ts'

/** How many clients there are, and what they do. */
export interface CrowdSize {
  readonly clients: number
  /** Each client is in one of them, and gets what its members publish. */
  readonly rooms: number
  /** Publishes of each client. */
  readonly perSecond: number
  /** How clients connect. Default: sooner than by their own defaults. */
  readonly connecting?: ConnectOptions
}

/** When clients lost their connections, and were subscribed again; milliseconds of `performance.now()`. */
export interface Movements {
  readonly leftAtMs: readonly number[]
  readonly backAtMs: readonly number[]
}

/** What the clients of all rooms saw, summed up. */
export interface CrowdFigures extends StreamFaults, PublishFigures {
  readonly delivered: number
  /** Publishes that had no answer yet when a connection was lost. */
  readonly interrupted: number
  /** Publishes that were left out since too many had no answer. */
  readonly heldBack: number
}

/** How long nothing may happen before what is missing will never come. */
const PATIENCE_MS = 60_000
const LOOK_MS = 20
const CONNECTING = {
  minReconnectDelayMs: 50,
  maxReconnectDelayMs: 500,
  /** Less than some stops of the server. */
  timeoutMs: 1_500,
}
/** Some do not repeat what was not acknowledged at once: to them it ends with `PUBLISH_OUTCOME_UNKNOWN`. */
const IMPATIENT = { ...CONNECTING, resendWindowMs: 200 }
const IMPATIENT_SHARE = 10

/** Clients in rooms, all in this process. */
export class RoomCrowd {
  readonly #port: number
  readonly #size: CrowdSize
  readonly #checkers: StreamChecker[]
  readonly #members: RoomMember[] = []
  readonly #leftAtMs: number[] = []
  readonly #backAtMs: number[] = []
  #subscriptions = 0
  #acknowledged = 0
  #progressAtMs = 0

  private constructor(port: number, size: CrowdSize) {
    this.#port = port
    this.#size = size
    const inRoom = size.clients / size.rooms
    this.#checkers = Array.from({ length: size.rooms }, () => new StreamChecker(inRoom))
    for (let index = 0; index < size.clients; index++) {
      const place = { port, room: index % size.rooms, number: Math.floor(index / size.rooms) }
      this.#add(place, size.connecting ?? (index % IMPATIENT_SHARE === 0 ? IMPATIENT : CONNECTING))
    }
  }

  /** Resolves when all are subscribed. */
  static async enter(port: number, size: CrowdSize): Promise<RoomCrowd> {
    const crowd = new RoomCrowd(port, size)
    try {
      await crowd.#until('all are subscribed', () => crowd.#subscriptions >= size.clients)
    } catch (error) {
      crowd.leave()
      throw error
    }
    return crowd
  }

  startPublishing(): void {
    const periodMs = 1_000 / this.#size.perSecond
    for (const [index, member] of this.#members.entries()) {
      member.startPublishing(periodMs, (periodMs * index) / this.#members.length)
    }
  }

  /** Resolves when so many more publishes have been acknowledged. */
  async acknowledged(more: number): Promise<void> {
    const count = this.#acknowledged + more
    await this.#until(`${more} more publishes are acknowledged`, () => this.#acknowledged >= count)
  }

  /** Who has left, and who has come back since. */
  get movements(): Movements {
    return { leftAtMs: [...this.#leftAtMs], backAtMs: [...this.#backAtMs] }
  }

  /** Resolves when all have been away and are back. */
  async allBack(): Promise<void> {
    const { clients } = this.#size
    await this.#until('all are back', () => this.#backAtMs.length >= clients)
  }

  /** Ends publishing; resolves when everything has arrived, or nothing comes any more though something is missing. */
  async settle(): Promise<void> {
    for (const member of this.#members) member.stopPublishing()
    // What is missing is told as figures.
    await this.#until('everything has arrived', () => this.isComplete).catch(() => {})
    // What came too often would come now.
    if (this.isComplete) await sleep(LOOK_MS)
  }

  /** One more client enters each room and reads all that was ever published there. */
  async readAgain(): Promise<void> {
    for (const [room, checker] of this.#checkers.entries()) {
      const since = { offset: 0, epoch: this.#members[room]!.position?.epoch ?? '' }
      this.#add({ port: this.#port, room, number: checker.addReader(), since }, CONNECTING)
    }
    await this.settle()
  }

  /** Whether every publish is settled, and everyone has all that anyone has. */
  get isComplete(): boolean {
    return this.#checkers.every((checker) => checker.isComplete)
  }

  leave(): void {
    for (const member of this.#members) member.leave()
  }

  get figures(): CrowdFigures {
    const sums: Record<string, number> = {
      delivered: this.#delivered,
      interrupted: this.#members.reduce((sum, { interrupted }) => sum + interrupted, 0),
      heldBack: this.#members.reduce((sum, { heldBack }) => sum + heldBack, 0),
    }
    for (const { faults, publishes } of this.#checkers) {
      for (const [name, count] of Object.entries({ ...faults, ...publishes })) {
        sums[name] = (sums[name] ?? 0) + count
      }
    }
    return sums as unknown as CrowdFigures // Every name of both was summed up.
  }

  /** Publishes without an answer. */
  get unsettled(): number {
    return this.#checkers.reduce((sum, { unsettled }) => sum + unsettled, 0)
  }

  #add(place: MemberPlace, options: ConnectOptions): void {
    const events = {
      onSubscribed: () => {
        if (this.#leftAtMs.length > this.#backAtMs.length) this.#backAtMs.push(performance.now())
        this.#subscriptions++
      },
      onLost: () => void this.#leftAtMs.push(performance.now()),
      onAcknowledged: () => this.#acknowledged++,
    }
    this.#members.push(new RoomMember(place, this.#checkers[place.room]!, { ...events, options }))
  }

  get #delivered(): number {
    return this.#checkers.reduce((sum, { delivered }) => sum + delivered, 0)
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    let progress = -1
    while (!holds()) {
      const current = this.#delivered + this.#acknowledged + this.#subscriptions
      if (current !== progress) this.#progressAtMs = performance.now()
      progress = current
      if (performance.now() - this.#progressAtMs > PATIENCE_MS) {
        throw new Error(`Waited in vain until ${what}: nothing came for ${PATIENCE_MS / 1_000} s`)
      }
      await sleep(LOOK_MS)
    }
  }
}

import { connect, type Client, type ConnectOptions, type Subscription } from 'goweb/client'
import type { StreamPosition } from '../../../src/protocol/publication.ts'
import type { RoomApp } from './room-app.ts'
import type { StreamChecker } from './stream-checker.ts'

/** What members publish; `text` makes it as long as what people write. */
export interface RoomMessage {
  readonly from: number
  readonly number: number
  readonly text: string
}

const TEXT = 'Whoever is in the room gets this once, and in the same place as all the others. '.repeat(2)

/** Five seconds of publishes: more than any pause of the server leaves waiting. */
const MAX_PENDING = 25

type RoomSubscription = Pick<Subscription, 'publish' | 'position'>

/** What a member tells those who hold it. */
export interface MemberEvents {
  onSubscribed(): void
  /** The connection is gone. */
  onLost(): void
  onAcknowledged(): void
}

/** Where a member is. */
export interface MemberPlace {
  readonly port: number
  readonly room: number
  /** Its number among the members of the room. */
  readonly number: number
  /** From where on it reads; from now on without. */
  readonly since?: StreamPosition
}

/** A client in one room: it publishes, and tells the checker of its room what comes. */
export class RoomMember {
  /** Publishes that had no answer yet when the connection was lost. */
  interrupted = 0
  /** Publishes that were left out since too many had no answer: the machine is too slow for all of them. */
  heldBack = 0
  readonly #client: Client<RoomApp>
  readonly #subscription: RoomSubscription
  readonly #checker: StreamChecker
  readonly #place: MemberPlace
  readonly #events: MemberEvents
  #wasConnected = false
  #pending = 0
  #timer: NodeJS.Timeout | undefined

  constructor(place: MemberPlace, checker: StreamChecker, given: MemberEvents & { options: ConnectOptions }) {
    this.#place = place
    this.#checker = checker
    this.#events = given
    this.#client = connect<RoomApp>(`ws://127.0.0.1:${place.port}/`, given.options)
    this.#client.on('state', ({ state }) => this.#onState(state))
    this.#subscription = this.#subscribe()
  }

  /** Up to where it has everything. */
  get position(): StreamPosition | undefined {
    return this.#subscription.position
  }

  /** Publishes again and again. @param firstMs when to begin, so that not all do it at once. */
  startPublishing(periodMs: number, firstMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(() => void this.#publish(), periodMs)
      void this.#publish()
    }, firstMs)
  }

  stopPublishing(): void {
    clearTimeout(this.#timer)
  }

  leave(): void {
    this.stopPublishing()
    this.#client.close()
  }

  #subscribe(): RoomSubscription {
    const { room, number, since } = this.#place
    const subscription = this.#client.channel(
      'rooms/{room}',
      { room: String(room) },
      { onGap: () => this.#checker.tellGap(), ...(since && { since }) },
    )
    subscription.on((data, { offset = 0 }) => {
      const message = data as RoomMessage
      this.#checker.take(number, { from: message.from, number: message.number, offset })
    })
    subscription.onStateChange(({ state }) => {
      if (state === 'subscribed') this.#events.onSubscribed()
    })
    return subscription
  }

  #onState(state: string): void {
    if (this.#wasConnected && state !== 'connected') {
      this.interrupted += this.#pending
      this.#events.onLost()
    }
    this.#wasConnected = state === 'connected'
  }

  async #publish(): Promise<void> {
    if (this.#pending >= MAX_PENDING) {
      this.heldBack++
      return
    }
    const from = this.#place.number
    const number = this.#checker.publish(from)
    const message: RoomMessage = { from, number, text: TEXT }
    this.#pending++
    try {
      await this.#subscription.publish(message)
      this.#checker.settle(from, number, 'acknowledged')
      this.#events.onAcknowledged()
    } catch (error) {
      const { code } = error as { readonly code?: unknown } // As the client's errors have it.
      this.#checker.settle(from, number, code === 'PUBLISH_OUTCOME_UNKNOWN' ? 'unknown' : 'refused')
    } finally {
      this.#pending--
    }
  }
}

import { GoWebError } from '../errors/goweb-error.ts'
import { addressKey } from './address-key.ts'
import { topUp, UNITS_EACH, unitsOf } from './rate-units.ts'
import type { SocketCounters } from './socket-counters.ts'

/** Limits on all sockets of an app together; 0 is no limit, and the default of each. */
export interface SocketLimits {
  /** Most sockets at a time, handshakes that are being decided included. Beyond it: 503. */
  readonly maxSockets?: number
  /**
   * Most sockets at a time from one address; of IPv6 from one /64 network. Beyond it: 429.
   *
   * Behind a proxy all have the address of the proxy: leave it at 0 there.
   */
  readonly maxSocketsPerAddress?: number
  /** Messages a second that all may send, twice as many at once. The socket that goes beyond it is closed with 1013. */
  readonly messagesPerSecond?: number
  /** Bytes a second that all may send, twice as many at once. The socket that goes beyond it is closed with 1013. */
  readonly bytesPerSecond?: number
}

/** When a refused client may try again. */
const RETRY_AFTER_SECONDS = '10'
/** Seconds of the rate that may come at once. */
const BURST_SECONDS = 2

/**
 * What the sockets of an app may do together: how many there are, from one address, and how fast they send.
 *
 * A connection enters before its handshake is decided and leaves when it is gone, whatever became of it.
 */
export class SocketGate {
  /** Whether there is a limit on rates. */
  readonly isRated: boolean
  readonly #limits: Required<SocketLimits>
  readonly #counters: SocketCounters
  readonly #addresses: Map<string, number> = new Map()
  #count = 0
  #messagesLeft: number
  #bytesLeft: number
  #ratedAt = 0

  constructor(limits: Required<SocketLimits>, counters: SocketCounters) {
    this.isRated = limits.messagesPerSecond > 0 || limits.bytesPerSecond > 0
    this.#limits = limits
    this.#counters = counters
    this.#messagesLeft = unitsOf(limits.messagesPerSecond * BURST_SECONDS)
    this.#bytesLeft = unitsOf(limits.bytesPerSecond * BURST_SECONDS)
  }

  /** @throws `SOCKETS_TOO_MANY`, `SOCKETS_TOO_MANY_FROM_ADDRESS` */
  enter(ip: string): void {
    const { maxSockets, maxSocketsPerAddress } = this.#limits
    if (maxSockets > 0 && this.#count >= maxSockets) {
      this.#counters.refusedForTotal++
      throw new GoWebError('SOCKETS_TOO_MANY', undefined, { headers: { 'retry-after': RETRY_AFTER_SECONDS } })
    }
    if (maxSocketsPerAddress > 0 && ip !== '') {
      const key = addressKey(ip)
      const known = this.#addresses.get(key) ?? 0
      if (known >= maxSocketsPerAddress) {
        this.#counters.refusedForAddress++
        throw new GoWebError(
          'SOCKETS_TOO_MANY_FROM_ADDRESS',
          `There are ${known} sockets from ${key} already, the most that one address may have`,
          { headers: { 'retry-after': RETRY_AFTER_SECONDS } },
        )
      }
      this.#addresses.set(key, known + 1)
    }
    this.#count++
  }

  /** @param ip the one that it entered with. */
  leave(ip: string): void {
    this.#count--
    if (this.#limits.maxSocketsPerAddress === 0 || ip === '') return
    const key = addressKey(ip)
    const others = (this.#addresses.get(key) ?? 1) - 1
    if (others === 0) this.#addresses.delete(key)
    else this.#addresses.set(key, others)
  }

  /** Takes what a socket has sent from what all may send. */
  spend(messages: number, bytes: number): void {
    this.#messagesLeft -= messages * UNITS_EACH
    this.#bytesLeft -= bytes * UNITS_EACH
  }

  /**
   * Whether more was sent than all may send.
   *
   * @param clock ticks of the wheel's clock.
   */
  isSpent(clock: number): boolean {
    if (clock > this.#ratedAt) {
      const { messagesPerSecond, bytesPerSecond } = this.#limits
      const ticks = clock - this.#ratedAt
      this.#ratedAt = clock
      this.#messagesLeft = topUp(
        this.#messagesLeft,
        messagesPerSecond,
        messagesPerSecond * BURST_SECONDS,
        ticks,
      )
      this.#bytesLeft = topUp(this.#bytesLeft, bytesPerSecond, bytesPerSecond * BURST_SECONDS, ticks)
    }
    return this.#messagesLeft < 0 || this.#bytesLeft < 0
  }
}

import { GoWebError } from '../errors/goweb-error.ts'
import { topUp, UNITS_EACH, unitsOf } from './rate-units.ts'
import type { SocketGate } from './socket-gate.ts'
import type { SocketOptions } from './socket-hooks.ts'

/** What a budget must know of the server. */
export interface RatedHost {
  readonly wheel: { readonly clock: number }
  readonly gate: SocketGate
}

/** Seconds of the rate of control frames that may come at once. */
const CONTROL_BURST_SECONDS = 2

/**
 * What a peer may still send: token buckets that are topped up when something comes, so that an idle socket costs no timer.
 *
 * Full when it is made, so a socket has none until something comes.
 */
export class ReceiveBudget {
  #messagesLeft: number
  #controlsLeft: number
  #bytesLeft: number
  /** Clock of the wheel when it was topped up last. */
  #ratedAt: number

  constructor(options: Required<SocketOptions>, clock: number) {
    this.#ratedAt = clock
    this.#bytesLeft = unitsOf(options.byteBurst)
    this.#messagesLeft = unitsOf(options.messageBurst)
    this.#controlsLeft = unitsOf(options.controlFramesPerSecond * CONTROL_BURST_SECONDS)
  }

  /** Messages that may still come; what is taken from it was received. */
  get remainingMessages(): number {
    return this.#messagesLeft / UNITS_EACH
  }

  /** Takes a message from the budget; false when there was none left. */
  payMessage(): boolean {
    return (this.#messagesLeft -= UNITS_EACH) >= 0
  }

  /** The same for a control frame. */
  payControl(): boolean {
    return (this.#controlsLeft -= UNITS_EACH) >= 0
  }

  /** Takes what was read from this budget, and looks at that of the server; tells which of them is exceeded. */
  payRead(
    bytes: number,
    options: Required<SocketOptions>,
    { wheel, gate }: RatedHost,
  ): GoWebError | undefined {
    const { clock } = wheel
    if (!this.#payBytes(bytes, options, clock)) {
      return new GoWebError('SOCKET_RATE_EXCEEDED', 'The peer sent more bytes than it may in this time')
    }
    if (!gate.isRated || !gate.isSpent(clock)) return undefined
    return new GoWebError('SERVER_RATE_EXCEEDED', 'All sockets together sent more than they may in this time')
  }

  /** Takes bytes that came from the budget; false when there were not so many left. */
  #payBytes(bytes: number, options: Required<SocketOptions>, clock: number): boolean {
    if (clock !== this.#ratedAt) this.#topUp(options, clock)
    return options.bytesPerSecond === 0 || (this.#bytesLeft -= bytes * UNITS_EACH) >= 0
  }

  #topUp(options: Required<SocketOptions>, clock: number): void {
    const { messagesPerSecond, messageBurst, controlFramesPerSecond, bytesPerSecond, byteBurst } = options
    const ticks = clock - this.#ratedAt
    this.#ratedAt = clock
    this.#bytesLeft = topUp(this.#bytesLeft, bytesPerSecond, byteBurst, ticks)
    this.#messagesLeft = topUp(this.#messagesLeft, messagesPerSecond, messageBurst, ticks)
    const controlBurst = controlFramesPerSecond * CONTROL_BURST_SECONDS
    this.#controlsLeft = topUp(this.#controlsLeft, controlFramesPerSecond, controlBurst, ticks)
  }
}

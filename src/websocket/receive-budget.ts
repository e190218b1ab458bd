import { topUp, UNITS_EACH, UNLIMITED_UNITS, unitsOf } from './rate-units.ts'
import type { SocketOptions } from './socket-hooks.ts'

/** Seconds of the rate of control frames that may come at once. */
const CONTROL_BURST_SECONDS = 2

/**
 * What a peer may still send: token buckets that are topped up when something comes, so that an idle socket costs no timer.
 *
 * The base of the parser and not an object beside it: these numbers are all that a socket has for its rates.
 */
export abstract class ReceiveBudget {
  #messagesLeft: number = UNLIMITED_UNITS
  #controlsLeft: number = UNLIMITED_UNITS
  #bytesLeft: number = UNLIMITED_UNITS
  /** Clock of the wheel when it was topped up last. */
  #ratedAt = 0

  /** Messages that may still come; what is taken from it was received. */
  get remainingMessages(): number {
    return this.#messagesLeft / UNITS_EACH
  }

  /** Fills all buckets. */
  fillBudget(options: Required<SocketOptions>, clock: number): void {
    this.#ratedAt = clock
    this.#bytesLeft = unitsOf(options.byteBurst)
    this.#messagesLeft = unitsOf(options.messageBurst)
    this.#controlsLeft = unitsOf(options.controlFramesPerSecond * CONTROL_BURST_SECONDS)
  }

  /** Takes a message from the budget; false when there was none left. */
  payMessage(): boolean {
    return (this.#messagesLeft -= UNITS_EACH) >= 0
  }

  /** The same for a control frame. */
  payControl(): boolean {
    return (this.#controlsLeft -= UNITS_EACH) >= 0
  }

  /** Takes bytes that came from the budget; false when there were not so many left. */
  payBytes(bytes: number, options: Required<SocketOptions>, clock: number): boolean {
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

import type { Clock } from '../internal/clock.ts'

/** How a direction of the network carries what is sent. */
export interface LinkConditions {
  /** Milliseconds that a frame takes at least. Default: 1. */
  readonly delayMs: number
  /** Milliseconds that it may take longer, at random: so frames of different connections overtake each other. Default: 4. */
  readonly jitterMs: number
  /** Bytes a second. Default: no limit. */
  readonly bytesPerSecond: number
}

interface Frame {
  readonly bytes: number
  readonly arrive: () => void
  atMs: number
}

/** Bytes that the network itself takes before anything has to wait at the sender. */
const WINDOW_BYTES = 65_536

/** One direction of a connection: in order, and as late and as slow as it is told to be. */
export class LabPipe {
  conditions: LinkConditions
  readonly #clock: Clock
  readonly #frames: Frame[] = []
  #bytes = 0
  #lastArrivalMs = 0
  #heldUntilMs = 0
  #isDead = false
  #cancel: (() => void) | undefined

  constructor(clock: Clock, conditions: LinkConditions) {
    this.#clock = clock
    this.conditions = conditions
  }

  /** Bytes that the sender still has to keep. */
  get bufferedBytes(): number {
    return Math.max(0, this.#bytes - WINDOW_BYTES)
  }

  /** Has something happen at the other end, after what was sent before. */
  send(bytes: number, arrive: () => void): void {
    if (this.#isDead) return
    const { delayMs, jitterMs, bytesPerSecond } = this.conditions
    const sendingMs = bytesPerSecond === Infinity ? 0 : (bytes * 1_000) / bytesPerSecond
    const soonestMs = this.#clock.now() + delayMs + this.#clock.random() * jitterMs
    const atMs = Math.max(soonestMs, this.#lastArrivalMs) + sendingMs
    this.#lastArrivalMs = atMs
    this.#bytes += bytes
    this.#frames.push({ bytes, arrive, atMs })
    if (this.#frames.length === 1) this.#wait()
  }

  /** Nothing arrives for a while; then everything does. */
  hold(ms: number): void {
    this.#heldUntilMs = Math.max(this.#heldUntilMs, this.#clock.now() + ms)
    this.#wait()
  }

  /** Nothing arrives any more, and nobody is told. */
  kill(): void {
    this.#isDead = true
    this.#cancel?.()
    this.#frames.length = 0
    this.#bytes = 0
  }

  #wait(): void {
    this.#cancel?.()
    const [first] = this.#frames
    if (first === undefined || this.#isDead) return
    const waitMs = Math.max(first.atMs, this.#heldUntilMs) - this.#clock.now()
    this.#cancel = this.#clock.after(waitMs, () => {
      this.#frames.shift()
      this.#bytes -= first.bytes
      this.#wait()
      first.arrive()
    })
  }
}

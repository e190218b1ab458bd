import type { Tally } from './tally.ts'

/** How long one client takes, each time it is back, until it has everything that was published before. */
export class CatchUp {
  readonly #tally: Tally
  /** When it came back; undefined while it is not behind. */
  #startedMs: number | undefined
  #targets: readonly number[] = []
  /** Senders of whom something is missing. */
  #behind = 0

  constructor(tally: Tally) {
    this.#tally = tally
  }

  /** A connection has been established. @param published messages by sender. */
  begin(nowMs: number, published: readonly number[]): void {
    if (this.#startedMs !== undefined) return
    this.#startedMs = nowMs
    this.#targets = [...published]
    this.#behind = published.filter((count, sender) => this.#tally.nextOf(sender) < count).length
  }

  /** A message of a sender has been taken, or none. Gives the milliseconds that it took if that was the last that was missing. */
  end(nowMs: number, message?: { readonly from: number; readonly number: number }): number | undefined {
    if (this.#startedMs === undefined) return undefined
    if (message !== undefined && message.number + 1 === this.#targets[message.from]) this.#behind--
    if (this.#behind > 0) return undefined
    const tookMs = nowMs - this.#startedMs
    this.#startedMs = undefined
    return tookMs
  }

  /** It is away again. */
  abandon(): void {
    this.#startedMs = undefined
  }
}

import { isIntact, type NumberedMessage } from './numbered-message.ts'

/** What one subscriber has received of what several senders have numbered. */
export class Tally {
  /** Different messages. */
  delivered = 0
  /** Messages that had come before. */
  doubled = 0
  /** Messages that came after a later one, of the same sender or of the whole stream. */
  disordered = 0
  /** Messages that are not what their sender sent. */
  altered = 0
  /** Number of the next message, by sender. */
  readonly #next: number[]
  /** Messages that later ones have overtaken, by sender. */
  readonly #overtaken: Set<number>[]
  #lastOffset = 0

  constructor(senders: number) {
    this.#next = Array.from({ length: senders }, () => 0)
    this.#overtaken = Array.from({ length: senders }, () => new Set<number>())
  }

  /** @param offset place in the stream, where there is one; from 1. */
  take(message: NumberedMessage, offset?: number): void {
    const { from, number } = message
    const next = this.#next[from]
    if (next === undefined || !isIntact(message)) {
      this.altered++
      return
    }
    if (number < next) {
      if (this.#overtaken[from]!.delete(number)) {
        this.delivered++
        this.disordered++
      } else this.doubled++
      return
    }
    for (let missing = next; missing < number; missing++) this.#overtaken[from]!.add(missing)
    this.#next[from] = number + 1
    this.delivered++
    if (offset === undefined) return
    if (offset <= this.#lastOffset) this.disordered++
    else this.#lastOffset = offset
  }

  /** Number of the next message of a sender, as far as it has come. */
  nextOf(sender: number): number {
    return this.#next[sender]!
  }

  /** How many of so many messages of each sender have not come. */
  countLost(published: readonly number[]): number {
    return published.reduce((sum, count) => sum + count, 0) - this.delivered
  }
}

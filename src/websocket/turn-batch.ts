/** What one subscriber is owed of a batch: messages `next` to `end`, without those that it published itself. */
export interface BatchPart<Batch extends TurnBatch = TurnBatch> {
  readonly batch: Batch
  next: number
  end: number
  /** Numbers of the messages that it does not get, rising. */
  readonly skips: readonly number[]
  nextSkip: number
}

interface Special {
  from: number
  readonly skips: number[]
}

const NO_SKIPS: readonly number[] = []

/** Messages published to one topic in one turn, and who of its subscribers is not owed all of them. */
export class TurnBatch {
  /** Position of each message among all topic messages of the turn. */
  readonly sequences: number[] = []
  /** Subscribers that are not owed everything: late ones, and those that publish without `toSelf`. */
  #specials: Map<object, Special> | undefined = undefined

  get count(): number {
    return this.sequences.length
  }

  /** Whether all subscribers are owed everything. */
  get isWhole(): boolean {
    return this.#specials === undefined
  }

  /** Keeps the message that was added last from one subscriber. */
  excludeLast(subscriber: object): void {
    this.#special(subscriber).skips.push(this.count - 1)
  }

  /** A subscriber that joined is owed only what comes from now on. */
  joinLate(subscriber: object): void {
    this.#specials ??= new Map()
    this.#specials.set(subscriber, { from: this.count, skips: [] })
  }

  /** Forgets a subscriber that leaves. */
  forget(subscriber: object): void {
    this.#specials?.delete(subscriber)
  }

  /** Whether a subscriber is owed everything. */
  isWholeFor(subscriber: object): boolean {
    return this.#specials === undefined || !this.#specials.has(subscriber)
  }

  /** Number of the first message that a subscriber is owed. */
  firstFor(subscriber: object): number {
    return this.#specials?.get(subscriber)?.from ?? 0
  }

  /** Numbers of the messages that a subscriber does not get. */
  skipsFor(subscriber: object): readonly number[] {
    return this.#specials?.get(subscriber)?.skips ?? NO_SKIPS
  }

  #special(subscriber: object): Special {
    this.#specials ??= new Map()
    let special = this.#specials.get(subscriber)
    if (special === undefined) {
      special = { from: 0, skips: [] }
      this.#specials.set(subscriber, special)
    }
    return special
  }
}

/** The part whose next message was published first; steps over messages that are skipped. */
export function takeEarliest<Part extends BatchPart>(parts: readonly Part[]): Part | undefined {
  let earliest: Part | undefined
  for (const part of parts) {
    while (part.nextSkip < part.skips.length && part.skips[part.nextSkip]! <= part.next) {
      if (part.skips[part.nextSkip++] === part.next) part.next++
    }
    if (part.next >= part.end) continue
    if (earliest === undefined || part.batch.sequences[part.next]! < earliest.batch.sequences[earliest.next]!)
      earliest = part
  }
  return earliest
}

/** Number of the part's first message that is not to go before `limit`, or that is skipped, or its end. */
export function firstAtOrAfter(part: BatchPart, limit: number): number {
  const { sequences } = part.batch
  let low = part.next + 1
  let high = Math.min(part.end, part.skips[part.nextSkip] ?? part.end)
  if (high <= low || sequences[high - 1]! < limit) return Math.max(low, high)
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sequences[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}

/** Sequence of the first message that another part has next; Infinity when there is none. */
export function nextOfOthers(part: BatchPart, parts: readonly BatchPart[]): number {
  let limit = Infinity
  for (const other of parts) {
    if (other === part || other.next >= other.end) continue
    limit = Math.min(limit, other.batch.sequences[other.next]!)
  }
  return limit
}

/** How many messages the parts have, those that are skipped left out. */
export function countOf(parts: readonly BatchPart[]): number {
  let count = 0
  for (const { next, end, skips } of parts) {
    count += end - next
    for (const skip of skips) if (skip >= next && skip < end) count--
  }
  return count
}

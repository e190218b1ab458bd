/** Everything that can be wrong with what the members of one channel got; each figure has to be 0. */
export interface StreamFaults {
  /** Stored, as somebody got it, but not handed to a member that it was due to. */
  readonly lost: number
  /** Handed to a member again: also what comes late, which was counted as lost before. */
  readonly doubled: number
  /** Handed over in another place of the stream, or under another offset, than to the others. */
  readonly disordered: number
  /** Nobody has published it. */
  readonly invented: number
  /** Acknowledged, and nobody got it. */
  readonly notStored: number
  /** Stored after what its publisher had published later, and not given up before. */
  readonly overtaken: number
  /** Not acknowledged, not given up: its publisher was left without an answer. */
  readonly unsettled: number
  /** Gaps that members were told of. */
  readonly gaps: number
}

/** What became of the publishes. */
export interface PublishFigures {
  readonly published: number
  readonly acknowledged: number
  /** Ended with `PUBLISH_OUTCOME_UNKNOWN`, and stored all the same. */
  readonly unknownStored: number
  /** Ended with `PUBLISH_OUTCOME_UNKNOWN`, and not stored. */
  readonly unknownNotStored: number
  /** Ended with another error. */
  readonly refused: number
}

type Outcome = 'pending' | 'acknowledged' | 'unknown' | 'refused'

/**
 * Compares what all members of one channel got, from its first publication on.
 *
 * Who gets a publication first says where it is in the stream; everyone else has to get it in the same place. All members are
 * publishers, too, and number what they publish from 0.
 */
export class StreamChecker {
  readonly #stream: { readonly from: number; readonly number: number; readonly offset: number }[] = []
  /** Place in the stream by publisher and number. */
  readonly #places: Map<number, number>[]
  readonly #outcomes: Outcome[][]
  /** How much of the stream each member has. */
  readonly #counts: number[]
  readonly #newest: number[]
  #lost = 0
  #doubled = 0
  #disordered = 0
  #invented = 0
  #overtaken = 0
  #gaps = 0
  /** Publications handed to members. */
  delivered = 0
  /** Publishes without an answer. */
  unsettled = 0

  constructor(members: number) {
    this.#places = Array.from({ length: members }, () => new Map<number, number>())
    this.#outcomes = Array.from({ length: members }, () => [])
    this.#counts = Array.from({ length: members }, () => 0)
    this.#newest = Array.from({ length: members }, () => -1)
  }

  /** Somebody who comes late, reads everything from the beginning and publishes nothing. Returns its number among the members. */
  addReader(): number {
    return this.#counts.push(0) - 1
  }

  /** A member publishes. Returns the number of what it publishes. */
  publish(member: number): number {
    this.unsettled++
    return this.#outcomes[member]!.push('pending') - 1
  }

  /** How a publish ended. */
  settle(member: number, number: number, outcome: Exclude<Outcome, 'pending'>): void {
    this.unsettled--
    this.#outcomes[member]![number] = outcome
  }

  /** A member was told of a gap. */
  tellGap(): void {
    this.#gaps++
  }

  /** A member was handed a publication. */
  take(member: number, publication: { from: number; number: number; offset: number }): void {
    const { from, number, offset } = publication
    this.delivered++
    if (this.#outcomes[from]?.[number] === undefined) {
      this.#invented++
      return
    }
    const place = this.#places[from]!.get(number)
    const next = this.#counts[member]!
    if (place === undefined) {
      this.#append(member, { from, number, offset })
      return
    }
    if (place < next) {
      this.#doubled++
      return
    }
    this.#lost += place - next
    if (this.#stream[place]!.offset !== offset) this.#disordered++
    this.#counts[member] = place + 1
  }

  /** Whether every publish is settled, and everyone has all that anyone has. */
  get isComplete(): boolean {
    return this.unsettled === 0 && this.#counts.every((count) => count === this.#stream.length)
  }

  get faults(): StreamFaults {
    const behind = this.#counts.reduce((sum, count) => sum + this.#stream.length - count, 0)
    return {
      lost: this.#lost + behind,
      doubled: this.#doubled,
      disordered: this.#disordered,
      invented: this.#invented,
      notStored: this.#count('acknowledged') - this.#count('acknowledged', true),
      overtaken: this.#overtaken,
      unsettled: this.unsettled,
      gaps: this.#gaps,
    }
  }

  get publishes(): PublishFigures {
    const unknownStored = this.#count('unknown', true)
    return {
      published: this.#outcomes.reduce((sum, { length }) => sum + length, 0),
      acknowledged: this.#count('acknowledged'),
      unknownStored,
      unknownNotStored: this.#count('unknown') - unknownStored,
      refused: this.#count('refused'),
    }
  }

  /** The first to get it: it has everything before, or the stream is not the same for all. */
  #append(member: number, publication: { from: number; number: number; offset: number }): void {
    const { from, number, offset } = publication
    const { length } = this.#stream
    if (this.#counts[member] !== length || offset <= (this.#stream[length - 1]?.offset ?? 0)) {
      this.#disordered++
    }
    if (number > this.#newest[from]!) this.#newest[from] = number
    // Of what was given up nobody knows when it is stored, if it is.
    else if (this.#outcomes[from]![number] !== 'unknown') this.#overtaken++
    this.#lost += length - this.#counts[member]!
    this.#places[from]!.set(number, length)
    this.#stream.push(publication)
    this.#counts[member] = length + 1
  }

  /** Publishes that ended in one way; with `isStored` only those that are in the stream. */
  #count(outcome: Outcome, isStored = false): number {
    let count = 0
    for (const [member, outcomes] of this.#outcomes.entries()) {
      for (const [number, other] of outcomes.entries()) {
        if (other === outcome && (!isStored || this.#places[member]!.has(number))) count++
      }
    }
    return count
  }
}

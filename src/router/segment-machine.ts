import { DFA_DEAD, DFA_START } from './regexp/dfa.ts'
import type { SegmentPart } from './segment-part.ts'

/** State of a plain parameter that has at least one character. */
const FILLED = 2

/** One part as a run of states: those of the parameter, then one for each character of the text behind it. */
interface PartStates {
  readonly part: SegmentPart
  readonly index: number
  /** Number of the parameter's state 0. */
  readonly base: number
  /** Number of the state before the first character of the suffix. */
  readonly suffixBase: number
  readonly suffix: readonly number[]
  /** Number of the state behind the suffix. */
  readonly end: number
}

/** States that are reached at one position, the one that backtracking would try first at the front. */
class Threads {
  readonly states: Int32Array
  /** Start and end of each value so far, for one state after the other. */
  readonly bounds: Int32Array
  length = 0

  constructor(capacity: number, width: number) {
    this.states = new Int32Array(capacity)
    this.bounds = new Int32Array(capacity * width)
  }
}

/**
 * Matches parameters with regular expressions and text between them, trying all ways at once (Pike's algorithm).
 *
 * Backtracking would take time that grows with a power of the length; this takes each character once, times the
 * number of states.
 */
export class SegmentMachine {
  readonly #parts: readonly PartStates[]
  /** Part by state. */
  readonly #partOf: PartStates[] = []
  readonly #final: number
  readonly #width: number
  /** By state: the last position at which it was reached. */
  readonly #reachedAt: Int32Array
  #current: Threads
  #next: Threads

  constructor(parts: readonly SegmentPart[]) {
    let base = 0
    this.#parts = parts.map((part, index) => {
      const suffix = Array.from(part.suffix, (character) => character.codePointAt(0)!)
      const suffixBase = base + (part.regexp?.stateCount ?? FILLED + 1)
      const states = { part, index, base, suffixBase, suffix, end: suffixBase + suffix.length }
      while (base < states.end) this.#partOf[base++] = states
      return states
    })
    this.#final = base
    this.#width = 2 * parts.length
    this.#reachedAt = new Int32Array(base + 1)
    this.#current = new Threads(base + 1, this.#width)
    this.#next = new Threads(base + 1, this.#width)
  }

  /** Matches as {@link Segment.match} does. */
  match(text: string, start: number, end: number, bounds: number[], at: number): boolean {
    this.#reachedAt.fill(-1)
    this.#next.length = 0
    this.#enter(0, this.#next.bounds, 0, start)
    for (let i = start; i < end;) {
      const current = this.#next
      this.#next = this.#current
      this.#current = current
      if (current.length === 0) return false
      this.#next.length = 0
      const codePoint = text.codePointAt(i)!
      i += codePoint > 0xffff ? 2 : 1
      for (let thread = 0; thread < current.length; thread++) this.#advance(thread, codePoint, i)
    }
    const winner = this.#next.states.subarray(0, this.#next.length).indexOf(this.#final)
    if (winner === -1) return false
    for (let i = 0; i < this.#width; i++) bounds[at + i] = this.#next.bounds[winner * this.#width + i]!
    return true
  }

  #advance(thread: number, codePoint: number, position: number): void {
    const { states, bounds } = this.#current
    const state = states[thread]!
    if (state === this.#final) return
    const from = thread * this.#width
    const { part, index, base, suffixBase, suffix, end } = this.#partOf[state]!
    if (state >= suffixBase) {
      if (suffix[state - suffixBase] !== codePoint) return
      if (state + 1 < end) this.#add(state + 1, bounds, from, position)
      else this.#enter(index + 1, bounds, from, position)
    } else {
      const next = part.regexp === null ? FILLED : part.regexp.step(state - base, codePoint)
      if (next !== DFA_DEAD) this.#fill(index, next, bounds, from, position)
    }
  }

  /** Goes to the start of a part, or to the end of them all. */
  #enter(index: number, bounds: Int32Array, from: number, position: number): void {
    if (index === this.#parts.length) {
      this.#add(this.#final, bounds, from, position)
      return
    }
    const slot = this.#add(this.#parts[index]!.base + DFA_START, bounds, from, position)
    if (slot !== -1) this.#next.bounds[slot + 2 * index] = position
  }

  /** Goes on within a parameter, and, with less priority, behind it where it may end. */
  #fill(index: number, local: number, bounds: Int32Array, from: number, position: number): void {
    const { part, base, suffixBase, suffix } = this.#parts[index]!
    const slot = this.#add(base + local, bounds, from, position)
    if (slot === -1 || (part.regexp !== null && !part.regexp.isAccepting(local))) return
    const next = this.#next.bounds
    next[slot + 2 * index + 1] = position
    if (suffix.length > 0) this.#add(suffixBase, next, slot, position)
    else this.#enter(index + 1, next, slot, position)
  }

  /** Notes a state unless it was reached with more priority; gives where its bounds are, or -1. */
  #add(state: number, bounds: Int32Array, from: number, position: number): number {
    if (this.#reachedAt[state] === position) return -1
    this.#reachedAt[state] = position
    const next = this.#next
    const slot = next.length * this.#width
    next.states[next.length++] = state
    for (let i = 0; i < this.#width; i++) next.bounds[slot + i] = bounds[from + i]!
    return slot
  }
}

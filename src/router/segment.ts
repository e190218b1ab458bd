import { DFA_DEAD, DFA_START } from './regexp/dfa.ts'
import type { LinearRegExp } from './regexp/linear-regexp.ts'

/** A parameter and the static text behind it, both within one path segment or one label of a host. */
export interface SegmentPart {
  readonly name: string
  readonly regexp: LinearRegExp | null
  /** Canonical text up to the next parameter or the end of the segment; may be empty. */
  readonly suffix: string
}

/** State of a plain parameter that has at least one character. */
const FILLED = 2

/**
 * The rest of a segment from its first parameter on: `{id}`, `{name}.{ext}` or `{from:[0-9]+}-{to:[0-9]+}`.
 *
 * No parameter is ever empty. Where a value could end at several places, the leftmost parameter takes as much as
 * it can, then the next. The time is linear in the length of the segment.
 */
export class Segment {
  readonly parts: readonly SegmentPart[]
  /** Equal for segments that match the same values, whatever the names. */
  readonly key: string
  /** Whether it is one parameter that takes any value. */
  readonly isPlain: boolean
  readonly #isRegexpFree: boolean

  constructor(parts: readonly SegmentPart[]) {
    this.parts = parts
    this.key = JSON.stringify(
      parts.map(({ regexp, suffix }) => [regexp === null ? null : regexp.source, suffix]),
    )
    this.#isRegexpFree = parts.every(({ regexp }) => regexp === null)
    this.isPlain = this.#isRegexpFree && parts.length === 1 && parts[0]!.suffix === ''
  }

  /**
   * Matches all of `text.slice(start, end)`.
   *
   * @param bounds Receives start and end of each value in turn, from index `at` on.
   */
  match(text: string, start: number, end: number, bounds: number[], at: number): boolean {
    if (this.parts.length === 1) return this.#matchOne(text, start, end, bounds, at)
    return this.#isRegexpFree
      ? this.#matchPlain(text, start, end, bounds, at)
      : this.#simulate(text, start, end, bounds, at)
  }

  #matchOne(text: string, start: number, end: number, bounds: number[], at: number): boolean {
    const { regexp, suffix } = this.parts[0]!
    const valueEnd = end - suffix.length
    if (valueEnd <= start || !text.startsWith(suffix, valueEnd)) return false
    bounds[at] = start
    bounds[at + 1] = valueEnd
    return regexp === null || regexp.accepts(text, start, valueEnd)
  }

  /** From the right: the last place of each separator leaves the values to its left as long as possible. */
  #matchPlain(text: string, start: number, end: number, bounds: number[], at: number): boolean {
    const last = this.parts.length - 1
    let valueEnd = end - this.parts[last]!.suffix.length
    if (valueEnd <= start || !text.startsWith(this.parts[last]!.suffix, valueEnd)) return false
    for (let i = last; i > 0; i--) {
      const separator = this.parts[i - 1]!.suffix
      const latest = valueEnd - 1 - separator.length
      const position = latest <= start ? -1 : text.lastIndexOf(separator, latest)
      if (position <= start) return false
      bounds[at + 2 * i] = position + separator.length
      bounds[at + 2 * i + 1] = valueEnd
      valueEnd = position
    }
    bounds[at] = start
    bounds[at + 1] = valueEnd
    return true
  }

  /** All ways to match at once, in the order in which backtracking would try them (Pike's algorithm). */
  #simulate(text: string, start: number, end: number, bounds: number[], at: number): boolean {
    let threads: Thread[] = []
    this.#add(threads, new Set(), { part: 0, state: DFA_START, matched: -1, start, values: null }, start)
    for (let i = start; i < end && threads.length > 0;) {
      const codePoint = text.codePointAt(i)!
      i += codePoint > 0xffff ? 2 : 1
      const next: Thread[] = []
      const seen = new Set<number>()
      for (const thread of threads) {
        const advanced = this.#advance(thread, codePoint)
        if (advanced !== null) this.#add(next, seen, advanced, i)
      }
      threads = next
    }
    const winner = threads.find(({ part }) => part === this.parts.length)
    if (winner === undefined) return false
    let index = at + 2 * this.parts.length
    for (let value = winner.values; value !== null; value = value.previous) {
      bounds[--index] = value.end
      bounds[--index] = value.start
    }
    return true
  }

  #advance(thread: Thread, codePoint: number): Thread | null {
    if (thread.part === this.parts.length) return null
    const { regexp, suffix } = this.parts[thread.part]!
    if (thread.matched >= 0) {
      if (suffix.codePointAt(thread.matched) !== codePoint) return null
      return { ...thread, matched: thread.matched + (codePoint > 0xffff ? 2 : 1) }
    }
    const state = regexp === null ? FILLED : regexp.step(thread.state, codePoint)
    return state === DFA_DEAD ? null : { ...thread, state }
  }

  /** Adds a thread and those that follow from it without a character, unless a thread of higher priority is there. */
  #add(threads: Thread[], seen: Set<number>, thread: Thread, at: number): void {
    const key =
      (thread.part * 2 + (thread.matched < 0 ? 0 : 1)) * 0x10000 + Math.max(thread.state, thread.matched)
    if (seen.has(key)) return
    seen.add(key)
    threads.push(thread)
    if (thread.part === this.parts.length) return
    const { regexp, suffix } = this.parts[thread.part]!
    if (thread.matched < 0) {
      const canEnd = thread.state !== DFA_START && (regexp === null || regexp.isAccepting(thread.state))
      if (!canEnd) return
      const values = { start: thread.start, end: at, previous: thread.values }
      this.#add(threads, seen, { ...thread, state: 0, matched: 0, values }, at)
    } else if (thread.matched === suffix.length) {
      const part = thread.part + 1
      this.#add(threads, seen, { part, state: DFA_START, matched: -1, start: at, values: thread.values }, at)
    }
  }
}

/** One way to match the characters so far. */
interface Thread {
  readonly part: number
  /** State of the parameter's automaton. */
  readonly state: number
  /** How much of the suffix is matched; -1 within the parameter. */
  readonly matched: number
  /** Where the parameter starts. */
  readonly start: number
  readonly values: Value | null
}

interface Value {
  readonly start: number
  readonly end: number
  readonly previous: Value | null
}

/**
 * Orders segments at one place of the tree: which is tried first.
 *
 * From left to right: a parameter with a regular expression before one without, then the longer static text, then
 * more parameters. 0 where the order of registration decides.
 */
export function compareSegments(a: Segment, b: Segment): number {
  const shared = Math.min(a.parts.length, b.parts.length)
  for (let i = 0; i < shared; i++) {
    const left = a.parts[i]!
    const right = b.parts[i]!
    const byRegexp = (left.regexp === null ? 1 : 0) - (right.regexp === null ? 1 : 0)
    if (byRegexp !== 0) return byRegexp
    if (left.suffix.length !== right.suffix.length) return right.suffix.length - left.suffix.length
  }
  return b.parts.length - a.parts.length
}

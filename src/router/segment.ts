import { SegmentMachine } from './segment-machine.ts'
import type { SegmentPart } from './segment-part.ts'

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
  /** For several parameters of which some have a regular expression. */
  readonly #machine: SegmentMachine | null

  constructor(parts: readonly SegmentPart[]) {
    this.parts = parts
    this.key = JSON.stringify(
      parts.map(({ regexp, suffix }) => [regexp === null ? null : regexp.source, suffix]),
    )
    const isRegexpFree = parts.every(({ regexp }) => regexp === null)
    this.isPlain = isRegexpFree && parts.length === 1 && parts[0]!.suffix === ''
    this.#machine = isRegexpFree || parts.length === 1 ? null : new SegmentMachine(parts)
  }

  /**
   * Matches all of `text.slice(start, end)`.
   *
   * @param bounds Receives start and end of each value in turn, from index `at` on.
   */
  match(text: string, start: number, end: number, bounds: number[], at: number): boolean {
    if (this.parts.length === 1) return this.#matchOne(text, start, end, bounds, at)
    if (this.#machine !== null) return this.#machine.match(text, start, end, bounds, at)
    return this.#matchPlain(text, start, end, bounds, at)
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

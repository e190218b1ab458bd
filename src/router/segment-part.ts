import type { LinearRegExp } from './regexp/linear-regexp.ts'

/** A parameter and the static text behind it, both within one path segment or one label of a host. */
export interface SegmentPart {
  readonly name: string
  readonly regexp: LinearRegExp | null
  /** Canonical text up to the next parameter or the end of the segment; may be empty. */
  readonly suffix: string
}

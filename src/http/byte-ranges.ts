import { trimOws } from './trim-ows.ts'

/** Part of a file: first and last byte, both included. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/** Ranges of one header that are looked at; more than a client needs, fewer than make work (CVE-2011-3192). */
const MAX_RANGES = 50

const SPEC = /^(?:([0-9]{1,16})-([0-9]{0,16})|-([0-9]{1,16}))$/

/**
 * Reads a Range header for a body of `size` bytes (RFC 9110 sections 14.1.1 and 14.2).
 *
 * @returns the satisfiable ranges in the order of the header; `unsatisfiable` when there is none (416); undefined when
 * the header is to be ignored: malformed, another unit, more than 50 ranges.
 */
export function parseByteRanges(
  header: string,
  size: number,
): readonly ByteRange[] | 'unsatisfiable' | undefined {
  const equals = header.indexOf('=')
  if (equals === -1 || header.slice(0, equals).trim().toLowerCase() !== 'bytes') return undefined
  const specs = header.slice(equals + 1).split(',', MAX_RANGES + 1)
  if (specs.length > MAX_RANGES) return undefined
  const ranges: ByteRange[] = []
  let count = 0
  for (const spec of specs) {
    const text = trimOws(spec)
    // RFC 9110 section 5.6.1.2: empty list elements are skipped.
    if (text === '') continue
    count++
    const match = SPEC.exec(text)
    if (match === null) return undefined
    const [, first, last, suffix] = match
    if (suffix !== undefined) {
      const length = Math.min(Number(suffix), size)
      if (length > 0) ranges.push({ start: size - length, end: size - 1 })
      continue
    }
    const start = Number(first)
    const end = last === undefined || last === '' ? size - 1 : Number(last)
    if (last !== undefined && last !== '' && end < start) return undefined
    if (start < size) ranges.push({ start, end: Math.min(end, size - 1) })
  }
  if (count === 0) return undefined
  return ranges.length === 0 ? 'unsatisfiable' : ranges
}

/**
 * The one range that covers ranges which overlap or touch; undefined when they leave a hole.
 *
 * RFC 9110 section 15.3.7.2 lets a server coalesce them.
 */
export function coalesceRanges(ranges: readonly ByteRange[]): ByteRange | undefined {
  const sorted = ranges.toSorted((a, b) => a.start - b.start)
  let whole = sorted[0]
  for (const range of sorted) {
    if (whole === undefined || range.start > whole.end + 1) return undefined
    if (range.end > whole.end) whole = { start: whole.start, end: range.end }
  }
  return whole
}

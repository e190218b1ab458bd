import { checkUnused, parseParam } from './param-syntax.ts'
import { patternError } from './pattern-error.ts'
import { MAX_PARAMS, MAX_PATTERN_LENGTH } from './pattern.ts'
import type { SegmentPart } from './segment-part.ts'
import { Segment } from './segment.ts'

/** Static start of a label, then its parameters, if any. */
interface HostLabel {
  readonly prefix: string
  readonly segment: Segment | null
}

const HOST_TEXT = /^[a-z0-9_-]*$/
const IP_V6 = /^\[[0-9a-f:.]+\]$/

/**
 * A pattern of host names such as `{tenant}.example.com`.
 *
 * A parameter stands for all or part of one label, never for a dot. Case, port and the final dot of a fully
 * qualified name do not matter; values are lower-case.
 */
export class HostPattern {
  readonly source: string
  readonly paramNames: readonly string[]
  /** Equal for patterns that match the same hosts, whatever the names. */
  readonly key: string
  readonly labels: readonly HostLabel[]

  /** Throws `PATTERN_INVALID`, naming the position. */
  constructor(source: string) {
    const names: string[] = []
    this.source = source
    this.labels = parseHost(source, names)
    this.paramNames = names
    this.key = JSON.stringify(this.labels.map(({ prefix, segment }) => [prefix, segment?.key]))
  }

  /** Values of the parameters in a normalized host, in the order of their names; null where it does not match. */
  match(host: string): string[] | null {
    const bounds: number[] = []
    let at = 0
    let start = 0
    for (const { prefix, segment } of this.labels) {
      if (start > host.length || !host.startsWith(prefix, start)) return null
      const dot = host.indexOf('.', start)
      // An IPv6 address is one label; it may contain dots.
      const end = dot === -1 || prefix.startsWith('[') ? host.length : dot
      if (segment === null) {
        if (start + prefix.length !== end) return null
      } else {
        if (!segment.match(host, start + prefix.length, end, bounds, at)) return null
        at += 2 * segment.parts.length
      }
      start = end + 1
    }
    if (start !== host.length + 1) return null
    return this.paramNames.map((_, i) => host.slice(bounds[2 * i], bounds[2 * i + 1]))
  }
}

/** Lower-cases a host as sent and drops its port and final dot. */
export function normalizeHost(host: string): string {
  const colon = host.indexOf(':', host.startsWith('[') ? host.indexOf(']') : 0)
  const name = (colon === -1 ? host : host.slice(0, colon)).toLowerCase()
  return name.endsWith('.') ? name.slice(0, -1) : name
}

function parseHost(source: string, names: string[]): HostLabel[] {
  if (source === '') throw patternError(source, 0, 'expected a host')
  if (source.length > MAX_PATTERN_LENGTH) {
    throw patternError(source, MAX_PATTERN_LENGTH, `it is longer than ${MAX_PATTERN_LENGTH} characters`)
  }
  const lower = source.toLowerCase()
  if (IP_V6.test(lower)) return [{ prefix: lower, segment: null }]
  const labels: HostLabel[] = []
  let position = 0
  do {
    if (labels.length > 0) position++
    const start = position
    const prefixEnd = textEnd(source, start)
    const prefix = hostText(source, start, prefixEnd)
    const parts: SegmentPart[] = []
    position = prefixEnd
    while (source[position] === '{') position = parseHostParam(source, position, parts, names)
    if (position === start) throw patternError(source, start, 'expected a label')
    labels.push({ prefix, segment: parts.length === 0 ? null : new Segment(parts) })
  } while (position < source.length)
  return labels
}

function parseHostParam(source: string, position: number, parts: SegmentPart[], names: string[]): number {
  const { name, isRest, regexp, end } = parseParam(source, position)
  checkUnused(names, name, source, position)
  if (isRest)
    throw patternError(source, position, 'a host has no {name...}; a parameter stands for one label')
  if (names.push(name) > MAX_PARAMS)
    throw patternError(source, position, `there are more than ${MAX_PARAMS} parameters`)
  const previous = parts.at(-1)
  if (previous !== undefined && previous.suffix === '' && previous.regexp === null && regexp === null) {
    throw patternError(
      source,
      position,
      'nothing tells where the parameter before ends: put text between the two',
    )
  }
  const suffixEnd = textEnd(source, end)
  parts.push({ name, regexp, suffix: hostText(source, end, suffixEnd) })
  return suffixEnd
}

function textEnd(source: string, start: number): number {
  let end = start
  while (end < source.length && source[end] !== '{' && source[end] !== '.') end++
  return end
}

function hostText(source: string, start: number, end: number): string {
  const text = source.slice(start, end).toLowerCase()
  if (HOST_TEXT.test(text)) return text
  const hint = text.includes(':') ? 'leave out the port' : 'write other characters in Punycode (xn--…)'
  throw patternError(source, start, `a host consists of letters, digits, "-", "_" and "."; ${hint}`)
}

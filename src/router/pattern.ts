import { checkUnused, parseParam } from './param-syntax.ts'
import { decodeEscapes, hasDotSegment, SUSPECT_CODES } from './path.ts'
import { patternError } from './pattern-error.ts'
import type { SegmentPart } from './segment-part.ts'
import { Segment } from './segment.ts'

/** One step of a pattern: static text, the parameters of one segment, or the rest of the path. */
export type PatternToken =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'segment'; readonly segment: Segment }
  | { readonly kind: 'rest'; readonly name: string }
  /** An empty rest where the slash before it is missing too. */
  | { readonly kind: 'missing-rest' }

/** A path pattern, parsed. */
export interface PathPattern {
  readonly source: string
  /** The leading slash included. */
  readonly tokens: readonly PatternToken[]
  readonly paramNames: readonly string[]
}

/** Longest pattern, in UTF-16 code units; keeps the depth of the tree and of recursion within bounds. */
export const MAX_PATTERN_LENGTH = 1_024
/** Most parameters of one pattern. */
export const MAX_PARAMS = 32

const NOT_IN_PATTERN = /[\p{Cc}\\?#]/u
const OTHER_SYNTAX = /^(?::[A-Za-z_]\w*|\*\w*)$/

/** Parses a path pattern; throws `PATTERN_INVALID`, naming the position. */
export function parsePattern(source: string): PathPattern {
  if (source[0] !== '/') throw patternError(source, 0, 'expected "/" at the start')
  if (source.length > MAX_PATTERN_LENGTH) {
    throw patternError(source, MAX_PATTERN_LENGTH, `it is longer than ${MAX_PATTERN_LENGTH} characters`)
  }
  const tokens: PatternToken[] = []
  const names: string[] = []
  let position = 0
  while (position < source.length) {
    if (source[position] !== '{') {
      const end = textEnd(source, position, false)
      tokens.push({ kind: 'text', text: parseText(source, position, end) })
      position = end
    } else {
      position = parseSegment(source, position, tokens, names)
    }
  }
  checkDotSegments(source, tokens)
  return { source, tokens, paramNames: names }
}

/** A string that is equal for tokens that match the same paths, whatever the names. */
export function patternKey(tokens: readonly PatternToken[]): string {
  return JSON.stringify(
    tokens.map((token) => {
      if (token.kind === 'text') return token.text
      return token.kind === 'segment' ? [token.segment.key] : { kind: token.kind }
    }),
  )
}

/** The tokens with a slash more or less at the end, or less before the rest; null for the root, which has one form. */
export function toggleTrailingSlash(tokens: readonly PatternToken[]): readonly PatternToken[] | null {
  const hasRest = tokens.at(-1)!.kind === 'rest'
  const before = hasRest ? tokens.slice(0, -1) : tokens
  const last = before.at(-1)!
  if (last.kind !== 'text' || !last.text.endsWith('/')) return [...before, { kind: 'text', text: '/' }]
  if (before.length === 1 && last.text === '/') return null
  const toggled = before.slice(0, -1)
  if (last.text !== '/') toggled.push({ kind: 'text', text: last.text.slice(0, -1) })
  if (hasRest) toggled.push({ kind: 'missing-rest' })
  return toggled
}

/** Parses from a parameter to the end of its segment. */
function parseSegment(source: string, start: number, tokens: PatternToken[], names: string[]): number {
  const parts: SegmentPart[] = []
  let position = start
  while (source[position] === '{') {
    const param = parseParam(source, position)
    checkUnused(names, param.name, source, position)
    if (names.push(param.name) > MAX_PARAMS) {
      throw patternError(source, position, `there are more than ${MAX_PARAMS} parameters`)
    }
    if (param.isRest) {
      if (source[position - 1] !== '/' || param.end !== source.length) {
        throw patternError(source, position, `{${param.name}...} must be all of the last segment`)
      }
      tokens.push({ kind: 'rest', name: param.name })
      return param.end
    }
    const previous = parts.at(-1)
    if (
      previous !== undefined &&
      previous.suffix === '' &&
      previous.regexp === null &&
      param.regexp === null
    ) {
      throw patternError(
        source,
        position,
        'nothing tells where the parameter before ends: put text between the two',
      )
    }
    const suffixEnd = textEnd(source, param.end, true)
    parts.push({ name: param.name, regexp: param.regexp, suffix: parseText(source, param.end, suffixEnd) })
    position = suffixEnd
  }
  tokens.push({ kind: 'segment', segment: new Segment(parts) })
  return position
}

/** Where static text ends: at the next parameter or, if told so, slash. */
function textEnd(source: string, start: number, endsAtSlash: boolean): number {
  const next = endsAtSlash ? /[{/]/g : /\{/g
  next.lastIndex = start
  return next.exec(source)?.index ?? source.length
}

/** Gives the canonical form of static text. */
function parseText(source: string, start: number, end: number): string {
  const raw = source.slice(start, end)
  const brace = raw.indexOf('}')
  if (brace !== -1)
    throw patternError(source, start + brace, 'there is no "{" for this "}"; write %7D for the character')
  const forbidden = NOT_IN_PATTERN.exec(raw)
  if (forbidden !== null) {
    throw patternError(
      source,
      start + forbidden.index,
      `${JSON.stringify(forbidden[0])} must be percent-encoded`,
    )
  }
  const text = raw.isWellFormed() ? decodeEscapes(raw) : null
  if (text === null) {
    const position = start + Math.max(0, raw.search(/%00|%(?![0-9A-Fa-f]{2})/))
    throw patternError(
      source,
      position,
      'the text contains NUL, a lone surrogate or a percent escape that is not valid UTF-8',
    )
  }
  let position = start
  for (const segment of raw.split('/')) {
    const isWhole =
      source[position - 1] === '/' &&
      (position + segment.length === source.length || source[position + segment.length] === '/')
    if (isWhole && OTHER_SYNTAX.test(segment)) {
      throw patternError(
        source,
        position,
        `"${segment}" has no meaning here; write {name}, {name...}, or percent-encode "${segment[0]}"`,
      )
    }
    position += segment.length + 1
  }
  return text
}

/** Whether raw paths show the static text of a pattern as it is: it has no character that is always encoded. */
export function isPlainPattern({ tokens }: PathPattern): boolean {
  return tokens.every((token) => {
    if (token.kind === 'text') return isPlainText(token.text)
    return token.kind !== 'segment' || token.segment.parts.every(({ suffix }) => isPlainText(suffix))
  })
}

function isPlainText(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 128 && SUSPECT_CODES[code] === 1) return false
  }
  return true
}

function checkDotSegments(source: string, tokens: readonly PatternToken[]): void {
  let shape = ''
  for (const token of tokens) {
    if (token.kind === 'text') shape += token.text
    else if (token.kind !== 'segment') shape += 'x'
    else shape += token.segment.parts.map(({ suffix }) => `x${suffix}`).join('')
  }
  if (hasDotSegment(shape)) {
    const position = Math.max(0, source.search(/(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:\/|%2f|%5c|$)/i))
    throw patternError(source, position, 'no path contains a "." or ".." segment')
  }
}

import { patternError } from './pattern-error.ts'
import { LinearRegExp } from './regexp/linear-regexp.ts'

/** What stands between the braces of a pattern. */
export interface ParamSyntax {
  readonly name: string
  /** Whether it is `{name...}`. */
  readonly isRest: boolean
  readonly regexp: LinearRegExp | null
  /** Position behind the closing brace. */
  readonly end: number
}

const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u

/** Parses the parameter whose opening brace is at `start`; throws `PATTERN_INVALID`. */
export function parseParam(pattern: string, start: number): ParamSyntax {
  const end = closingBrace(pattern, start)
  const body = pattern.slice(start + 1, end)
  const colon = body.indexOf(':')
  const isRest = colon === -1 && body.endsWith('...')
  const name = colon !== -1 ? body.slice(0, colon) : isRest ? body.slice(0, -3) : body
  if (name === '') throw patternError(pattern, start, 'the parameter has no name')
  if (!IDENTIFIER.test(name) || name === '__proto__') {
    throw patternError(
      pattern,
      start + 1,
      `${JSON.stringify(name)} is not usable as a parameter name: use an identifier`,
    )
  }
  const regexp = colon === -1 ? null : parseParamRegExp(pattern, start + 1 + colon + 1, end)
  return { name, isRest, regexp, end: end + 1 }
}

/** Checks that a name occurs once; throws `PATTERN_INVALID`. */
export function checkUnused(names: readonly string[], name: string, pattern: string, position: number): void {
  if (names.includes(name))
    throw patternError(pattern, position, `the parameter "${name}" occurs twice in the route`)
}

/** Braces count wherever they stand, in classes and behind backslashes too: so the types read a pattern alike. */
function closingBrace(pattern: string, start: number): number {
  let depth = 0
  for (let i = start; i < pattern.length; i++) {
    if (pattern[i] === '{') depth++
    else if (pattern[i] === '}' && --depth === 0) return i
  }
  throw patternError(
    pattern,
    start,
    'there is no "}" for this "{" (in a regular expression write \\x7b for a single "{")',
  )
}

function parseParamRegExp(pattern: string, start: number, end: number): LinearRegExp {
  const source = pattern.slice(start, end)
  if (source === '') throw patternError(pattern, start, 'expected a regular expression after ":"')
  const slash = source.indexOf('/')
  if (slash !== -1) {
    throw patternError(
      pattern,
      start + slash,
      'a parameter ends before the next "/"; use {name...} to take the rest of the path',
    )
  }
  if (source === '.*' || source === '.+') {
    throw patternError(
      pattern,
      start,
      `"${source}" does not go past "/"; use {name} for a segment or {name...} for the rest of the path`,
    )
  }
  return new LinearRegExp(source, (offset, problem): never => {
    throw patternError(pattern, start + offset, problem)
  })
}

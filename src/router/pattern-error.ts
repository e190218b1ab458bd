import { GoWebError } from '../errors/goweb-error.ts'

/** Makes the error for a malformed pattern, naming the pattern and the position (from 0). */
export function patternError(pattern: string, position: number, problem: string): GoWebError {
  const shown = pattern.length > 200 ? `${pattern.slice(0, 200)}…` : pattern
  return new GoWebError(
    'PATTERN_INVALID',
    `The pattern ${JSON.stringify(shown)} is malformed at position ${position}: ${problem}`,
  )
}

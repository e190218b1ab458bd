import { GoWebError } from '../errors/goweb-error.ts'
import { hasForbiddenKey } from '../internal/forbidden-keys.ts'
import { isDeeperThan } from '../internal/json-depth.ts'
import { locateJsonError } from './locate-json-error.ts'

/**
 * Parses JSON from a client.
 *
 * Equals `JSON.parse` where that succeeds, except that it refuses what hurts later: nesting deeper than `maxDepth`, which
 * overflows the stack of recursive code such as validators, and keys that change prototypes when the data is merged into
 * objects (`__proto__`, and `prototype` inside `constructor`). Refused and not dropped: no honest client sends them, and
 * data that changes silently is worse than an error.
 *
 * @throws `JSON_INVALID` naming the position, never the content; `JSON_TOO_DEEP`; `JSON_KEY_FORBIDDEN`.
 */
export function parseJson(text: string, maxDepth: number): unknown {
  if (isDeeperThan(text, maxDepth)) {
    throw new GoWebError('JSON_TOO_DEEP', `The JSON is nested deeper than ${maxDepth} levels`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new GoWebError('JSON_INVALID', describeError(text))
  }
  if (hasForbiddenKey(text, value)) {
    throw new GoWebError(
      'JSON_KEY_FORBIDDEN',
      'The JSON has the key "__proto__", or "prototype" inside "constructor"; rename it',
    )
  }
  return value
}

function describeError(text: string): string {
  const position = locateJsonError(text)
  if (text.length === 0) return 'The body is empty where JSON was expected'
  if (position === -1 || position >= text.length) return `The JSON ends too early, at position ${text.length}`
  const before = text.slice(0, position)
  const line = before.split('\n').length
  const column = position - before.lastIndexOf('\n')
  return `The JSON has an unexpected character at position ${position} (line ${line}, column ${column})`
}

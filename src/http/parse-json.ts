import { GoWebError } from '../errors/goweb-error.ts'
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
  if (mayHoldForbiddenKey(text) && hasForbiddenKey(value)) {
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

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Counts brackets outside strings; on invalid JSON the answer only has to be safe. */
function isDeeperThan(text: string, maxDepth: number): boolean {
  const length = text.length
  if (length <= maxDepth) return false
  let depth = 0
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      for (i++; i < length; i++) {
        const inner = text.charCodeAt(i)
        if (inner === QUOTE) break
        if (inner === BACKSLASH) i++
      }
    } else if (code === 0x5b /* [ */ || code === 0x7b /* { */) {
      if (++depth > maxDepth) return true
    } else if (code === 0x5d /* ] */ || code === 0x7d /* } */) {
      depth--
    }
  }
  return false
}

// An escape can spell a letter or an underscore of a key: \u005f to \u007a.
const ESCAPED_LETTER = /\\u00[5-7]/

function mayHoldForbiddenKey(text: string): boolean {
  return text.includes('__proto__') || text.includes('"prototype"') || ESCAPED_LETTER.test(text)
}

function hasForbiddenKey(root: unknown): boolean {
  const pending: unknown[] = [root]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (typeof value !== 'object' || value === null) continue
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === 'object' && item !== null) pending.push(item)
      continue
    }
    if (Object.hasOwn(value, '__proto__')) return true
    for (const [key, item] of Object.entries(value)) {
      if (typeof item !== 'object' || item === null) continue
      if (key === 'constructor' && Object.hasOwn(item, 'prototype')) return true
      pending.push(item)
    }
  }
  return false
}

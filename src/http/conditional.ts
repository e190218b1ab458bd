import { matchesStrongly, matchesWeakly, parseEntityTags } from './entity-tag.ts'
import { parseHttpDate } from './http-date.ts'

/** What is asked about a request here; `c` is one. */
export interface ConditionalRequest {
  readonly method: string
  /** Value of a header; the name in lower case. */
  header(name: string): string | undefined
}

/** The validators of what a request would get (RFC 9110 section 8.8). */
export interface Validators {
  /** Entity tag with its quotes. */
  readonly etag?: string | undefined
  /** Time of the last change. */
  readonly modifiedMs?: number | undefined
}

/**
 * Decides whether a request is to be carried out, for something that exists (RFC 9110 section 13.2.2).
 *
 * In the order of precedence: If-Match, else If-Unmodified-Since; If-None-Match, else If-Modified-Since (GET and HEAD
 * only). Malformed dates are ignored.
 *
 * @returns 412 or 304, the answer to give; undefined to go on.
 */
export function evaluateConditions(
  request: ConditionalRequest,
  validators: Validators,
): 304 | 412 | undefined {
  const { etag } = validators
  const seconds = validators.modifiedMs === undefined ? undefined : wholeSeconds(validators.modifiedMs)
  const isRead = request.method === 'GET' || request.method === 'HEAD'

  const ifMatch = request.header('if-match')
  if (ifMatch !== undefined) {
    if (!anyTag(ifMatch, etag, matchesStrongly)) return 412
  } else if (seconds !== undefined) {
    const since = dateHeader(request, 'if-unmodified-since')
    if (since !== undefined && seconds > since) return 412
  }

  const ifNoneMatch = request.header('if-none-match')
  if (ifNoneMatch !== undefined) {
    if (anyTag(ifNoneMatch, etag, matchesWeakly)) return isRead ? 304 : 412
  } else if (isRead && seconds !== undefined) {
    const since = dateHeader(request, 'if-modified-since')
    if (since !== undefined && seconds <= since) return 304
  }
  return undefined
}

/**
 * Decides whether a Range header holds, by If-Range (RFC 9110 section 13.1.5).
 *
 * An entity tag must match strongly, so weak ones never do; a date must be exactly the time of the last change.
 */
export function isRangeCurrent(request: ConditionalRequest, validators: Validators): boolean {
  const ifRange = request.header('if-range')
  if (ifRange === undefined) return true
  if (ifRange.startsWith('"') || ifRange.startsWith('W/')) {
    return validators.etag !== undefined && matchesStrongly(ifRange.trim(), validators.etag)
  }
  const since = parseHttpDate(ifRange.trim())
  return (
    since !== undefined &&
    validators.modifiedMs !== undefined &&
    wholeSeconds(validators.modifiedMs) === since
  )
}

function anyTag(
  header: string,
  etag: string | undefined,
  matches: (a: string, b: string) => boolean,
): boolean {
  const tags = parseEntityTags(header)
  // `*` asks for existence alone.
  if (tags === '*') return true
  return etag !== undefined && tags.some((tag) => matches(tag, etag))
}

function dateHeader(request: ConditionalRequest, name: string): number | undefined {
  const value = request.header(name)
  return value === undefined ? undefined : parseHttpDate(value)
}

/** HTTP dates know no fractions. */
function wholeSeconds(timeMs: number): number {
  return Math.floor(timeMs / 1_000) * 1_000
}

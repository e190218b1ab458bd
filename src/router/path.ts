/**
 * Stands for an encoded slash in a canonical path.
 *
 * A canonical path is decoded, so that all spellings of a path are equal, yet a decoded slash must not become a
 * separator. NUL is free for that: paths that contain it are refused.
 */
export const ENCODED_SLASH = '\0'

/** Characters that a raw path either must not contain or must be decoded for, by their code modulo 128. */
export const SUSPECT_CODES: Uint8Array = new Uint8Array(128)
for (let code = 0; code <= 0x20; code++) SUSPECT_CODES[code] = 1
for (const character of '%\\?#\x7F') SUSPECT_CODES[character.charCodeAt(0)] = 1

const SLASH = 47
/** As {@link SUSPECT_CODES}, and a bit of its own for the dot. */
const CHECKS = Uint8Array.from(SUSPECT_CODES)
const HAS_DOT = 2
CHECKS['.'.charCodeAt(0)] = HAS_DOT

const NOT_IN_RAW_PATH = /[\0-\x20\\?#\x7F]/
const DOT_SEGMENT = /[/\\\0]\.{1,2}(?:[/\\\0]|$)/

/**
 * Tells whether a path is its own canonical form: a cheap check that may say no without need.
 *
 * @param known Up to where the path is known to have no {@link SUSPECT_CODES} and no other segment that is `.` or `..`
 *   but, perhaps, the one that ends or goes on there.
 */
export function isPlainPath(path: string, known: number): boolean {
  if (path.charCodeAt(0) !== SLASH) return false
  let seen = 0
  for (let i = Math.max(1, known - '/..'.length); i < path.length; i++)
    seen |= CHECKS[path.charCodeAt(i) & 127]!
  return seen === 0 || (seen === HAS_DOT && !path.includes('/.'))
}

/**
 * Decodes a path once and for all, leaving {@link ENCODED_SLASH} for encoded slashes.
 *
 * Gives null when the path is malformed; {@link pathProblem} says why. Dot segments count as malformed however
 * their dots are written, and whether `/`, `%2F` or `%5C` surrounds them, since file systems and proxies further
 * on resolve them.
 */
export function canonicalPath(raw: string): string | null {
  if (raw.charCodeAt(0) !== SLASH || NOT_IN_RAW_PATH.test(raw)) return null
  const text = decodeEscapes(raw)
  return text === null || DOT_SEGMENT.test(text) ? null : text
}

/** Decodes percent escapes, leaving {@link ENCODED_SLASH} for `%2F`; null when one is malformed or means NUL. */
export function decodeEscapes(raw: string): string | null {
  if (!raw.includes('%')) return raw
  if (raw.includes('%00')) return null
  try {
    return decodeURIComponent(raw.replace(/%2f/gi, '%00'))
  } catch {
    return null
  }
}

/** Tells whether canonical text has a segment `.` or `..`. */
export function hasDotSegment(canonical: string): boolean {
  return DOT_SEGMENT.test(canonical)
}

/** Says what {@link canonicalPath} has against a path. */
export function pathProblem(raw: string): string {
  if (raw.charCodeAt(0) !== SLASH) return 'The path must start with "/"'
  if (NOT_IN_RAW_PATH.test(raw)) {
    return 'The path contains a control character, a space, "\\", "?" or "#" that is not percent-encoded'
  }
  if (raw.includes('%00')) return 'The path contains NUL'
  if (decodeEscapes(raw) === null) return 'The path contains a percent escape that is not valid UTF-8'
  return 'The path contains a "." or ".." segment'
}

/** A request path taken apart for the file system. */
export interface RequestTarget {
  /** Path below the root, percent-decoded, without a leading slash; with a trailing one when the request has it. */
  readonly path: string
  /** The last segment as sent, percent escapes kept; `''` after a trailing slash. */
  readonly lastSegment: string
}

/**
 * Takes the path of a request apart, below a prefix.
 *
 * @param prefix segments that the path must begin with.
 * @returns undefined for what can name no file: another prefix, escapes that are malformed or no (shortest) UTF-8, an escaped
 * slash, backslash or NUL, empty segments.
 */
export function requestTarget(path: string, prefix: readonly string[]): RequestTarget | undefined {
  const segments = path.split('/')
  // The first is what is before the leading slash.
  if (segments[0] !== '' || segments.length < 2) return undefined
  const decoded: string[] = []
  for (const [index, segment] of segments.entries()) {
    if (index === 0) continue
    const name = decodeSegment(segment)
    const isLast = index === segments.length - 1
    if (name === undefined || (name === '' && !isLast)) return undefined
    decoded.push(name)
  }
  for (const [index, name] of prefix.entries()) if (decoded[index] !== name) return undefined
  return { path: decoded.slice(prefix.length).join('/'), lastSegment: segments.at(-1) ?? '' }
}

function decodeSegment(segment: string): string | undefined {
  if (!segment.includes('%')) return /[\\\0]/.test(segment) ? undefined : segment
  try {
    // Strict about UTF-8: overlong forms, surrogates and stray bytes throw.
    const name = decodeURIComponent(segment)
    return /[/\\\0]/.test(name) ? undefined : name
  } catch {
    return undefined
  }
}

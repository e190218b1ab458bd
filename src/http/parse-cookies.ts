import { GoWebError } from '../errors/goweb-error.ts'
import { trimOws } from './trim-ows.ts'

/** Characters of a whole Cookie header; browsers send at most 180 cookies of 4 KiB, servers take less. */
const MAX_HEADER_LENGTH = 65_536
/** Cookies of one request; RFC 6265 section 6.1 asks user agents for 50 a domain, browsers keep up to 180. */
const MAX_COOKIES = 500

/**
 * Parses a Cookie header (RFC 6265 section 4.2).
 *
 * Of several cookies of one name the first wins, which is the most specific path (section 5.4). Values are percent-decoded;
 * one that cannot be is given as it came. Pieces without a name or `=` are skipped.
 *
 * @throws `COOKIES_TOO_LARGE` beyond 64 KiB or 500 cookies.
 */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>()
  const { length } = header
  if (length > MAX_HEADER_LENGTH) throw tooLarge(`longer than ${MAX_HEADER_LENGTH} characters`)
  let pieces = 0
  for (let start = 0; start < length;) {
    let end = header.indexOf(';', start)
    if (end === -1) end = length
    if (++pieces > MAX_COOKIES) throw tooLarge(`of more than ${MAX_COOKIES} cookies`)
    const equals = header.indexOf('=', start)
    if (equals === -1) break
    if (equals < end) {
      const name = trimOws(header, start, equals)
      if (name !== '' && !cookies.has(name)) cookies.set(name, decode(trimOws(header, equals + 1, end)))
    }
    start = end + 1
  }
  return cookies
}

function tooLarge(what: string): GoWebError {
  return new GoWebError('COOKIES_TOO_LARGE', `The Cookie header is ${what}; delete cookies of this site`)
}

function decode(value: string): string {
  if (!value.includes('%')) return value
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

import { GoWebError } from '../errors/goweb-error.ts'
import { Reply } from './reply.ts'

// RFC 9110 sections 15.4.2 to 15.4.4, 15.4.8 and 15.4.9.
const STATUSES = new Set([301, 302, 303, 307, 308])

// oxlint-disable-next-line no-control-regex -- it is there to refuse control characters
const CONTROL = /[\0-\x1f\x7f]/

// Everything that RFC 3986 has no place for. A backslash is among it: browsers read it as a slash, which makes another
// host of `/\host`.
const TO_ENCODE = /[^!#$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+/g
const STRAY_PERCENT = /%(?![0-9A-Fa-f]{2})/g

/**
 * Makes a redirect.
 *
 * What a URL cannot hold (spaces, quotes, backslashes, non-ASCII) is percent-encoded as UTF-8; escapes that are there
 * stay. A location that a client chose sends your visitors to any site (an open redirect): accept only paths that start
 * with one `/` and not with `//`, or compare `new URL(location, c.url).host`.
 *
 * @throws `REDIRECT_INVALID` for another status than 301, 302, 303, 307 and 308, or control characters in the location.
 */
export function redirectReply(location: string, status: number): Reply<never> {
  if (!STATUSES.has(status)) {
    throw new GoWebError(
      'REDIRECT_INVALID',
      `A redirect has the status 301, 302, 303, 307 or 308, not ${status}`,
    )
  }
  if (location === '' || CONTROL.test(location)) {
    throw new GoWebError(
      'REDIRECT_INVALID',
      'The location of a redirect is empty or has control characters; give a path or URL',
    )
  }
  const reply = new Reply<never>(status, null, undefined)
  reply.headers.set('location', encodeLocation(location))
  return reply
}

function encodeLocation(location: string): string {
  return location
    .replaceAll(STRAY_PERCENT, '%25')
    .replaceAll(TO_ENCODE, (part) => encodeURIComponent(part.toWellFormed()))
}

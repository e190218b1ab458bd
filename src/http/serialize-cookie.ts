import { GoWebError } from '../errors/goweb-error.ts'

/** Attributes of a cookie to set (RFC 6265bis section 4.1.2). */
export interface CookieOptions {
  /** Seconds it lives; 0 or less deletes it. Default: until the browser closes. Browsers cap at 400 days. */
  readonly maxAgeSeconds?: number
  /** When it ends; `maxAgeSeconds` wins over it. */
  readonly expires?: Date
  /** Paths that get it. Default: `/`. */
  readonly path?: string
  /** Host whose subdomains get it too. Default: this host alone. */
  readonly domain?: string
  /** Hidden from JavaScript. Default: true. */
  readonly httpOnly?: boolean
  /**
   * Sent over TLS only. Default of `c.cookies`: whether the request came over https; of `serializeCookie`: true.
   * Required by `sameSite: 'none'`, `partitioned` and names that begin with `__Secure-` or `__Host-`.
   */
  readonly secure?: boolean
  /** Whether requests from other sites carry it. Default: `lax`, only when a link is followed. */
  readonly sameSite?: 'strict' | 'lax' | 'none'
  /** Kept apart for each top-level site (CHIPS). Default: false. */
  readonly partitioned?: boolean
}

// RFC 6265 section 4.1.1: a name is a token of RFC 2616.
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// RFC 6265 section 4.1.1: no control characters and no semicolon; browsers trim a space at the end.
const PATH = /^\/(?:[\x20-\x3a\x3c-\x7e]*[\x21-\x3a\x3c-\x7e])?$/
const DOMAIN =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i

/** RFC 6265bis section 5.6: what browsers ignore without a word. */
const MAX_PAIR_BYTES = 4_096
const MAX_ATTRIBUTE_BYTES = 1_024

const SAME_SITE = { strict: 'Strict', lax: 'Lax', none: 'None' } as const

/**
 * Writes the value of a Set-Cookie header: `HttpOnly; Secure; SameSite=Lax; Path=/` unless told otherwise.
 *
 * The value is percent-encoded, so any text is possible.
 *
 * @throws `COOKIE_INVALID` for what browsers would drop in silence: malformed names and attributes, more than 4 KiB,
 * `__Host-`, `__Secure-`, `SameSite=None` and `Partitioned` without what they require (RFC 6265bis section 4.1.3).
 * @example
 * reply.headers.append('set-cookie', serializeCookie('theme', 'dark', { httpOnly: false }))
 */
export function serializeCookie(name: string, value: string, options: CookieOptions = {}): string {
  const { path = '/', domain, maxAgeSeconds, expires, httpOnly = true, secure = true, partitioned } = options
  const { sameSite = 'lax' } = options
  if (!NAME.test(name)) throw invalid(name, 'its name is not a token (RFC 6265 section 4.1.1)')
  const pair = `${name}=${encode(name, value)}`
  if (pair.length - 1 > MAX_PAIR_BYTES) throw invalid(name, `name and value are over ${MAX_PAIR_BYTES} bytes`)
  let line = pair
  if (maxAgeSeconds !== undefined) {
    if (!Number.isSafeInteger(maxAgeSeconds)) throw invalid(name, 'maxAgeSeconds must be a whole number')
    line += `; Max-Age=${maxAgeSeconds}`
  }
  if (expires !== undefined) {
    if (!(expires instanceof Date) || Number.isNaN(expires.getTime())) {
      throw invalid(name, 'expires must be a valid Date')
    }
    line += `; Expires=${expires.toUTCString()}`
  }
  if (domain !== undefined) {
    if (!DOMAIN.test(domain)) throw invalid(name, 'domain must be a host name')
    line += `; Domain=${domain}`
  }
  if (!PATH.test(path) || path.length > MAX_ATTRIBUTE_BYTES) {
    throw invalid(
      name,
      'path must be printable ASCII that begins with /, has no semicolon and does not end with a space',
    )
  }
  line += `; Path=${path}`
  if (httpOnly) line += '; HttpOnly'
  if (secure) line += '; Secure'
  else if (requiresSecure(name, options)) {
    throw invalid(name, 'its prefix, SameSite=None or Partitioned requires secure')
  }
  if (isHostOnly(name) && (domain !== undefined || path !== '/')) {
    throw invalid(name, 'the prefix __Host- requires the path / and no domain')
  }
  const site = Object.hasOwn(SAME_SITE, sameSite) ? SAME_SITE[sameSite] : undefined
  if (site === undefined) throw invalid(name, "sameSite must be 'strict', 'lax' or 'none'")
  line += `; SameSite=${site}`
  return partitioned === true ? `${line}; Partitioned` : line
}

/** Tells whether browsers refuse the cookie unless it is Secure. */
export function requiresSecure(name: string, options: CookieOptions): boolean {
  return (
    options.sameSite === 'none' ||
    options.partitioned === true ||
    isHostOnly(name) ||
    /^__secure-/i.test(name)
  )
}

function isHostOnly(name: string): boolean {
  return /^__host-/i.test(name)
}

function encode(name: string, value: string): string {
  try {
    return encodeURIComponent(value)
  } catch {
    throw invalid(name, 'its value has half a surrogate pair')
  }
}

function invalid(name: string, reason: string): GoWebError {
  return new GoWebError('COOKIE_INVALID', `The cookie ${JSON.stringify(name)} cannot be set: ${reason}`)
}

import { GoWebError } from '../errors/goweb-error.ts'

/** What the origin check needs to know of a handshake. */
export interface OriginFacts {
  /** The Origin header; undefined when there is none. */
  readonly origin: string | undefined
  readonly scheme: 'http' | 'https'
  /** The Host header, with its port. */
  readonly host: string
}

/**
 * Refuses a handshake that a page of a foreign origin started (RFC 6455 section 10.2).
 *
 * Cookies travel with cross-site handshakes and no CORS rule stops them, so this check is what keeps other sites from
 * acting as the user. A handshake without Origin does not come from a browser and passes. Scheme, host and port of the
 * origin must be those of the request, or the origin must be listed exactly as browsers send it (`https://example.com`,
 * no trailing slash; `null` for opaque origins). On a plain connection the `https` origin of the same host passes as well: that
 * is what arrives when a proxy in front ends TLS. The reverse does not.
 *
 * @param allowed further origins; `*` for any.
 * @throws `ORIGIN_NOT_ALLOWED`
 */
export function assertOrigin(facts: OriginFacts, allowed: readonly string[] | '*'): void {
  const { origin, scheme, host } = facts
  if (origin === undefined || allowed === '*' || allowed.includes('*') || allowed.includes(origin)) return
  if (isOwnOrigin(facts)) return
  throw new GoWebError(
    'ORIGIN_NOT_ALLOWED',
    `The origin ${JSON.stringify(origin)} may not connect to ${scheme}://${host}; add it to allowedOrigins if it should`,
  )
}

/** Whether the page is the server's own, or there is none; by the same rules, without further origins. */
export function isOwnOrigin({ origin, scheme, host }: OriginFacts): boolean {
  if (origin === undefined || isSameOrigin(origin, scheme, host)) return true
  return scheme === 'http' && isSameOrigin(origin, 'https', host)
}

function isSameOrigin(origin: string, scheme: string, host: string): boolean {
  const own = `${scheme}://${host}`
  if (host === '') return false
  if (origin === own) return true
  // Case and default ports; an origin with a path or credentials is none.
  const parsed = URL.parse(origin)
  const parsedOwn = URL.parse(own)
  if (parsed === null || parsedOwn === null || parsedOwn.origin !== parsed.origin) return false
  return parsed.href === `${parsed.origin}/` && parsedOwn.href === `${parsedOwn.origin}/`
}

import type { Next } from '../chain/middleware.ts'
import { defineMiddleware } from '../http/define-middleware.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { HttpMiddleware } from '../http/http-middleware.ts'
import { Reply } from '../http/reply.ts'
import { originRule, type CorsOrigin } from './cors/origin-rule.ts'
import { OptionReader } from './options/option-reader.ts'

export type { CorsOrigin } from './cors/origin-rule.ts'

/** Options of {@link cors}. */
export interface CorsOptions {
  /**
   * Who may read the answers: one origin, several, a regular expression that must match the whole origin, a function,
   * or `*` for everybody. Required, so that nothing is opened by accident.
   */
  readonly origin: CorsOrigin
  /**
   * Whether pages may send cookies and read the answer. Not together with `*` anywhere. Default: false.
   */
  readonly credentials?: boolean
  /** Methods that a preflight allows, in capitals. Default: GET, HEAD, POST, PUT, PATCH, DELETE. */
  readonly methods?: readonly string[]
  /** Request headers that a preflight allows. Default: those it asks for. */
  readonly allowedHeaders?: readonly string[]
  /** Headers of the answer that pages may read besides the safelisted ones. Default: none. */
  readonly exposedHeaders?: readonly string[]
  /** How long a browser may remember a preflight, in seconds; -1 forbids it. Default: 600. */
  readonly maxAgeSeconds?: number
  /** Whether pages of public networks may reach this server in a private one. Default: false. */
  readonly privateNetwork?: boolean
}

const KNOWN = [
  'origin',
  'credentials',
  'methods',
  'allowedHeaders',
  'exposedHeaders',
  'maxAgeSeconds',
  'privateNetwork',
] as const

// RFC 9110 section 5.6.2.
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
// Methods are case-sensitive and fetch() does not capitalise PATCH, so a lower-case name is a mistake.
const METHOD = /^(?:[A-Z][A-Z0-9-]*|\*)$/
// What a preflight asks for: lower-case names joined by commas (Fetch, section 3.2.2); longer lists are not reflected.
const HEADER_LIST = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[\t ]*,[\t ]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*$/
const MAX_REFLECTED = 4_096

/**
 * Lets pages of other origins read the answers of this app.
 *
 * CORS as of the Fetch Standard, section 3.2. Answers a preflight with 204 before any route, also for paths without a route; the headers are on every other answer,
 * errors included. A request of an origin that is not allowed is handled all the same and gets no CORS header: CORS
 * protects the reader of the answer, not the server. Unless everybody is allowed, every answer has `Vary: Origin`, so
 * that no cache hands the answer for one origin to another. WebSockets have an origin check of their own.
 *
 * @throws `CORS_OPTIONS_INVALID` when constructed with wrong options, such as `*` together with credentials.
 * @example
 * app.use(cors({ origin: ['https://app.example.com', /https:\/\/[a-z]+\.example\.org/], credentials: true }))
 */
export function cors(options: CorsOptions): HttpMiddleware {
  const read = new OptionReader('cors', 'CORS_OPTIONS_INVALID', options, KNOWN)
  const credentials = read.boolean('credentials', false)
  const rule = originRule(read, credentials)
  const preflight = preflightHeaders(read, credentials)
  const reflectsHeaders = options.allowedHeaders === undefined
  const privateNetwork = read.boolean('privateNetwork', false)
  const exposed = list(read, 'exposedHeaders', TOKEN, 'header names', credentials)

  const middleware = defineMiddleware(['http'], async (c: HttpContext, next: Next<Reply>) => {
    const origin = c.header('origin')
    const allowed = rule.isOpen
      ? '*'
      : origin !== undefined && (await rule.allows(origin, c))
        ? origin
        : undefined
    if (origin !== undefined && isPreflight(c)) {
      return answerPreflight(c, allowed, preflight, reflectsHeaders, privateNetwork)
    }
    if (!rule.isOpen) c.appendHeader('vary', 'Origin')
    if (allowed !== undefined) {
      c.setHeader('access-control-allow-origin', allowed)
      if (credentials) c.setHeader('access-control-allow-credentials', 'true')
      if (exposed !== undefined) c.setHeader('access-control-expose-headers', exposed)
    }
    return next()
  })
  return middleware
}

function isPreflight(c: HttpContext): boolean {
  return c.method === 'OPTIONS' && c.header('access-control-request-method') !== undefined
}

function answerPreflight(
  c: HttpContext,
  allowed: string | undefined,
  fixed: readonly (readonly [string, string])[],
  reflectsHeaders: boolean,
  privateNetwork: boolean,
): Reply<undefined> {
  const reply = new Reply<undefined>(204, null, undefined)
  const { headers } = reply
  if (allowed !== '*') headers.append('vary', 'Origin')
  if (reflectsHeaders) headers.append('vary', 'Access-Control-Request-Headers')
  if (privateNetwork) headers.append('vary', 'Access-Control-Request-Private-Network')
  if (allowed === undefined) return reply
  headers.set('access-control-allow-origin', allowed)
  for (const [name, value] of fixed) headers.set(name, value)
  const asked = reflectsHeaders ? c.header('access-control-request-headers') : undefined
  if (asked !== undefined && asked.length <= MAX_REFLECTED && HEADER_LIST.test(asked)) {
    headers.set('access-control-allow-headers', asked)
  }
  if (privateNetwork && c.header('access-control-request-private-network') === 'true') {
    headers.set('access-control-allow-private-network', 'true')
  }
  return reply
}

/** What every allowed preflight gets, made once. */
function preflightHeaders(read: OptionReader, credentials: boolean): readonly (readonly [string, string])[] {
  const headers: (readonly [string, string])[] = []
  const methods = list(read, 'methods', METHOD, 'methods in capitals', credentials)
  headers.push(['access-control-allow-methods', methods ?? 'GET, HEAD, POST, PUT, PATCH, DELETE'])
  const allowedHeaders = list(read, 'allowedHeaders', TOKEN, 'header names', credentials)
  if (allowedHeaders !== undefined) headers.push(['access-control-allow-headers', allowedHeaders])
  headers.push(['access-control-max-age', String(read.integer('maxAgeSeconds', 600, -1, 86_400))])
  if (credentials) headers.push(['access-control-allow-credentials', 'true'])
  return headers
}

function list(
  read: OptionReader,
  name: string,
  pattern: RegExp,
  what: string,
  credentials: boolean,
): string | undefined {
  const values = read.strings(name, pattern, what)
  if (credentials && values?.includes('*')) {
    // Fetch Standard section 3.2.5: with credentials the `*` is a name, not a wildcard.
    read.refuse(name, 'names', 'browsers take * literally when credentials are allowed')
  }
  return values === undefined || values.length === 0 ? undefined : values.join(', ')
}

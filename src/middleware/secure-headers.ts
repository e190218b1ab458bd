import type { Next } from '../chain/middleware.ts'
import { defineMiddleware } from '../http/define-middleware.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { HttpMiddleware } from '../http/http-middleware.ts'
import type { Reply } from '../http/reply.ts'
import { OptionReader } from './options/option-reader.ts'
import {
  compilePolicy,
  policyWithNonce,
  type CompiledPolicy,
  type CspDirectives,
} from './secure-headers/content-security-policy.ts'
import { compilePermissions, type PermissionsPolicy } from './secure-headers/permissions-policy.ts'
import { compileTransportSecurity, type TransportSecurity } from './secure-headers/transport-security.ts'

export type { CspDirectives, CspSources } from './secure-headers/content-security-policy.ts'
export type { FeatureAllowlist, PermissionsPolicy } from './secure-headers/permissions-policy.ts'
export type { TransportSecurity } from './secure-headers/transport-security.ts'

/** Options of {@link secureHeaders}; `false` turns a header off. */
export interface SecureHeadersOptions {
  /**
   * Directives that replace or add to the default ones (`false` drops one), or a whole policy as text. Default:
   * everything from the own origin, images also from `data:`, no plug-ins, no inline scripts or styles, frames and forms of the
   * own origin only. The source `'nonce'` stands for the nonce of the answer.
   */
  readonly contentSecurityPolicy?: CspDirectives | string | false
  /** Whether the policy is only reported, not enforced. Default: false. */
  readonly reportOnly?: boolean
  /**
   * Whether each answer has a nonce: `c.cspNonce`, for `<script nonce>` and `<style nonce>`. It goes where the policy says
   * `'nonce'`, by default into script-src and style-src. Default: false.
   */
  readonly nonce?: boolean
  /** Sent over https only (RFC 6797 section 7.2). Default: one year, with subdomains. */
  readonly strictTransportSecurity?: TransportSecurity | false
  /** Default: `nosniff`. */
  readonly contentTypeOptions?: 'nosniff' | false
  /** Default: `strict-origin-when-cross-origin`; `no-referrer` would make forms of the own origin send `Origin: null`. */
  readonly referrerPolicy?: ReferrerPolicyValue | false
  /** Default: `SAMEORIGIN`; for browsers without frame-ancestors. */
  readonly frameOptions?: 'DENY' | 'SAMEORIGIN' | false
  /** Default: `same-origin`. */
  readonly openerPolicy?:
    | 'same-origin'
    | 'same-origin-allow-popups'
    | 'noopener-allow-popups'
    | 'unsafe-none'
    | false
  /** Default: `same-origin`: pages of other origins cannot embed what this app serves. */
  readonly resourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin' | false
  /** Default: off; `require-corp` isolates pages, and breaks those that embed other origins. */
  readonly embedderPolicy?: 'require-corp' | 'credentialless' | 'unsafe-none' | false
  /** Whether the browser may give the origin a process of its own. Default: true. */
  readonly originAgentCluster?: boolean
  /** Features for nobody, everybody or some. Default: camera, display-capture, geolocation, microphone, payment and usb for nobody. */
  readonly permissionsPolicy?: PermissionsPolicy | false
}

/** Values of the Referrer-Policy header (Referrer Policy, section 3). */
export type ReferrerPolicyValue =
  | 'no-referrer'
  | 'no-referrer-when-downgrade'
  | 'origin'
  | 'origin-when-cross-origin'
  | 'same-origin'
  | 'strict-origin'
  | 'strict-origin-when-cross-origin'
  | 'unsafe-url'

const KNOWN = [
  'contentSecurityPolicy',
  'reportOnly',
  'nonce',
  'strictTransportSecurity',
  'contentTypeOptions',
  'referrerPolicy',
  'frameOptions',
  'openerPolicy',
  'resourcePolicy',
  'embedderPolicy',
  'originAgentCluster',
  'permissionsPolicy',
] as const

const REFERRER_POLICIES: readonly ReferrerPolicyValue[] = [
  'no-referrer',
  'no-referrer-when-downgrade',
  'origin',
  'origin-when-cross-origin',
  'same-origin',
  'strict-origin',
  'strict-origin-when-cross-origin',
  'unsafe-url',
]

/** Headers with one word for a value: option, header, default and what it may be. */
const WORDS = [
  ['contentTypeOptions', 'x-content-type-options', 'nosniff', ['nosniff']],
  ['referrerPolicy', 'referrer-policy', 'strict-origin-when-cross-origin', REFERRER_POLICIES],
  ['frameOptions', 'x-frame-options', 'SAMEORIGIN', ['DENY', 'SAMEORIGIN']],
  [
    'openerPolicy',
    'cross-origin-opener-policy',
    'same-origin',
    ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups', 'unsafe-none'],
  ],
  [
    'resourcePolicy',
    'cross-origin-resource-policy',
    'same-origin',
    ['same-origin', 'same-site', 'cross-origin'],
  ],
  [
    'embedderPolicy',
    'cross-origin-embedder-policy',
    undefined,
    ['require-corp', 'credentialless', 'unsafe-none'],
  ],
] as const

/** A {@link secureHeaders} that adds the nonce to the context. */
export function secureHeaders(
  options: SecureHeadersOptions & { readonly nonce: true },
): HttpMiddleware<{ readonly cspNonce: string }>
/**
 * Sets headers that make browsers strict: CSP, HSTS and their like.
 *
 * They are on every answer, errors included; a handler that sets one of them itself wins. The defaults suit an app that serves
 * its own pages. HSTS is sent when `c.scheme` is `https`.
 *
 * @throws `SECURE_HEADERS_OPTIONS_INVALID` when constructed with wrong options, such as a source without its quotes.
 * @example
 * app
 *   .use(secureHeaders({ nonce: true, contentSecurityPolicy: { 'img-src': ["'self'", 'https://images.example.com'] } }))
 *   .get('/', (c) => c.html(html`<script nonce="${c.cspNonce}">start()</script>`))
 */
export function secureHeaders(options?: SecureHeadersOptions): HttpMiddleware
export function secureHeaders(options?: SecureHeadersOptions): HttpMiddleware {
  const read = new OptionReader('secureHeaders', 'SECURE_HEADERS_OPTIONS_INVALID', options, KNOWN)
  const hasNonce = read.boolean('nonce', false)
  const isReportOnly = read.boolean('reportOnly', false)
  const policyName = isReportOnly ? 'content-security-policy-report-only' : 'content-security-policy'
  const policy = compilePolicy(read, hasNonce)
  const transport = compileTransportSecurity(read)
  const fixed = fixedHeaders(read)
  if (policy !== undefined && !hasNonce) fixed.push([policyName, policy.pieces.join('')])

  const middleware = defineMiddleware(['http'], (c: HttpContext, next: Next<Reply>) => {
    for (const [name, value] of fixed) c.setHeader(name, value)
    if (transport !== undefined && c.scheme === 'https') c.setHeader('strict-transport-security', transport)
    return hasNonce ? withNonce(c, next, policyName, policy as CompiledPolicy) : next()
  })
  return middleware
}

function withNonce(
  c: HttpContext,
  next: Next<Reply>,
  policyName: string,
  policy: CompiledPolicy,
): Promise<Reply> {
  const cspNonce = createNonce()
  c.setHeader(policyName, policyWithNonce(policy, cspNonce))
  return next({ cspNonce })
}

function fixedHeaders(read: OptionReader): [name: string, value: string][] {
  const headers: [string, string][] = []
  for (const [option, header, fallback, allowed] of WORDS) {
    const given = read.raw(option)
    if (given === false || (given === undefined && fallback === undefined)) continue
    headers.push([header, read.oneOf<string>(option, fallback ?? '', allowed)])
  }
  if (read.boolean('originAgentCluster', true)) headers.push(['origin-agent-cluster', '?1'])
  const permissions = compilePermissions(read)
  if (permissions !== undefined) headers.push(['permissions-policy', permissions])
  return headers
}

/** 128 random bits (CSP level 3, section 7.1), in base64. */
function createNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
}

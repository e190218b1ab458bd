import { show, type OptionReader } from '../options/option-reader.ts'

/** Sources of one directive; `true` for a directive without any, `false` leaves the directive out. */
export type CspSources = string | readonly string[] | boolean

/** Directives of a policy (CSP level 3, section 6), by their names in the specification. */
export type CspDirectives = Readonly<Record<string, CspSources>>

/** A policy as text, cut where the nonce of each answer goes. */
export interface CompiledPolicy {
  /** The text when there is no nonce in it, else its pieces. */
  readonly pieces: readonly string[]
}

/** What is used unless an app says otherwise: everything from the own origin, no plug-ins, no inline code. */
export const DEFAULT_DIRECTIVES: CspDirectives = {
  'default-src': "'self'",
  'base-uri': "'self'",
  'form-action': "'self'",
  'frame-ancestors': "'self'",
  'img-src': ["'self'", 'data:'],
  'object-src': "'none'",
  'script-src': "'self'",
  'script-src-attr': "'none'",
  'style-src': "'self'",
}

const OPTION = 'contentSecurityPolicy'
/** Stands for the nonce of the answer; not a source of the specification. */
const NONCE_SOURCE = "'nonce'"

const DIRECTIVES = new Set(
  (
    'base-uri child-src connect-src default-src fenced-frame-src font-src form-action frame-ancestors frame-src img-src ' +
    'manifest-src media-src object-src report-to report-uri require-trusted-types-for sandbox script-src script-src-attr ' +
    'script-src-elem style-src style-src-attr style-src-elem trusted-types upgrade-insecure-requests worker-src'
  ).split(' '),
)
const TAKES_PLAIN_NAMES = new Set(['report-to', 'report-uri', 'sandbox', 'trusted-types'])
const WITHOUT_SOURCES = new Set(['sandbox', 'trusted-types', 'upgrade-insecure-requests'])
// CSP level 3, section 2.3.1: a source has neither white space nor `;` nor `,`.
const SOURCE = /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/
const POLICY = /^[\x20-\x2b\x2d-\x7e]+$/
const UNQUOTED =
  /^(?:self|none|nonce(?:-.+)?|unsafe-[a-z-]+|wasm-unsafe-eval|strict-dynamic|report-sample|script|sha(?:256|384|512)-.+)$/

/** Makes the policy text of the option, with a nonce if asked; undefined when it is turned off. */
export function compilePolicy(read: OptionReader, hasNonce: boolean): CompiledPolicy | undefined {
  const option = read.raw(OPTION)
  if (option === false) {
    if (hasNonce) read.refuse('nonce', 'a policy to put it into', `${OPTION} is false`)
    return undefined
  }
  const text = typeof option === 'string' ? checkedText(read, option) : fromDirectives(read, option, hasNonce)
  const pieces = text.split(NONCE_SOURCE)
  if (pieces.length > 1 && !hasNonce)
    read.refuse(OPTION, "nonce: true where 'nonce' is among the sources", 'it is not')
  if (pieces.length === 1 && hasNonce)
    read.refuse(OPTION, "the source 'nonce' where the nonce goes", 'it is missing')
  return { pieces }
}

/** The policy with the nonce of one answer in it. */
export function policyWithNonce(policy: CompiledPolicy, nonce: string): string {
  return policy.pieces.join(`'nonce-${nonce}'`)
}

function checkedText(read: OptionReader, text: string): string {
  if (!POLICY.test(text)) read.refuse(OPTION, 'a policy in printable ASCII without commas')
  return text
}

function fromDirectives(read: OptionReader, option: unknown, hasNonce: boolean): string {
  if (option !== undefined && (typeof option !== 'object' || option === null || Array.isArray(option))) {
    read.refuse(OPTION, 'directives, a policy as text, or false')
  }
  const directives = new Map<string, readonly string[]>()
  for (const [name, sources] of Object.entries({ ...DEFAULT_DIRECTIVES, ...option })) {
    if (!DIRECTIVES.has(name)) {
      read.refuse(
        OPTION,
        'directives of CSP level 3 such as img-src',
        `${show(name)} is none; give other ones as text`,
      )
    }
    const list = sourcesOf(read, name, sources)
    if (list !== undefined) directives.set(name, list)
  }
  if (hasNonce && ![...directives.values()].some((sources) => sources.includes(NONCE_SOURCE))) {
    addNonce(directives, 'script-src')
    addNonce(directives, 'style-src')
  }
  return [...directives].map(([name, sources]) => [name, ...sources].join(' ')).join('; ')
}

function sourcesOf(read: OptionReader, name: string, sources: unknown): readonly string[] | undefined {
  if (sources === false || sources === undefined) return undefined
  if (sources === true) {
    if (!WITHOUT_SOURCES.has(name)) read.refuse(OPTION, `sources for ${name}`, 'got true')
    return []
  }
  if (typeof sources !== 'string' && !Array.isArray(sources)) {
    read.refuse(OPTION, `a string or list of sources for ${name}`, `got ${show(sources)}`)
  }
  const list: readonly unknown[] = typeof sources === 'string' ? sources.split(' ') : sources
  for (const source of list) checkSource(read, name, source, list.length)
  if (list.length === 0)
    read.refuse(OPTION, `at least one source for ${name}`, "the list is empty; say 'none'")
  return list as readonly string[]
}

function checkSource(read: OptionReader, name: string, source: unknown, count: number): void {
  if (typeof source !== 'string' || !SOURCE.test(source)) {
    read.refuse(
      OPTION,
      `sources of ${name} in printable ASCII without spaces, ; and ,`,
      `one is ${show(source)}`,
    )
  }
  if (!TAKES_PLAIN_NAMES.has(name) && UNQUOTED.test(source)) {
    read.refuse(
      OPTION,
      `the source '${source}' of ${name} in single quotes`,
      'it has none, so it would be a host',
    )
  }
  if (source === "'none'" && count > 1) read.refuse(OPTION, `'none' alone in ${name}`, 'it is among others')
}

function addNonce(directives: Map<string, readonly string[]>, name: string): void {
  const current = directives.get(name) ?? directives.get('default-src') ?? []
  const others = current.filter((source) => source !== "'none'")
  directives.set(name, [...others, NONCE_SOURCE])
}

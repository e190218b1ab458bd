import { GoWebError } from '../errors/goweb-error.ts'
import { FlatTree } from './flat-tree.ts'
import { allowedMethods, WEBSOCKET } from './leaf.ts'
import { canonicalPath, ENCODED_SLASH, isPlainPath, pathProblem } from './path.ts'
import { checkUnused } from './param-syntax.ts'
import { patternError } from './pattern-error.ts'
import {
  isPlainPattern,
  MAX_PARAMS,
  parsePattern,
  patternKey,
  toggleTrailingSlash,
  type PathPattern,
  type PatternToken,
} from './pattern.ts'
import { RouteCondition } from './route-condition.ts'
import { RouteEntry } from './route-entry.ts'
import type { RouteMiss, RouteResult } from './route-result.ts'
import type { RequestFacts, Route, RouteDefinition } from './route.ts'
import { insertRoute } from './tree-insert.ts'
import { TreeNode } from './tree-node.ts'
import { TreeWalk } from './tree-walk.ts'
import { buildUrl, type UrlOptions, type UrlParamValue } from './url.ts'

/** Options of {@link Router}. */
export interface RouterOptions {
  /**
   * What a trailing slash means: `strict`, another path; `redirect`, another path, but a lookup that would
   * succeed with a slash more or less says so; `ignore`, nothing. Default `strict`.
   */
  readonly trailingSlash?: 'strict' | 'redirect' | 'ignore' | undefined
}

const NOT_FOUND: RouteMiss<never> = Object.freeze({ kind: 'not-found' })
const METHOD = /^(?:\*|[A-Z][A-Z0-9!#$%&'*+.^_`|~-]*)$/

/**
 * Finds the route for a request: by method and path, and where asked for by host, scheme, header and query.
 *
 * Patterns are compared from left to right; at the first place where two differ, static text beats a parameter
 * with a regular expression, which beats a plain parameter, which beats the rest of a path, whatever the order of
 * registration. Where the better one fails further on, or has no route for the method, the next one is tried.
 *
 * The time of a lookup does not depend on the number of routes; no pattern and no path can make it worse than the
 * number of places at which patterns branch times the length of the path.
 */
export class Router<T> {
  readonly #trailingSlash: 'strict' | 'redirect' | 'ignore'
  readonly #root: TreeNode<T> = new TreeNode('')
  readonly #entries: RouteEntry<T>[] = []
  readonly #entryByKey = new Map<string, RouteEntry<T>>()
  readonly #entryByName = new Map<string, RouteEntry<T>>()
  /** Whether static text contains what a raw path contains encoded only, so that no path can be walked as it is. */
  #needsCanonical = false
  /** Null when routes were added after the last lookup. */
  #walk: TreeWalk<T> | null = null

  /** Throws `ROUTE_INVALID` for an unknown policy. */
  constructor(options: RouterOptions = {}) {
    const { trailingSlash = 'strict' } = options
    if (!['strict', 'redirect', 'ignore'].includes(trailingSlash)) {
      throw new GoWebError(
        'ROUTE_INVALID',
        `trailingSlash must be "strict", "redirect" or "ignore", not ${JSON.stringify(trailingSlash)}`,
      )
    }
    this.#trailingSlash = trailingSlash
  }

  /**
   * Adds a route.
   *
   * Throws `PATTERN_INVALID`, `ROUTE_INVALID`, `ROUTE_CONFLICT` or `ROUTE_NAME_TAKEN`, and then leaves the router as it was.
   */
  add(definition: RouteDefinition<T>): Route<T> {
    const { method, name } = definition
    if (typeof method !== 'string' || !METHOD.test(method)) {
      throw new GoWebError(
        'ROUTE_INVALID',
        `The method must be an upper-case token or "*", not ${JSON.stringify(method)}`,
      )
    }
    if (name !== undefined && (typeof name !== 'string' || name === '')) {
      throw new GoWebError(
        'ROUTE_INVALID',
        `The name of a route must be a string that is not empty, not ${JSON.stringify(name)}`,
      )
    }
    const pattern = parsePattern(definition.pattern)
    const condition = compileCondition(definition, pattern)
    const entry = new RouteEntry(definition, pattern, condition)
    const shapes = this.#shapes(pattern)
    const keys = shapes.map((tokens) => JSON.stringify([method, patternKey(tokens), condition?.key]))
    for (const key of keys) {
      const rival = this.#entryByKey.get(key)
      if (rival === undefined) continue
      throw new GoWebError(
        'ROUTE_CONFLICT',
        `${describeRoute(entry.route)} matches the same requests as ${describeRoute(rival.route)}: change or remove one`,
      )
    }
    const namesake = name === undefined ? undefined : this.#entryByName.get(name)
    if (namesake !== undefined) {
      throw new GoWebError(
        'ROUTE_NAME_TAKEN',
        `${describeRoute(entry.route)} has the name of ${describeRoute(namesake.route)}: choose another`,
      )
    }
    this.#entries.push(entry)
    if (name !== undefined) this.#entryByName.set(name, entry)
    for (const key of keys) this.#entryByKey.set(key, entry)
    for (const tokens of shapes) insertRoute(this.#root, tokens, entry)
    this.#walk = null
    if (!isPlainPattern(pattern)) this.#needsCanonical = true
    return entry.route
  }

  /**
   * Finds the route for a request.
   *
   * HEAD falls back to GET's route. Every method but `WEBSOCKET` falls back to that of `*`.
   *
   * @param path As received, percent-encoded, without query.
   */
  find(method: string, path: string, facts: RequestFacts): RouteResult<T> {
    const walk = this.#walk ?? this.#prepareWalk()
    const entry = walk.find(method, path, facts)
    if (walk.isSuspect || this.#needsCanonical) return this.#findCanonical(walk, method, path, facts)
    if (entry !== null) return entry.toMatch(path, walk.bounds, facts)
    if (!isPlainPath(path, walk.reached)) return this.#findCanonical(walk, method, path, facts)
    if (!walk.isBlocked && this.#trailingSlash !== 'redirect') return NOT_FOUND
    return this.#miss(walk, method, path, path, facts)
  }

  /**
   * Builds the URL of a named route.
   *
   * The result leads back to the same params, unless a more specific route matches it. Throws `ROUTE_NAME_UNKNOWN`
   * or `ROUTE_PARAM_INVALID`.
   */
  url(name: string, params: Readonly<Record<string, UrlParamValue>> = {}, options: UrlOptions = {}): string {
    const entry = this.#entryByName.get(name)
    if (entry === undefined)
      throw new GoWebError('ROUTE_NAME_UNKNOWN', `There is no route named ${JSON.stringify(name)}`)
    return buildUrl(entry, params, options)
  }

  /** The routes in the order in which they were added. */
  *routes(): IterableIterator<Route<T>> {
    for (const { route } of this.#entries) yield route
  }

  #prepareWalk(): TreeWalk<T> {
    this.#walk = new TreeWalk(new FlatTree(this.#root))
    return this.#walk
  }

  #findCanonical(walk: TreeWalk<T>, method: string, path: string, facts: RequestFacts): RouteResult<T> {
    if (path === '*' && method === 'OPTIONS') return this.#wholeServer()
    const text = canonicalPath(path)
    if (text === null) return { kind: 'path-invalid', reason: pathProblem(path) }
    const entry = walk.find(method, text, facts)
    return entry === null
      ? this.#miss(walk, method, path, text, facts)
      : this.#toMatch(entry, walk, text, facts)
  }

  #toMatch(entry: RouteEntry<T>, walk: TreeWalk<T>, text: string, facts: RequestFacts): RouteResult<T> {
    const path = text.includes(ENCODED_SLASH) ? text.replaceAll(ENCODED_SLASH, '/') : text
    return entry.toMatch(path, walk.bounds, facts)
  }

  #miss(walk: TreeWalk<T>, method: string, raw: string, text: string, facts: RequestFacts): RouteMiss<T> {
    if (walk.isBlocked) {
      const candidates = walk.collect(text, facts).flatMap((leaf) => leaf.candidates(facts))
      if (candidates.length > 0) {
        return {
          kind: 'method-not-allowed',
          allow: allowedMethods(candidates.map(({ route }) => route.method)),
          candidates: candidates.map(({ route }) => route),
          hasWebSocket: candidates.some(({ route }) => route.method === WEBSOCKET),
        }
      }
    }
    return (
      (this.#trailingSlash === 'redirect' ? this.#redirect(walk, method, raw, text, facts) : null) ??
      NOT_FOUND
    )
  }

  /** Finds a route for the path with a slash more or less at its end. */
  #redirect(
    walk: TreeWalk<T>,
    method: string,
    raw: string,
    text: string,
    facts: RequestFacts,
  ): RouteMiss<T> | null {
    if (text === '/') return null
    const hasSlash = text.endsWith('/')
    const location = hasSlash ? raw.slice(0, -1) : `${raw}/`
    // A location with two slashes at the start would lead to another host.
    if (location.startsWith('//') || !location.isWellFormed()) return null
    const entry = walk.find(method, hasSlash ? text.slice(0, -1) : `${text}/`, facts)
    if (entry === null) return null
    return { kind: 'redirect', location: location.replace(/[^\x21-\x7E]+/g, encodeURIComponent) }
  }

  /** The answer to `OPTIONS *` (RFC 9110 section 9.3.7): what the server as a whole can do. */
  #wholeServer(): RouteMiss<T> {
    return {
      kind: 'method-not-allowed',
      allow: allowedMethods(this.#entries.map(({ route }) => route.method)),
      candidates: [],
      hasWebSocket: this.#entries.some(({ route }) => route.method === WEBSOCKET),
    }
  }

  /** The forms of a pattern's path that the policy for trailing slashes makes equal. */
  #shapes({ tokens }: PathPattern): (readonly PatternToken[])[] {
    const other = this.#trailingSlash === 'ignore' ? toggleTrailingSlash(tokens) : null
    return other === null ? [tokens] : [tokens, other]
  }
}

function compileCondition<T>({ match }: RouteDefinition<T>, pattern: PathPattern): RouteCondition | null {
  if (match === undefined) return null
  const condition = new RouteCondition(match)
  if (condition.host !== null) {
    const { source, paramNames } = condition.host
    for (const name of pattern.paramNames)
      checkUnused(paramNames, name, pattern.source, pattern.source.indexOf(`{${name}`))
    if (paramNames.length + pattern.paramNames.length > MAX_PARAMS) {
      throw patternError(source, 0, `host and path have more than ${MAX_PARAMS} parameters`)
    }
  }
  return condition.count === 0 ? null : condition
}

function describeRoute<T>({ method, pattern, match }: Route<T>): string {
  const host = match?.host === undefined ? '' : ` on ${match.host}`
  return `${method} ${pattern}${host}`
}

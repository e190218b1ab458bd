import type { RequestFacts, RouteMatchers } from '../../src/router/route.ts'

/** A piece of a segment: static text, decoded, or a parameter. */
export type PartSpec = { readonly text: string } | { readonly param: string; readonly regexp: string | null }

/** A route as data, before it is written as a pattern. */
export interface RouteSpec {
  readonly method: string
  readonly segments: readonly (readonly PartSpec[])[]
  readonly hasRest: boolean
  readonly match: RouteMatchers | undefined
}

/** What a lookup must say. */
export type OracleAnswer =
  | { readonly kind: 'match'; readonly route: RouteSpec; readonly params: Record<string, string> }
  | {
      readonly kind: 'method-not-allowed'
      readonly allow: string[]
      readonly candidates: readonly RouteSpec[]
    }
  | { readonly kind: 'redirect'; readonly location: string }
  | { readonly kind: 'not-found' | 'path-invalid' }

type Policy = 'strict' | 'redirect' | 'ignore'

/** A route in one of the forms that the policy gives it. */
interface Form {
  readonly route: RouteSpec
  readonly index: number
  /** Static characters, the rest of a segment from its first parameter on, and what comes at the end, in order. */
  readonly items: readonly Item[]
  readonly read: (segments: readonly string[]) => Record<string, string> | null
}

type Item = string | readonly PartSpec[] | { readonly end: 'end' | 'rest' | 'missing rest' }

/**
 * A router that looks at every route, one after the other, and sorts those that fit.
 *
 * Written from the documentation of the rules, without anything from the router itself.
 */
export class OracleRouter {
  readonly #policy: Policy
  readonly #forms: Form[] = []
  readonly #shapes = new Set<string>()
  readonly #routes: RouteSpec[] = []

  constructor(policy: Policy) {
    this.#policy = policy
  }

  /** Adds a route; false where it conflicts with another. */
  add(route: RouteSpec): boolean {
    const forms = formsOf(route, this.#routes.length, this.#policy)
    const shapes = forms.map(({ items }) =>
      JSON.stringify([route.method, items.map(withoutName), route.match ?? {}]),
    )
    if (shapes.some((shape) => this.#shapes.has(shape))) return false
    for (const shape of shapes) this.#shapes.add(shape)
    this.#forms.push(...forms)
    this.#routes.push(route)
    return true
  }

  find(method: string, path: string, facts: RequestFacts): OracleAnswer {
    const segments = decodePath(path)
    if (segments === null) return { kind: 'path-invalid' }
    const direct = this.#search(method, segments, facts)
    if (direct.kind !== 'not-found' || this.#policy !== 'redirect' || path === '/') return direct
    const location = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
    if (location.startsWith('//')) return direct
    const other = this.#search(method, decodePath(location)!, facts)
    return other.kind === 'match' ? { kind: 'redirect', location } : direct
  }

  #search(method: string, segments: readonly string[], facts: RequestFacts): OracleAnswer {
    const fitting = this.#forms
      .filter((form) => form.read(segments) !== null && holds(form.route.match, facts))
      .toSorted((a, b) => this.#compare(a, b))
    const acceptable =
      method === 'WEBSOCKET' ? [method] : method === 'HEAD' ? ['HEAD', 'GET', '*'] : [method, '*']
    for (const { items } of fitting) {
      const samePattern = fitting.filter((form) => this.#shape(form.items) === this.#shape(items))
      for (const wanted of acceptable) {
        const form = samePattern.find(({ route }) => route.method === wanted)
        if (form === undefined) continue
        return { kind: 'match', route: form.route, params: form.read(segments)! }
      }
    }
    if (fitting.length === 0) return { kind: 'not-found' }
    const candidates = fitting.map(({ route }) => route)
    return { kind: 'method-not-allowed', allow: allowed(candidates.map((route) => route.method)), candidates }
  }

  #shape(items: readonly Item[]): string {
    return JSON.stringify(items.map(withoutName))
  }

  /** The first place where two patterns differ decides; then the number of matchers; then who came first. */
  #compare(a: Form, b: Form): number {
    for (let i = 0; i < Math.min(a.items.length, b.items.length); i++) {
      if (this.#shape(a.items.slice(0, i + 1)) === this.#shape(b.items.slice(0, i + 1))) continue
      const byItem = compareItems(a.items[i]!, b.items[i]!)
      return byItem === 0
        ? this.#firstWith(a.items.slice(0, i + 1)) - this.#firstWith(b.items.slice(0, i + 1))
        : byItem
    }
    return countMatchers(b.route.match) - countMatchers(a.route.match) || a.index - b.index
  }

  #firstWith(start: readonly Item[]): number {
    const shape = this.#shape(start)
    return this.#forms.findIndex(({ items }) => this.#shape(items.slice(0, start.length)) === shape)
  }
}

/** Whether a route's static text makes a dot segment, for which it must be refused. */
export function hasDotSegment(route: RouteSpec): boolean {
  return route.segments.some((parts) =>
    parts
      .map((part) => ('text' in part ? part.text : 'x'))
      .join('')
      .split(/[/\\]/)
      .some((piece) => piece === '.' || piece === '..'),
  )
}

function decodePath(path: string): string[] | null {
  if (!path.startsWith('/') || /[\0- \\?#\x7F]/.test(path)) return null
  try {
    const segments = path.slice(1).split('/').map(decodeURIComponent)
    const isBad = (piece: string): boolean => piece === '.' || piece === '..'
    if (segments.some((segment) => segment.includes('\0') || segment.split(/[/\\]/).some(isBad))) return null
    return segments
  } catch {
    return null
  }
}

function formsOf(route: RouteSpec, index: number, policy: Policy): Form[] {
  const { segments, hasRest } = route
  const base = segments.flatMap((parts): Item[] => ['/', ...segmentItems(parts)])
  const own: Form = hasRest
    ? { route, index, items: [...base, '/', { end: 'rest' }], read: (path) => readAll(segments, path, true) }
    : { route, index, items: [...base, { end: 'end' }], read: (path) => readAll(segments, path, false) }
  if (policy !== 'ignore') return [own]
  if (hasRest) {
    if (segments.length === 0) return [own]
    const read = (path: readonly string[]): Record<string, string> | null => {
      const params = readAll(segments, path, false)
      return params === null ? null : { ...params, rest: '' }
    }
    return [own, { route, index, items: [...base, { end: 'missing rest' }], read }]
  }
  if (segments.length === 1 && segments[0]!.length === 0) return [own]
  const other = segments.at(-1)!.length === 0 ? segments.slice(0, -1) : [...segments, []]
  const items = other.flatMap((parts): Item[] => ['/', ...segmentItems(parts)])
  return [
    own,
    { route, index, items: [...items, { end: 'end' }], read: (path) => readAll(other, path, false) },
  ]
}

function segmentItems(parts: readonly PartSpec[]): Item[] {
  const first = parts.findIndex((part) => 'param' in part)
  const text = (first === -1 ? parts : parts.slice(0, first))
    .map((part) => ('text' in part ? part.text : ''))
    .join('')
  // A slash within a segment is an encoded one, hence another character than the separator.
  const characters = Array.from(text, (character) => (character === '/' ? '%2F' : character))
  return first === -1 ? characters : [...characters, parts.slice(first)]
}

function withoutName(item: Item): unknown {
  if (!Array.isArray(item)) return item
  return (item as readonly PartSpec[]).map((part) => ('param' in part ? { regexp: part.regexp } : part))
}

function compareItems(a: Item, b: Item): number {
  const rank = (item: Item): number => {
    if (typeof item === 'string') return 0
    if ('end' in item) return { end: 1, rest: 3, 'missing rest': 4 }[item.end]
    return 2
  }
  if (!Array.isArray(a) || !Array.isArray(b)) return rank(a) - rank(b)
  const [left, right] = [a, b].map((parts: readonly PartSpec[]) =>
    parts.flatMap((part, i) => {
      if ('text' in part) return []
      const next = parts[i + 1]
      return [
        {
          isPlain: part.regexp === null,
          suffix: next !== undefined && 'text' in next ? next.text.length : 0,
        },
      ]
    }),
  )
  for (let i = 0; i < Math.min(left!.length, right!.length); i++) {
    if (left![i]!.isPlain !== right![i]!.isPlain) return left![i]!.isPlain ? 1 : -1
    if (left![i]!.suffix !== right![i]!.suffix) return right![i]!.suffix - left![i]!.suffix
  }
  return right!.length - left!.length
}

function readAll(
  segments: readonly (readonly PartSpec[])[],
  path: readonly string[],
  hasRest: boolean,
): Record<string, string> | null {
  if (hasRest ? path.length <= segments.length : path.length !== segments.length) return null
  const params: Record<string, string> = {}
  for (const [i, parts] of segments.entries()) {
    const values = readSegment(parts, path[i]!)
    if (values === null) return null
    Object.assign(params, values)
  }
  if (hasRest) params['rest'] = path.slice(segments.length).join('/')
  return params
}

/** Tries the longest value first. */
function readSegment(parts: readonly PartSpec[], text: string): Record<string, string> | null {
  const [part, ...others] = parts
  if (part === undefined) return text === '' ? {} : null
  if ('text' in part)
    return text.startsWith(part.text) ? readSegment(others, text.slice(part.text.length)) : null
  const regexp = part.regexp === null ? /^/ : new RegExp(`^(?:${part.regexp})$`, 'u')
  const characters = Array.from(text)
  for (let length = characters.length; length > 0; length--) {
    const value = characters.slice(0, length).join('')
    const values = regexp.test(value) ? readSegment(others, text.slice(value.length)) : null
    if (values !== null) return { [part.param]: value, ...values }
  }
  return null
}

/** Knows exact hosts, and headers by value. */
function holds(match: RouteMatchers = {}, facts: RequestFacts): boolean {
  if (match.host !== undefined && match.host !== facts.host) return false
  return Object.entries(match.headers ?? {}).every(([name, value]) => facts.header(name) === value)
}

function countMatchers(match: RouteMatchers = {}): number {
  return (match.host === undefined ? 0 : 1) + Object.keys(match.headers ?? {}).length
}

function allowed(methods: readonly string[]): string[] {
  const all = ['OPTIONS', ...methods.filter((method) => method !== 'WEBSOCKET' && method !== '*')]
  if (methods.includes('GET')) all.push('HEAD')
  if (methods.includes('*')) all.push('DELETE', 'GET', 'HEAD', 'PATCH', 'POST', 'PUT')
  return [...new Set(all)].toSorted()
}

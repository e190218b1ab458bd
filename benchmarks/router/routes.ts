/** What a lookup must find; null for nothing. */
export type Expected = { readonly value: number; readonly params: Readonly<Record<string, string>> } | null

/** Rows of the table. */
export type Kind = 'static' | 'one param' | 'two params' | 'wildcard' | '404'

export interface TestRoute {
  readonly kind: Kind
  readonly pattern: string
  /** The same pattern as find-my-way writes it. */
  readonly peerPattern: string
  readonly value: number
  /** Path up to the first value. */
  readonly base: string
}

export interface TestRequest {
  readonly path: string
  readonly expected: Expected
}

export const KINDS: readonly Kind[] = ['static', 'one param', 'two params', 'wildcard', '404']

const NOUNS = [
  'users',
  'orders',
  'products',
  'invoices',
  'teams',
  'projects',
  'files',
  'events',
  'messages',
  'reports',
]
const ROUTE_KINDS: readonly Kind[] = ['static', 'one param', 'two params', 'wildcard']

/** Routes of all kinds in turn, as a large API would have them. */
export function makeRoutes(count: number): TestRoute[] {
  return Array.from({ length: count }, (_, i): TestRoute => {
    const kind = ROUTE_KINDS[i % ROUTE_KINDS.length]!
    const noun = `${NOUNS[i % NOUNS.length]!}-${i}`
    switch (kind) {
      case 'static':
        return makeRoute(kind, i + 1, `/api/${noun}/summary`, '')
      case 'one param':
        return makeRoute(kind, i + 1, `/api/${noun}/`, '{id}')
      case 'two params':
        return makeRoute(kind, i + 1, `/api/${noun}/`, '{id}/comments/{comment}')
      default:
        return makeRoute(kind, i + 1, `/assets/${noun}/`, '{path...}')
    }
  })
}

function makeRoute(kind: Kind, value: number, base: string, end: string): TestRoute {
  const peerEnd = end.replace('{path...}', '*').replaceAll(/\{(\w+)\}/g, ':$1')
  return { kind, pattern: base + end, peerPattern: base + peerEnd, value, base }
}

/** Requests that hit routes of one kind at random, or none. */
export function makeRequests(routes: readonly TestRoute[], kind: Kind, count: number): TestRequest[] {
  const random = makeRandom(routes.length)
  const targets = kind === '404' ? routes : routes.filter((route) => route.kind === kind)
  return Array.from({ length: count }, (_, i) => {
    const { base, value } = targets[random() % targets.length]!
    const id = String(random() % 100_000)
    const comment = String(random() % 1_000)
    switch (kind) {
      case 'static':
        return request(base, { value, params: {} })
      case 'one param':
        return request(base + id, { value, params: { id } })
      case 'two params':
        return request(`${base}${id}/comments/${comment}`, { value, params: { id, comment } })
      case 'wildcard':
        return request(`${base}js/app.${id}.js`, { value, params: { path: `js/app.${id}.js` } })
      case '404':
        // Unknown from the start or only after the longest known beginning.
        return request(i % 2 === 0 ? `/unknown/${id}` : `/api/${NOUNS[i % 10]!}-${id}x/${comment}`, null)
    }
  })
}

/** A path as a server gets it: a flat string of its own, not yet hashed. */
function request(path: string, expected: Expected): TestRequest {
  return { path: Buffer.from(path, 'latin1').toString('latin1'), expected }
}

/** The same numbers every time (a linear congruential generator). */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 8
  }
}

import type { RouteEntry } from './route-entry.ts'
import type { RequestFacts } from './route.ts'

/** Methods that a route for any method answers (RFC 9110 section 9.1 and RFC 5789). */
const ANY_METHOD = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

/** The pseudo-method of WebSocket handshakes. */
export const WEBSOCKET = 'WEBSOCKET'

/** The routes of one pattern. */
export class Leaf<T> {
  readonly #entriesByMethod: [string, RouteEntry<T>[]][] = []
  /** The first method, if its only route is unconditional, and that route: nearly all leaves have just this. */
  #soleMethod = ''
  #soleEntry: RouteEntry<T> | null = null

  /** Adds a route behind those with as many matchers and before those with fewer. */
  add(entry: RouteEntry<T>): void {
    const { method } = entry.route
    let entries = this.#entriesByMethod.find(([known]) => known === method)?.[1]
    if (entries === undefined) this.#entriesByMethod.push([method, (entries = [])])
    const count = entry.condition?.count ?? 0
    const position = entries.findIndex(({ condition }) => (condition?.count ?? 0) < count)
    entries.splice(position === -1 ? entries.length : position, 0, entry)
    const [firstMethod, firstEntries] = this.#entriesByMethod[0]!
    const isSole = firstEntries.length === 1 && firstEntries[0]!.condition === null
    this.#soleMethod = isSole ? firstMethod : ''
    this.#soleEntry = isSole ? firstEntries[0]! : null
  }

  /**
   * The route for a method: its own, else that of GET for HEAD, else that of any method.
   *
   * Asks for facts only when a route is conditional.
   */
  find(method: string, facts: RequestFacts): RouteEntry<T> | null {
    if (method === this.#soleMethod) return this.#soleEntry
    const entry = this.#findExactly(method, facts)
    if (entry !== null || method === WEBSOCKET) return entry
    return (method === 'HEAD' ? this.#findExactly('GET', facts) : null) ?? this.#findExactly('*', facts)
  }

  /** All routes whose conditions hold. */
  candidates(facts: RequestFacts): RouteEntry<T>[] {
    return this.#entriesByMethod.flatMap(([, entries]) => entries.filter((entry) => holds(entry, facts)))
  }

  #findExactly(method: string, facts: RequestFacts): RouteEntry<T> | null {
    for (const [known, entries] of this.#entriesByMethod) {
      if (known === method) return entries.find((entry) => holds(entry, facts)) ?? null
    }
    return null
  }
}

function holds<T>(entry: RouteEntry<T>, facts: RequestFacts): boolean {
  return entry.condition === null || entry.condition.test(facts)
}

/** The methods for an `Allow` header, sorted. */
export function allowedMethods(routeMethods: Iterable<string>): string[] {
  const allowed = new Set(['OPTIONS'])
  for (const method of routeMethods) {
    if (method === '*') for (const any of ANY_METHOD) allowed.add(any)
    else if (method !== WEBSOCKET) allowed.add(method)
    if (method === 'GET') allowed.add('HEAD')
  }
  return [...allowed].toSorted()
}

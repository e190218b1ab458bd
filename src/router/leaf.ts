import type { RouteEntry } from './route-entry.ts'
import type { RequestFacts } from './route.ts'

/** Methods that a route for any method answers (RFC 9110 section 9.1 and RFC 5789). */
const ANY_METHOD = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT']

/** The pseudo-method of WebSocket handshakes. */
export const WEBSOCKET = 'WEBSOCKET'

/** The routes of one pattern. */
export class Leaf<T> {
  /** Those with more matchers first, then in order of registration. */
  readonly #entries: RouteEntry<T>[] = []
  /** Whether facts may be asked for. */
  isConditional = false

  /** The only route, if there is just one and that is unconditional. */
  get soleEntry(): RouteEntry<T> | null {
    return this.#entries.length === 1 && !this.isConditional ? this.#entries[0]! : null
  }

  add(entry: RouteEntry<T>): void {
    const count = countMatchers(entry)
    const position = this.#entries.findIndex((other) => countMatchers(other) < count)
    this.isConditional ||= entry.condition !== null
    this.#entries.splice(position === -1 ? this.#entries.length : position, 0, entry)
  }

  /**
   * The route for a method: its own, else that of GET for HEAD, else that of any method.
   *
   * Asks for facts only when a route of the method is conditional.
   */
  find(method: string, facts: RequestFacts): RouteEntry<T> | null {
    const entry = this.#findExactly(method, facts)
    if (entry !== null || method === WEBSOCKET) return entry
    return (method === 'HEAD' ? this.#findExactly('GET', facts) : null) ?? this.#findExactly('*', facts)
  }

  /** All routes whose conditions hold. */
  candidates(facts: RequestFacts): RouteEntry<T>[] {
    return this.#entries.filter((entry) => holds(entry, facts))
  }

  #findExactly(method: string, facts: RequestFacts): RouteEntry<T> | null {
    const entries = this.#entries
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      if (entry.method === method && holds(entry, facts)) return entry
    }
    return null
  }
}

function countMatchers<T>({ condition }: RouteEntry<T>): number {
  return condition === null ? 0 : condition.count
}

function holds<T>({ condition }: RouteEntry<T>, facts: RequestFacts): boolean {
  return condition === null || condition.test(facts)
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

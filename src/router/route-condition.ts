import { GoWebError } from '../errors/goweb-error.ts'
import { HostPattern, normalizeHost } from './host-pattern.ts'
import type { RequestFacts, RouteMatchers } from './route.ts'

type ValueTest = string | RegExp | true

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const KNOWN = new Set(['host', 'scheme', 'headers', 'query'])

/** The matchers of a route, checked and ready to be tested. */
export class RouteCondition {
  /** How many matchers there are: routes with more are tried first. */
  readonly count: number
  /** Equal for conditions that hold for the same requests. */
  readonly key: string
  readonly host: HostPattern | null
  readonly scheme: string | null
  readonly #headers: readonly (readonly [string, ValueTest])[]
  readonly #query: readonly (readonly [string, ValueTest])[]

  /** Throws `ROUTE_INVALID` or, for the host, `PATTERN_INVALID`. */
  constructor(matchers: RouteMatchers) {
    for (const name of Object.keys(matchers)) {
      if (!KNOWN.has(name))
        throw invalid(`knows host, scheme, headers and query, not ${JSON.stringify(name)}`)
    }
    const { host, scheme } = matchers
    if (host !== undefined && typeof host !== 'string') throw invalid('takes a string as host')
    if (scheme !== undefined && scheme !== 'http' && scheme !== 'https') {
      throw invalid(`takes "http" or "https" as scheme, not ${JSON.stringify(scheme)}`)
    }
    this.host = host === undefined ? null : new HostPattern(host)
    this.scheme = scheme ?? null
    this.#headers = valueTests('headers', matchers.headers).map(([name, test]) => [name.toLowerCase(), test])
    this.#query = valueTests('query', matchers.query)
    for (const [name] of this.#headers) {
      if (!HEADER_NAME.test(name)) throw invalid(`cannot test a header named ${JSON.stringify(name)}`)
    }
    const parts = [this.host, this.scheme, ...this.#headers, ...this.#query]
    this.count = parts.filter((part) => part !== null).length
    this.key = JSON.stringify([this.host?.key, this.scheme, testKeys(this.#headers), testKeys(this.#query)])
  }

  test(facts: RequestFacts): boolean {
    if (this.scheme !== null && this.scheme !== facts.scheme) return false
    if (this.host !== null && this.host.match(normalizeHost(facts.host)) === null) return false
    return (
      this.#headers.every(([name, test]) => passes(facts.header(name), test)) &&
      this.#query.every(([name, test]) => passes(facts.query(name), test))
    )
  }

  /** Values of the params in the host pattern, for a request that passes the test. */
  hostValues(facts: RequestFacts): readonly string[] {
    return this.host?.match(normalizeHost(facts.host)) ?? []
  }
}

function passes(value: string | undefined, test: ValueTest): boolean {
  if (value === undefined) return false
  if (typeof test === 'string') return value === test
  return test === true || test.test(value)
}

function valueTests(kind: string, tests: Readonly<Record<string, unknown>> = {}): [string, ValueTest][] {
  if (typeof tests !== 'object' || tests === null) throw invalid(`takes an object as ${kind}`)
  return Object.entries(tests).map(([name, test]) => {
    // With the flags g and y a regular expression would remember where it stopped.
    if (test instanceof RegExp) return [name, new RegExp(test.source, test.flags.replace(/[gy]/g, ''))]
    if (typeof test === 'string' || test === true) return [name, test]
    throw invalid(`takes a string, a regular expression or true for ${JSON.stringify(name)} in ${kind}`)
  })
}

function testKeys(tests: readonly (readonly [string, ValueTest])[]): string[] {
  return tests
    .map(([name, test]) => JSON.stringify([name, test instanceof RegExp ? [String(test)] : test]))
    .toSorted()
}

function invalid(problem: string): GoWebError {
  return new GoWebError('ROUTE_INVALID', `The matcher of a route ${problem}`)
}

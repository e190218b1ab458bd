import { Router, type RouterOptions } from '../../../src/router/router.ts'
import type { RequestFacts, RouteDefinition } from '../../../src/router/route.ts'

/** A request that no condition holds for. */
export const PLAIN_FACTS: RequestFacts = {
  host: 'localhost:8080',
  scheme: 'http',
  header: () => undefined,
  query: () => undefined,
}

/** Facts of a request, with only what a test is about. */
export function makeFacts(facts: {
  readonly host?: string
  readonly scheme?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
}): RequestFacts {
  return {
    host: facts.host ?? 'localhost',
    scheme: facts.scheme ?? 'http',
    header: (name) => facts.headers?.[name],
    query: (name) => facts.query?.[name],
  }
}

/** A router of GET routes, or of others written as `POST /path`; the value of a route is how it is written here. */
export function makeRouter(routes: readonly string[], options: RouterOptions = {}): Router<string> {
  const router = new Router<string>(options)
  for (const route of routes) router.add(parseRoute(route))
  return router
}

export function parseRoute(route: string): RouteDefinition<string> {
  const space = route.startsWith('/') ? -1 : route.indexOf(' ')
  return {
    method: space === -1 ? 'GET' : route.slice(0, space),
    pattern: route.slice(space + 1),
    value: route,
  }
}

/** What a lookup says, in one line: `/users/{id} {"id":"1"}`, `not-found`, `redirect /a/`, `405 GET, HEAD, OPTIONS`. */
export function answer(router: Router<string>, request: string, facts: RequestFacts = PLAIN_FACTS): string {
  const space = request.startsWith('/') ? -1 : request.indexOf(' ')
  const method = space === -1 ? 'GET' : request.slice(0, space)
  const result = router.find(method, request.slice(space + 1), facts)
  switch (result.kind) {
    case 'match': {
      const params = JSON.stringify(result.params)
      return params === '{}' ? result.route.value : `${result.route.value} ${params}`
    }
    case 'method-not-allowed':
      return `405 ${result.allow.join(', ')}`
    case 'redirect':
      return `redirect ${result.location}`
    case 'path-invalid':
      return '400'
    case 'not-found':
      return '404'
  }
}

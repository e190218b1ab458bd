import type { IncomingRequest } from '../http/incoming-request.ts'
import type { RequestFacts } from '../router/route.ts'

/** What route matchers may ask of a request; the query is parsed when one does. */
export class RequestFactsOf implements RequestFacts {
  readonly #request: IncomingRequest
  #query: URLSearchParams | undefined

  constructor(request: IncomingRequest) {
    this.#request = request
  }

  get host(): string {
    return this.#request.host
  }

  get scheme(): string {
    return this.#request.scheme
  }

  header(name: string): string | undefined {
    return this.#request.header(name)
  }

  query(name: string): string | undefined {
    return (this.#query ??= new URLSearchParams(`?${this.#request.search}`)).get(name) ?? undefined
  }
}

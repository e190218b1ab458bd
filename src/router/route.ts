/** What else than method and path a request must have for a route to match. */
export interface RouteMatchers {
  /**
   * Host pattern such as `api.example.com` or `{tenant}.example.com`; its params join those of the path.
   * Compared without regard to case, without the port.
   */
  readonly host?: string | undefined
  readonly scheme?: 'http' | 'https' | undefined
  /** By header name: the exact value, a regular expression that finds something in it, or `true` for any. */
  readonly headers?: Readonly<Record<string, string | RegExp | true>> | undefined
  /** By query parameter: the exact first value, a regular expression, or `true` for any. */
  readonly query?: Readonly<Record<string, string | RegExp | true>> | undefined
}

/** A route to be added to a router. */
export interface RouteDefinition<T> {
  /** Upper-case method; `*` for any HTTP method; `WEBSOCKET` for WebSocket handshakes, which `*` leaves out. */
  readonly method: string
  /** Path pattern such as `/users/{id:[0-9]+}/files/{path...}`. */
  readonly pattern: string
  /** Unique name for building URLs. */
  readonly name?: string | undefined
  readonly match?: RouteMatchers | undefined
  /** Handed back with the match. */
  readonly value: T
}

/** A route of a router. */
export interface Route<T> {
  readonly method: string
  readonly pattern: string
  readonly name: string | undefined
  readonly match: RouteMatchers | undefined
  readonly value: T
  /** Names of the params: those of the host, then those of the path. */
  readonly paramNames: readonly string[]
}

/**
 * What a router may ask about a request besides method and path.
 *
 * Asked only when the method and path fit a route that has matchers.
 */
export interface RequestFacts {
  /** Host as sent, with or without port. */
  readonly host: string
  readonly scheme: string
  /** Value of a header, by its lower-case name. */
  header(name: string): string | undefined
  /** First value of a query parameter. */
  query(name: string): string | undefined
}

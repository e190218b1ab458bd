import type { Route } from './route.ts'

/** Params of a match: an object without inherited properties. */
export type RouteParams = Readonly<Record<string, string>>

/** A route that fits the request, with its params. */
export class RouteMatch<T> {
  readonly kind = 'match'
  readonly route: Route<T>
  readonly params: RouteParams

  constructor(route: Route<T>, params: RouteParams) {
    this.route = route
    this.params = params
  }
}

/** Why no route fits a request. */
export type RouteMiss<T> =
  | { readonly kind: 'not-found' }
  | {
      /** Routes fit the path, none of them the method. */
      readonly kind: 'method-not-allowed'
      /** Methods for the `Allow` header (RFC 9110 section 10.2.1), sorted; HTTP methods only, always with OPTIONS. */
      readonly allow: readonly string[]
      /** The routes that fit everything but the method, the most specific first. */
      readonly candidates: readonly Route<T>[]
      /** Whether a WebSocket route is among them. */
      readonly hasWebSocket: boolean
    }
  | {
      /** A route fits the path with a trailing slash more or less. */
      readonly kind: 'redirect'
      /** Path to redirect to, as sent but for the slash; never starts with `//`. */
      readonly location: string
    }
  | {
      /** The path is malformed: the request deserves status 400 (`PATH_INVALID`). */
      readonly kind: 'path-invalid'
      /** What is wrong with it, for a person. */
      readonly reason: string
    }

/** What a lookup found. */
export type RouteResult<T> = RouteMatch<T> | RouteMiss<T>

import type { BodyLimits } from '../http/body-reader.ts'
import type { IncomingRequest } from '../http/incoming-request.ts'
import { RequestContext } from '../http/request-context.ts'
import type { RouteMiss } from '../router/route-result.ts'

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(Object.create(null))

/** The context of a request that no route takes: it passes the chain of the app whose prefix it is under. */
export class MissContext extends RequestContext {
  readonly #miss: RouteMiss<unknown>

  constructor(request: IncomingRequest, limits: BodyLimits, miss: RouteMiss<unknown>) {
    super('http', request, NO_PARAMS, limits)
    this.#miss = miss
  }

  /** Why no route takes it; not a property, whose name a middleware may want. */
  static missOf(c: MissContext): RouteMiss<unknown> {
    return c.#miss
  }
}

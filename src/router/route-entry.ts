import type { PathPattern } from './pattern.ts'
import type { RouteCondition } from './route-condition.ts'
import { NO_PARAMS, paramsConstructor, type ParamsConstructor } from './route-params.ts'
import { RouteMatch } from './route-result.ts'
import type { RequestFacts, Route, RouteDefinition } from './route.ts'

/** Arity of routes whose params are not just one or two of the path. */
const OTHER = -1

/** A route together with what a lookup needs of it. */
export class RouteEntry<T> {
  // What every lookup reads comes first, to lie in one cache line.
  readonly method: string
  readonly route: Route<T>
  readonly #arity: number
  readonly #Params: ParamsConstructor
  readonly #match: RouteMatch<T>
  readonly pattern: PathPattern
  readonly condition: RouteCondition | null

  constructor(definition: RouteDefinition<T>, pattern: PathPattern, condition: RouteCondition | null) {
    const { method, name, match, value } = definition
    const hostNames = condition?.host?.paramNames ?? []
    const paramNames = Object.freeze([...hostNames, ...pattern.paramNames])
    this.method = method
    this.route = Object.freeze({ method, pattern: pattern.source, name, match, value, paramNames })
    this.#arity = hostNames.length > 0 || paramNames.length > 2 ? OTHER : paramNames.length
    this.#Params = paramsConstructor(paramNames)
    this.#match = Object.freeze(new RouteMatch(this.route, NO_PARAMS))
    this.pattern = pattern
    this.condition = condition
  }

  /**
   * The match of this route with a path that it fits.
   *
   * @param path In canonical form, except that encoded slashes are slashes.
   * @param bounds Start and end of each value in the path.
   */
  toMatch(path: string, bounds: readonly number[], facts: RequestFacts): RouteMatch<T> {
    const Params = this.#Params
    switch (this.#arity) {
      case 0:
        return this.#match
      case 1:
        return new RouteMatch(this.route, new Params(valueAt(path, bounds, 0)))
      case 2:
        return new RouteMatch(this.route, new Params(valueAt(path, bounds, 0), valueAt(path, bounds, 1)))
      default: {
        const hostValues = this.condition?.hostValues(facts) ?? []
        const values = this.pattern.paramNames.map((_, i) => valueAt(path, bounds, i))
        return new RouteMatch(this.route, new Params(...hostValues, ...values))
      }
    }
  }
}

function valueAt(path: string, bounds: readonly number[], index: number): string {
  return path.slice(bounds[2 * index], bounds[2 * index + 1])
}

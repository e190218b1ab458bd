import type { PathPattern } from './pattern.ts'
import type { RouteCondition } from './route-condition.ts'
import { NO_PARAMS, paramsConstructor, type ParamsConstructor } from './route-params.ts'
import { RouteMatch } from './route-result.ts'
import type { RequestFacts, Route, RouteDefinition } from './route.ts'

/** A route together with what a lookup needs of it. */
export class RouteEntry<T> {
  readonly route: Route<T>
  readonly method: string
  readonly pattern: PathPattern
  readonly condition: RouteCondition | null
  readonly #paramCount: number
  readonly #hostParamCount: number
  readonly #Params: ParamsConstructor
  readonly #match: RouteMatch<T> | null

  constructor(definition: RouteDefinition<T>, pattern: PathPattern, condition: RouteCondition | null) {
    const { method, name, match, value } = definition
    const hostNames = condition?.host?.paramNames ?? []
    const paramNames = Object.freeze([...hostNames, ...pattern.paramNames])
    this.route = Object.freeze({ method, pattern: pattern.source, name, match, value, paramNames })
    this.method = method
    this.pattern = pattern
    this.condition = condition
    this.#paramCount = paramNames.length
    this.#hostParamCount = hostNames.length
    this.#Params = paramsConstructor(paramNames)
    this.#match = paramNames.length === 0 ? Object.freeze(new RouteMatch(this.route, NO_PARAMS)) : null
  }

  /**
   * The match of this route with a path that it fits.
   *
   * @param path In canonical form, except that encoded slashes are slashes.
   * @param bounds Start and end of each value in the path.
   */
  toMatch(path: string, bounds: readonly number[], facts: RequestFacts): RouteMatch<T> {
    if (this.#match !== null) return this.#match
    const Params = this.#Params
    if (this.#hostParamCount === 0) {
      switch (this.#paramCount) {
        case 1:
          return new RouteMatch(this.route, new Params(valueAt(path, bounds, 0)))
        case 2:
          return new RouteMatch(this.route, new Params(valueAt(path, bounds, 0), valueAt(path, bounds, 1)))
      }
    }
    const values = [...(this.condition?.hostValues(facts) ?? [])]
    const pathParamCount = this.#paramCount - this.#hostParamCount
    for (let i = 0; i < pathParamCount; i++) values.push(valueAt(path, bounds, i))
    return new RouteMatch(this.route, new Params(...values))
  }
}

function valueAt(path: string, bounds: readonly number[], index: number): string {
  return path.slice(bounds[2 * index], bounds[2 * index + 1])
}

import type { RouteParams } from './route-result.ts'

/** Makes the params object of a match from its values, in the order of the names. */
export type ParamsConstructor = new (...values: string[]) => RouteParams

/** Params of a route that has none. */
export const NO_PARAMS: RouteParams = Object.freeze(Object.create(null) as Record<string, string>)

// `Object.create(null)` makes a hash table, which takes twice the time of an object with a constructor. So params
// have a prototype, but one from which nothing can be inherited.
const BARE_PROTOTYPE: object = Object.freeze(Object.create(null) as object)

const constructors = new Map<string, ParamsConstructor>()

/** The constructor for params of these names; the same one for the same names, so that they share a hidden class. */
export function paramsConstructor(names: readonly string[]): ParamsConstructor {
  const key = names.join(',')
  let constructor = constructors.get(key)
  if (constructor === undefined) {
    constructor = makeConstructor(names)
    constructor.prototype = BARE_PROTOTYPE
    constructors.set(key, constructor)
  }
  return constructor
}

type Fields = Record<string, string>

/** Fixed arities are faster than a loop; code made from strings (`new Function`) is not allowed everywhere. */
function makeConstructor(names: readonly string[]): ParamsConstructor {
  const [a, b, c] = names as [string, string, string]
  switch (names.length) {
    case 1:
      return function (this: Fields, first: string) {
        this[a] = first
      } as unknown as ParamsConstructor
    case 2:
      return function (this: Fields, first: string, second: string) {
        this[a] = first
        this[b] = second
      } as unknown as ParamsConstructor
    case 3:
      return function (this: Fields, first: string, second: string, third: string) {
        this[a] = first
        this[b] = second
        this[c] = third
      } as unknown as ParamsConstructor
    default:
      return function (this: Fields, ...values: string[]) {
        for (let i = 0; i < names.length; i++) this[names[i]!] = values[i]!
      } as unknown as ParamsConstructor
  }
}

import { isThenable } from '../../chain/compose.ts'

/** Goes on with a value, at once unless it is a promise: what is synchronous pays for no microtask. */
export function andThen<T, Result>(
  value: T | PromiseLike<T>,
  go: (value: T) => Result | PromiseLike<Result>,
): Result | Promise<Result> {
  return (isThenable(value) ? value.then(go) : go(value)) as Result | Promise<Result> // Thenables are awaited by all callers.
}

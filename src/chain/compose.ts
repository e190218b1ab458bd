import { GoWebError } from '../errors/goweb-error.ts'
import { extendContext } from './extend-context.ts'

/** A compiled chain: gives the result itself when nothing in it is asynchronous. */
export type Run<Context> = (c: Context) => unknown

/** A middleware as the chain calls it, its types erased. */
export type Step<Context> = (c: Context, next: (additions?: object) => Promise<unknown>) => unknown

/**
 * Compiles middlewares and a handler into one function, once, so that a request pays for no lookup.
 *
 * Without middlewares it is the handler itself. What a middleware returns passes `normalize`, so that outer ones get results of one
 * kind; what the handler returns must be of that kind already.
 */
export function compose<Context extends object>(
  steps: readonly Step<Context>[],
  handler: Run<Context>,
  normalize: (result: unknown) => unknown,
): Run<Context> {
  let run = handler
  for (const step of steps.toReversed()) run = link(step, run, normalize)
  return run
}

function link<Context extends object>(
  step: Step<Context>,
  rest: Run<Context>,
  normalize: (result: unknown) => unknown,
): Run<Context> {
  return (c) => {
    let inner: Promise<unknown> | undefined
    const next = (additions?: object): Promise<unknown> => {
      if (inner !== undefined) return Promise.reject(calledTwice(step))
      inner = proceed(c, rest, additions)
      // A middleware that answers without awaiting next() must not bring the process down when the rest fails.
      inner.catch(ignore)
      return inner
    }
    const result = step(c, next)
    if (isThenable(result)) return settle(result, () => inner, step, normalize)
    if (result !== undefined) return normalize(result)
    return inner ?? noResult(step)
  }
}

/** Starts the rest at once, as a plain call would, and makes what it throws a rejection. */
async function proceed<Context extends object>(
  c: Context,
  rest: Run<Context>,
  additions: object | undefined,
): Promise<unknown> {
  if (additions !== undefined) extendContext(c, additions)
  return rest(c)
}

async function settle<Context>(
  result: PromiseLike<unknown>,
  inner: () => Promise<unknown> | undefined,
  step: Step<Context>,
  normalize: (result: unknown) => unknown,
): Promise<unknown> {
  const own = await result
  if (own !== undefined) return normalize(own)
  return inner() ?? noResult(step)
}

/** Whether a value can be awaited; query builders are such values without being promises. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value instanceof Promise ||
    (typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function')
  )
}

function ignore(): void {}

function calledTwice<Context>(step: Step<Context>): GoWebError {
  return new GoWebError('NEXT_CALLED_TWICE', `Middleware ${nameOf(step)} called next() twice; call it once`)
}

function noResult<Context>(step: Step<Context>): never {
  throw new GoWebError(
    'MIDDLEWARE_NO_RESULT',
    `Middleware ${nameOf(step)} returned nothing and did not call next(); return a result or next()`,
  )
}

function nameOf<Context>(step: Step<Context>): string {
  return step.name === '' ? '(anonymous)' : step.name
}

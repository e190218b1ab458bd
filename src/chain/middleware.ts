import type { BaseContext, Kind } from './base-context.ts'

declare const ADDITIONS: unique symbol

/** Marks, for the compiler only, what a middleware added to the context. */
export interface Passed<Adds extends object> {
  readonly [ADDITIONS]: Adds
}

/**
 * Runs the rest of the chain and resolves with its result.
 *
 * What is given is added to the context first, and to its type for everything defined afterwards. Rejects with what
 * the rest of the chain throws. A second call rejects with `NEXT_CALLED_TWICE`.
 */
export interface Next<Result = unknown> {
  (): Promise<Result & Passed<{}>>
  <Adds extends object>(additions: Adds): Promise<Result & Passed<Adds>>
}

/**
 * A step of the one chain that requests, upgrades and channel commands pass.
 *
 * It runs exactly once for each. It ends the chain by returning a result of its own without calling `next`; when it
 * returns nothing, the result of `next` stands.
 */
export interface Middleware<Adds extends object = {}, Context = BaseContext, Result = unknown> {
  (c: Context, next: Next<Result>): Promise<Passed<Adds> | MiddlewareResult> | Passed<Adds> | MiddlewareResult
  /** Kinds it runs for; all when absent. */
  readonly kinds?: readonly Kind[]
}

/** What a middleware returns: the result of `next`, its own, or nothing. */
export type MiddlewareReturn<Adds extends object> =
  | Promise<Passed<Adds> | MiddlewareResult>
  | Passed<Adds>
  | MiddlewareResult

/** What a middleware may return besides what `next` gave it; the kind's own layer checks it. */
export type MiddlewareResult = (object & { readonly [ADDITIONS]?: never }) | string | null | void

/**
 * Names the kinds a middleware runs for.
 *
 * @example
 * const noStore = defineMiddleware(['http'], async (c: HttpContext, next: Next<Reply>) => {
 *   const reply = await next()
 *   reply.headers.set('cache-control', 'no-store')
 *   return reply
 * })
 */
export function defineMiddleware<
  const Kinds extends readonly Kind[],
  M extends (...args: never[]) => unknown,
>(kinds: Kinds, middleware: M): M & { readonly kinds: Kinds } {
  return Object.assign(middleware, { kinds })
}

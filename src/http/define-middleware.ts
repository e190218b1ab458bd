import { KINDS, type BaseContext, type Kind } from '../chain/base-context.ts'
import type { Middleware, MiddlewareReturn, Next } from '../chain/middleware.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { HttpContext } from './http-context.ts'
import type { Reply } from './reply.ts'

/**
 * Names the kinds that a middleware runs for, and types it by them.
 *
 * For `['http']` its context is that of requests and `next` gives the `Reply`; with `'upgrade'` it covers WebSocket handshakes,
 * whose result is no reply when they succeed.
 *
 * @throws `OPTION_INVALID` for kinds that do not exist.
 * @example
 * const noStore = defineMiddleware(['http'], async (c, next) => {
 *   const reply = await next()
 *   reply.headers.set('cache-control', 'no-store')
 *   return reply
 * })
 */
export function defineMiddleware<Adds extends object = {}, Context extends HttpContext = HttpContext>(
  kinds: readonly 'http'[],
  middleware: (c: Context, next: Next<Reply>) => MiddlewareReturn<Adds>,
): Middleware<Adds, NoInfer<Context>, Reply> & { readonly kinds: readonly 'http'[] }
export function defineMiddleware<
  const K extends 'http' | 'upgrade',
  Adds extends object = {},
  Context extends HttpContext = HttpContext,
>(
  kinds: readonly K[],
  middleware: (c: Context, next: Next) => MiddlewareReturn<Adds>,
): Middleware<Adds, NoInfer<Context>> & { readonly kinds: readonly K[] }
export function defineMiddleware<Adds extends object = {}, Context extends BaseContext = BaseContext>(
  kinds: readonly Kind[],
  middleware: (c: Context, next: Next) => MiddlewareReturn<Adds>,
): Middleware<Adds, NoInfer<Context>> & { readonly kinds: readonly Kind[] }
export function defineMiddleware(kinds: readonly Kind[], middleware: object): unknown {
  assertMiddleware(middleware, kinds)
  return Object.assign(middleware, { kinds })
}

/** @throws `OPTION_INVALID` for what is no middleware or has kinds that do not exist. */
export function assertMiddleware(middleware: unknown, kinds: readonly Kind[] | undefined): void {
  if (typeof middleware !== 'function') {
    throw new GoWebError(
      'OPTION_INVALID',
      `A middleware is a function (c, next), not ${middleware === null ? 'null' : typeof middleware}`,
    )
  }
  if (kinds === undefined) return
  if (Array.isArray(kinds) && kinds.length > 0 && kinds.every((kind) => KINDS.includes(kind as Kind))) return
  throw new GoWebError(
    'OPTION_INVALID',
    `The kinds of a middleware are some of ${KINDS.join(', ')}, not ${JSON.stringify(kinds)}`,
  )
}

import type { Middleware } from '../chain/middleware.ts'
import type { HttpContext } from './http-context.ts'
import type { Reply } from './reply.ts'

/**
 * A middleware that shapes HTTP answers: it runs for requests only, and `next` gives it the `Reply`.
 *
 * What it adds is in the context of routes, and not in that of WebSocket handshakes.
 */
export type HttpMiddleware<Adds extends object = {}> = Middleware<Adds, HttpContext, Reply> & {
  readonly kinds: readonly 'http'[]
}

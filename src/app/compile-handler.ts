import { isThenable, type Run } from '../chain/compose.ts'
import type { RequestContext } from '../http/request-context.ts'
import { toReply } from '../http/to-reply.ts'
import type { RouteOptions } from './route-types.ts'

/** Puts validation before a handler and the making of a reply after it; what a route does not use costs nothing. */
export function compileHandler(
  _options: RouteOptions,
  handler: (c: RequestContext) => unknown,
): Run<RequestContext> {
  return (c) => {
    const result = handler(c)
    return isThenable(result) ? result.then(toReply) : toReply(result)
  }
}

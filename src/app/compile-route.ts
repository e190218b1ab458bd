import { isThenable, type Run } from '../chain/compose.ts'
import { jsonReply } from '../http/json-reply.ts'
import { Reply } from '../http/reply.ts'
import { RequestContext } from '../http/request-context.ts'
import { toReply } from '../http/to-reply.ts'
import { validateRequest, validateResponse, type RouteSchemas } from '../http/validate.ts'
import type { StandardSchema } from '../internal/standard-schema.ts'
import type { RouteOptions } from './route-types.ts'

/** Puts validation before a handler and the making of a reply after it; what a route does not use costs nothing. */
export function compileHandler(options: RouteOptions, handler: (c: RequestContext) => unknown): Run<RequestContext> {
  const answer = options.response === undefined ? toReply : checkedReply(options.response)
  const run: Run<RequestContext> = (c) => {
    const result = handler(c)
    return isThenable(result) ? result.then(answer) : answer(result)
  }
  const limited = options.bodyLimitBytes === undefined ? run : withBodyLimit(options.bodyLimitBytes, run)
  const schemas = requestSchemas(options)
  return schemas === undefined ? limited : validated(schemas, limited, options.bodyLimitBytes)
}

function requestSchemas(options: RouteOptions): RouteSchemas | undefined {
  const { params, query, headers, body } = options
  if (params === undefined && query === undefined && headers === undefined && body === undefined) return undefined
  return {
    ...(params !== undefined && { params }),
    ...(query !== undefined && { query }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
  }
}

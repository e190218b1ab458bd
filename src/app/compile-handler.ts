import { isThenable, type Run } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { RequestContext } from '../http/request-context.ts'
import { toReply } from '../http/to-reply.ts'
import { validateRequest, type RouteSchemas, type ValidatedParts } from '../http/validate-request.ts'
import { validateResponse } from '../http/validate-response.ts'
import type { StandardSchema } from '../internal/standard-schema.ts'
import type { RouteOptions } from './route-types.ts'

/** Puts validation before a handler and the making of a reply after it; what a route does not use costs nothing. */
export function compileHandler(
  options: RouteOptions,
  handler: (c: RequestContext) => unknown,
): Run<RequestContext> {
  const answer = options.response === undefined ? toReply : checkedAnswer(options.response)
  const run: Run<RequestContext> = (c) => {
    RequestContext.forgetReplies(c)
    const result = handler(c)
    if (isThenable(result)) return result.then((late) => answer(late === undefined ? nothing(c) : late))
    return answer(result === undefined ? nothing(c) : result)
  }
  const schemas = requestSchemas(options)
  return schemas === undefined ? run : validated(schemas, run)
}

/** @throws `REPLY_UNSUPPORTED` where a forgotten `return` would answer with 204. */
function nothing(c: RequestContext): undefined {
  if (!RequestContext.hasMadeReply(c)) return undefined
  throw new GoWebError(
    'REPLY_UNSUPPORTED',
    'The handler made a reply, with c.json() or its like, and returned nothing; return the reply',
  )
}

function validated(schemas: RouteSchemas, run: Run<RequestContext>): Run<RequestContext> {
  return (c) => {
    const parts = validateRequest(schemas, c)
    if (!isThenable(parts)) return run(withParts(c, parts))
    return parts.then((settled) => run(withParts(c, settled)))
  }
}

function checkedAnswer(schema: StandardSchema): (result: unknown) => unknown {
  return (result) => {
    const output = validateResponse(schema, result)
    return isThenable(output) ? output.then(toReply) : toReply(output)
  }
}

/** Puts what the schemas gave where the handler looks for it; the readers of the context are behind it. */
function withParts(c: RequestContext, parts: ValidatedParts): RequestContext {
  for (const [name, value] of Object.entries(parts)) {
    Object.defineProperty(c, name, { value, enumerable: true, configurable: true, writable: true })
  }
  return c
}

function requestSchemas(options: RouteOptions): RouteSchemas | undefined {
  const { params, query, headers, body } = options
  const schemas = {
    ...(params !== undefined && { params }),
    ...(query !== undefined && { query }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
  }
  return Object.keys(schemas).length === 0 ? undefined : schemas
}

import { isThenable } from '../chain/compose.ts'
import { GoWebError, type InputIssue } from '../errors/goweb-error.ts'
import type { SchemaResult, StandardSchema } from '../internal/standard-schema.ts'
import type { BodyReader } from './body-reader.ts'
import { coerceFields } from './coerce-fields.ts'
import { toInputIssues } from './input-issues.ts'
import { isJsonType, parseMediaType } from './media-type.ts'
import { fieldsOf, parseQuery } from './parse-query.ts'

/** Schemas of the parts of a route; any Standard Schema. */
export interface RouteSchemas {
  readonly params?: StandardSchema
  readonly query?: StandardSchema
  readonly headers?: StandardSchema
  readonly body?: StandardSchema
  readonly response?: StandardSchema
}

/** The parts of a request that schemas are for; a `RequestContext` has them. */
export interface RequestParts {
  readonly params: Readonly<Record<string, string>>
  /** The query without its `?`. */
  readonly search: string
  readonly headers: Iterable<readonly [name: string, value: string]>
  header(name: string): string | undefined
  readonly body: BodyReader
}

/** The output of each schema that there was. */
export interface ValidatedParts {
  params?: unknown
  query?: unknown
  headers?: unknown
  body?: unknown
}

type Part = keyof ValidatedParts

/** Rounds of conversion: a value into a list, its items into numbers, and one to spare. */
const MAX_ROUNDS = 3

/**
 * Validates the parts of a request that have a schema, all of them, and tells everything that is wrong at once.
 *
 * Params, query, headers and forms are strings; where a schema wants numbers, booleans, dates or a list, clean values are
 * converted (see `coerceFields`). The body is read as JSON or as an urlencoded form, by its Content-Type; a request without a body
 * gives the schema `undefined`. Synchronous as long as there is no body and every schema is.
 *
 * @throws `VALIDATION_FAILED` (422 for all parts, so that clients have one case to handle) with JSON pointers;
 * `MEDIA_TYPE_UNSUPPORTED`, `JSON_INVALID` and whatever else reading the body or query may throw.
 */
export function validateRequest(
  schemas: RouteSchemas,
  request: RequestParts,
): ValidatedParts | Promise<ValidatedParts> {
  const outputs: ValidatedParts = {}
  const issues: InputIssue[] = []
  const pending: PromiseLike<void>[] = []
  const record = (part: Part, result: SchemaResult<unknown>): void => {
    if (result.issues === undefined) outputs[part] = result.value
    else issues.push(...toInputIssues(part, result.issues))
  }
  const run = (part: Part, schema: StandardSchema, fields: Readonly<Record<string, unknown>>): void => {
    const result = validateFields(schema, fields)
    if (isThenable(result)) pending.push(result.then((settled) => record(part, settled)))
    else record(part, result)
  }
  try {
    if (schemas.params !== undefined) run('params', schemas.params, request.params)
    if (schemas.query !== undefined) run('query', schemas.query, parseQuery(request.search))
    if (schemas.headers !== undefined) run('headers', schemas.headers, recordOf(request.headers))
    if (schemas.body !== undefined) {
      pending.push(validateBody(schemas.body, request).then((settled) => record('body', settled)))
    }
  } catch (error) {
    if (pending.length === 0) throw error
    // What is already under way must not reject unheard.
    pending.push(Promise.reject(error))
  }
  if (pending.length > 0) return Promise.all(pending).then(() => finish(outputs, issues))
  return finish(outputs, issues)
}

function finish(outputs: ValidatedParts, issues: readonly InputIssue[]): ValidatedParts {
  if (issues.length === 0) return outputs
  const what = issues.length === 1 ? 'One value' : `${issues.length} values`
  throw new GoWebError('VALIDATION_FAILED', `${what} of the request did not match the schema; see errors`, {
    issues,
  })
}

async function validateBody(schema: StandardSchema, request: RequestParts): Promise<SchemaResult<unknown>> {
  const { body } = request
  if ((await body.bytes()).byteLength === 0) return schema['~standard'].validate(undefined)
  const essence = parseMediaType(request.header('content-type') ?? '')?.essence
  if (essence !== undefined && isJsonType(essence)) return schema['~standard'].validate(await body.json())
  if (essence === 'application/x-www-form-urlencoded')
    return validateFields(schema, fieldsOf(await body.form()))
  throw new GoWebError(
    'MEDIA_TYPE_UNSUPPORTED',
    `The body must be sent as application/json or application/x-www-form-urlencoded, but came ${essence === undefined ? 'without a valid Content-Type' : `as ${essence}`}`,
    // RFC 9110 section 15.5.16: tells the client what it may send.
    { headers: { accept: 'application/json, application/x-www-form-urlencoded' } },
  )
}

function validateFields(
  schema: StandardSchema,
  fields: Readonly<Record<string, unknown>>,
  round = 0,
): SchemaResult<unknown> | Promise<SchemaResult<unknown>> {
  const retry = (result: SchemaResult<unknown>): SchemaResult<unknown> | Promise<SchemaResult<unknown>> => {
    if (result.issues === undefined || round === MAX_ROUNDS) return result
    const converted = coerceFields(fields, result.issues)
    return converted === undefined ? result : validateFields(schema, converted, round + 1)
  }
  const result = schema['~standard'].validate(fields)
  return isThenable(result) ? result.then(retry) : retry(result)
}

function recordOf(headers: RequestParts['headers']): Record<string, string> {
  const record = Object.create(null) as Record<string, string>
  for (const [name, value] of headers) record[name] = value
  return record
}

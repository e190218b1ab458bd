import { isThenable } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import type { SchemaResult, StandardSchema } from '../internal/standard-schema.ts'
import { issuePath, jsonPointer } from './input-issues.ts'
import { stringifyJson } from './json-reply.ts'
import { Reply } from './reply.ts'

/**
 * Checks what a handler returned against the response schema of its route; what goes out is the schema's output.
 *
 * Plain values and `c.json()` with a status of 200 to 299 are checked, as the values they are, before they become JSON; so a
 * schema that strips keys keeps secrets in. A `Response`, other replies and other statuses pass as they are. Synchronous when
 * the schema is.
 *
 * @returns what `toReply` takes.
 * @throws `RESPONSE_INVALID`, whose message is for the log.
 */
export function validateResponse(schema: StandardSchema, returned: unknown): unknown {
  if (returned instanceof Response) return returned
  if (returned instanceof Reply) {
    const isChecked = returned.value !== undefined && returned.status >= 200 && returned.status <= 299
    return isChecked ? validated(schema, returned.value, (output) => replaced(returned, output)) : returned
  }
  return validated(schema, returned, (output) => output)
}

function validated(schema: StandardSchema, value: unknown, use: (output: unknown) => unknown): unknown {
  const result = schema['~standard'].validate(value)
  return isThenable(result) ? result.then((settled) => use(outputOf(settled))) : use(outputOf(result))
}

/** A copy: the handler may keep the reply and return it again. */
function replaced(reply: Reply, output: unknown): Reply {
  const checked = new Reply(reply.status, stringifyJson(output), reply.type)
  checked.value = output
  checked.onSent = reply.onSent
  if (reply.hasHeaders) for (const [name, value] of reply.headers) checked.headers.append(name, value)
  return checked
}

function outputOf(result: SchemaResult<unknown>): unknown {
  if (result.issues === undefined) return result.value
  const found = result.issues
    .slice(0, 10)
    .map((issue) => `${jsonPointer(issuePath(issue)) || 'the whole'}: ${issue.message}`)
  throw new GoWebError(
    'RESPONSE_INVALID',
    `The handler answered what its response schema refuses (${found.join('; ')})`,
  )
}

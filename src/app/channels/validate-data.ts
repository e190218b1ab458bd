import { GoWebError } from '../../errors/goweb-error.ts'
import { toInputIssues } from '../../http/input-issues.ts'
import type { SchemaResult, StandardSchema } from '../../internal/standard-schema.ts'
import type { MaybePromise } from '../route-types.ts'
import { andThen } from './and-then.ts'

/**
 * Checks what a client sent with a command. Synchronous when the schema is.
 *
 * @param part `data` of a publish, `input` of a call.
 * @throws `VALIDATION_FAILED` with everything that is wrong.
 */
export function validateData(
  schema: StandardSchema,
  part: 'data' | 'input',
  value: unknown,
): MaybePromise<unknown> {
  return andThen(schema['~standard'].validate(value), (result) => outputOf(result, part))
}

function outputOf(result: SchemaResult<unknown>, part: string): unknown {
  if (result.issues === undefined) return result.value
  const issues = toInputIssues(part, result.issues)
  const what = issues.length === 1 ? 'One value' : `${issues.length} values`
  throw new GoWebError('VALIDATION_FAILED', `${what} did not match the schema; see issues`, { issues })
}

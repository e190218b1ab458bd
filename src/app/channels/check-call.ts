import { GoWebError } from '../../errors/goweb-error.ts'
import { isSchema } from '../is-schema.ts'
import type { CallEntry } from './call-entry.ts'
import type { CallOptions } from './call-definition.ts'

const KNOWN: readonly string[] = ['input', 'output', 'idempotent'] satisfies (keyof CallOptions)[]
const MAX_NAME_LENGTH = 255

/** Checks a call as it was given. @throws `OPTION_INVALID` naming the call and the option. */
export function checkCall(name: unknown, given: unknown, handler: unknown): CallEntry {
  const invalid = (problem: string): GoWebError =>
    new GoWebError('OPTION_INVALID', `call('${String(name)}'): ${problem}`)
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME_LENGTH) {
    throw invalid(`expected a name of 1 to ${MAX_NAME_LENGTH} characters`)
  }
  if (typeof given !== 'object' || given === null)
    throw invalid('expected options before the handler, {} for none')
  for (const option of Object.keys(given)) {
    if (!KNOWN.includes(option)) throw invalid(`there is no option ${option}, but ${KNOWN.join(', ')}`)
  }
  const options = given as CallOptions
  for (const part of ['input', 'output'] as const) {
    if (options[part] !== undefined && !isSchema(options[part])) {
      throw invalid(`${part} must be a Standard Schema, such as one of zod, valibot or arktype`)
    }
  }
  if (!['undefined', 'boolean'].includes(typeof options.idempotent))
    throw invalid('idempotent: expected true or false')
  if (typeof handler !== 'function') throw invalid('expected a handler as the last argument')
  return { kind: 'call', name, options, handler: handler as CallEntry['handler'] }
}

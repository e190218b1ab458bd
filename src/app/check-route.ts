import { GoWebError } from '../errors/goweb-error.ts'
import { isSchema } from './is-schema.ts'
import type { RouteOptions } from './route-types.ts'

const SCHEMAS = ['params', 'query', 'headers', 'body', 'response'] as const

const KNOWN: ReadonlySet<string> = new Set([
  ...SCHEMAS,
  'name',
  'match',
  'bodyLimitBytes',
] satisfies (keyof RouteOptions)[])

/**
 * Checks what a route is added with: a misspelt option would leave out a check without a word.
 *
 * @throws `OPTION_INVALID` naming the route and the option.
 */
export function checkRoute(route: string, options: unknown, handler: unknown): void {
  if (typeof handler !== 'function')
    throw invalid(route, `expected a handler as the last argument, got ${kindOf(handler)}`)
  if (typeof options !== 'object' || options === null) {
    throw invalid(route, `expected options before the handler, got ${kindOf(options)}`)
  }
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw invalid(route, `there is no option ${name}, but ${[...KNOWN].join(', ')}`)
  }
  for (const name of SCHEMAS) {
    const schema: unknown = (options as RouteOptions)[name]
    if (schema !== undefined && !isSchema(schema)) {
      throw invalid(route, `${name} must be a Standard Schema, such as one of zod, valibot or arktype`)
    }
  }
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}

function invalid(route: string, problem: string): GoWebError {
  return new GoWebError('OPTION_INVALID', `${route}: ${problem}`)
}

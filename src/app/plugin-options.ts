import type { Plugin } from '../chain/plugin.ts'
import { GoWebError } from '../errors/goweb-error.ts'

/**
 * Checks the options of a plugin by its schema.
 *
 * @throws `PLUGIN_OPTIONS_INVALID` naming the plugin and everything that is wrong.
 */
export function pluginOptions<AppIn, AppOut, Options, Input>(
  plugin: Plugin<AppIn, AppOut, Options, Input>,
  options: unknown,
): unknown {
  if (typeof plugin?.name !== 'string' || plugin.name === '') {
    throw new GoWebError('PLUGIN_OPTIONS_INVALID', 'A plugin needs a name; give it one')
  }
  if (typeof plugin.setup !== 'function') {
    throw new GoWebError(
      'PLUGIN_OPTIONS_INVALID',
      `Plugin ${plugin.name} needs a function setup(app, options)`,
    )
  }
  if (plugin.options === undefined) return options
  const result = plugin.options['~standard'].validate(options)
  if (result instanceof Promise) {
    throw new GoWebError(
      'PLUGIN_OPTIONS_INVALID',
      `Plugin ${plugin.name} has an asynchronous options schema; use a synchronous one`,
    )
  }
  if (result.issues === undefined) return result.value
  const wrong = result.issues.map((issue) => `${pathOf(issue.path)}${issue.message}`).join('; ')
  throw new GoWebError('PLUGIN_OPTIONS_INVALID', `Options of plugin ${plugin.name}: ${wrong}`)
}

function pathOf(path: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined): string {
  if (path === undefined || path.length === 0) return ''
  return `${path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')}: `
}

import type { StandardSchema } from '../internal/standard-schema.ts'

/**
 * A named bundle of routes, middleware and callbacks.
 *
 * An app takes it with `app.register(plugin, options)`.
 *
 * @typeParam AppIn what it is given: the app, typed by what the plugin needs.
 * @typeParam AppOut what it returns: the same app with the plugin's additions in its type.
 * @typeParam Options what `setup` gets.
 * @typeParam Input what `register` takes: what the schema completes may be left out.
 */
export interface Plugin<AppIn, AppOut, Options = undefined, Input = Options> {
  /** Registering a second plugin of this name in one app, above it or below it fails with `PLUGIN_REGISTERED_TWICE`. */
  readonly name: string
  /** Checks and completes the options; `PLUGIN_OPTIONS_INVALID` when they do not fit. Must be synchronous. */
  readonly options?: StandardSchema<Input, Options>
  /** Adds to the app. Callbacks for start and stop: `app.onStart`, `app.onStop`. */
  readonly setup: (app: AppIn, options: Options) => AppOut
}

/**
 * Types a plugin by its schema and by what its `setup` returns.
 *
 * @example
 * const accounts = definePlugin({
 *   name: 'accounts',
 *   options: z.object({ table: z.string().default('accounts') }),
 *   setup: (app: GoWeb, { table }) => app.use((c, next) => next({ accounts: new Accounts(table) })),
 * })
 * app.register(accounts, {}).get('/count', (c) => c.json(c.accounts.count()))
 */
export function definePlugin<AppIn, AppOut, Options = undefined, Input = Options>(
  plugin: Plugin<AppIn, AppOut, Options, Input>,
): Plugin<AppIn, AppOut, Options, Input> {
  return plugin
}

import type { StandardSchema } from '../internal/standard-schema.ts'

/**
 * A named bundle of routes, middleware and callbacks that an app takes with `app.register(plugin, options)`.
 *
 * @typeParam AppIn what it is given: the app, typed by what the plugin needs.
 * @typeParam AppOut what it returns: the same app with the plugin's additions in its type.
 */
export interface Plugin<AppIn, AppOut, Options> {
  /** Registering a second plugin of this name in one app or below it fails with `PLUGIN_REGISTERED_TWICE`. */
  readonly name: string
  /** Checks and completes the options; `PLUGIN_OPTIONS_INVALID` when they do not fit. Must be synchronous. */
  readonly options?: StandardSchema<unknown, Options>
  /** Adds to the app. Callbacks for start and stop: `app.onStart`, `app.onStop`. */
  readonly setup: (app: AppIn, options: Options) => AppOut
}

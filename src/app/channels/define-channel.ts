import type {
  AnyChannelDefinition,
  DefinitionFor,
  EventDefinitions,
  EventTypes,
} from './channel-definition.ts'
import type { ChannelType, DeliveryMode } from '../../protocol/app-contract.ts'

/** A channel that is defined apart from an app; `app.channel` takes it. */
export interface DefinedChannel<Type> {
  readonly pattern: string
  readonly definition: AnyChannelDefinition
  /** For the compiler only: what the app's type records. */
  readonly '~type'?: Type
}

/**
 * Defines a channel in a module of its own, for apps to take with `app.channel(channel)`.
 *
 * Its rules and handlers see no additions of middleware; for those define it on a `createScope<Needs>()`, and mount that.
 *
 * @example
 * export const news = defineChannel('news/{topic}', { delivery: 'replay', public: true, events: { headline: Headline } })
 * app.channel(news)
 */
export function defineChannel<
  const Pattern extends string,
  const D extends DeliveryMode,
  const Events extends EventDefinitions = {},
  Handlers extends { readonly [Name in keyof Events]?: unknown } = {},
>(
  pattern: Pattern,
  definition: DefinitionFor<Pattern, {}, D, Events, Handlers>,
): DefinedChannel<ChannelType<Pattern, D, EventTypes<Events, Handlers>>> {
  return { pattern, definition: definition as never } // Called with the contexts that its types name.
}

import type { SchemaInput, SchemaOutput, StandardSchema } from '../../internal/standard-schema.ts'
import type { Params } from '../../internal/pattern-types.ts'
import type { MaybePromise } from '../route-types.ts'
import type { DeliveryMode, EventType } from '../../protocol/app-contract.ts'
import type { PublishContext, SubscribeContext } from './command-context.ts'
import type { Duration } from './duration.ts'

/** An event of a channel: the schema of its data, and who may publish it. */
export type EventDefinition =
  | StandardSchema
  | {
      /** Any Standard Schema. */
      readonly schema: StandardSchema
      /** Clients may publish it as it is, without a handler in `on`. */
      readonly from: 'client'
    }

/** Events of a channel by name. */
export type EventDefinitions = Readonly<Record<string, EventDefinition>>

type SchemaOf<Event> = Event extends StandardSchema
  ? Event
  : Event extends { readonly schema: infer Schema }
    ? Schema
    : never

/** What a rule says of a connection that it lets in. */
export interface SubscribeGranted {
  /** For all to see, in presence and in publications. JSON. */
  readonly info?: unknown
  /** Only for the subscriber, with the answer. JSON. */
  readonly data?: unknown
  /** When the subscription ends unless it is renewed. Default: never. */
  readonly expiresAt?: Date
}

/** A rule: true lets in, false refuses, and so does throwing or `c.refuse()`. */
export type Rule<Context> = (c: Context) => MaybePromise<boolean>

/** What is kept of a channel. */
export interface ChannelHistorySettings<Context> {
  /** At most so many publications. */
  readonly size: number
  /** How long, such as `'24h'`. */
  readonly ttl: Duration
  /** Who may read it. Default: who passes the rule `subscribe`. */
  readonly allow?: Rule<Context>
}

/** Who is told of a channel's members. */
export interface PresenceSettings<Context> {
  /** Whether subscribers that ask for it are told who joins and leaves. Default: true. */
  readonly joinLeave?: boolean
  /** Who may ask who is there. Default: who passes the rule `subscribe`. */
  readonly allow?: Rule<Context>
}

/** What of a channel's events its `key` gets: name and data, as their schemas have it; any data in a channel without events. */
export type KeyArguments<Events> = keyof Events extends never
  ? [event: undefined, data: unknown]
  : {
      [Name in keyof Events & string]: [event: Name, data: SchemaOutput<SchemaOf<Events[Name]>>]
    }[keyof Events & string]

/** What only `latest` channels have. */
export type KeySettings<D extends DeliveryMode, Events> = D extends 'latest'
  ? {
      /**
       * What a publication is the newest value of: 1 to 255 bytes. Gets what subscribers get, after handlers.
       *
       * A key that is too long or empty is refused with `KEY_INVALID`.
       */
      readonly key: (...publication: KeyArguments<Events>) => string
      /** Most keys; more are refused with `CHANNEL_KEYS_EXCEEDED` until some are removed. Default: 1,000. At most: 1,000,000. */
      readonly maxKeys?: number
    }
  : { readonly key?: never; readonly maxKeys?: never }

/**
 * A channel: what it promises, what it keeps, its events, and who may do what.
 *
 * What no rule allows is refused, in every environment.
 */
export interface ChannelDefinition<
  Pattern extends string,
  State,
  D extends DeliveryMode,
  Events extends EventDefinitions,
  Handlers,
> {
  /** What subscribers may rely on. */
  readonly delivery: D
  /** What is kept; only with `replay`. Default there: 1,000 publications for 24 h. */
  readonly history?: ChannelHistorySettings<SubscribeContext<Params<Pattern>> & State>
  /** Whether it is known who is there. Default: false. */
  readonly presence?: boolean | PresenceSettings<SubscribeContext<Params<Pattern>> & State>
  /** Opens to everybody what no rule is given for: subscribing, and publishing on channels without events. */
  readonly public?: true
  /** Events by name. Without, the channel carries any JSON. */
  readonly events?: Events
  /** Who may subscribe. */
  readonly subscribe?: (
    c: SubscribeContext<Params<Pattern>> & State,
  ) => MaybePromise<boolean | SubscribeGranted>
  /** Who may publish, of those who are subscribed. Default: everyone for events with a handler or `from: 'client'`. */
  readonly publish?: Rule<PublishContext<Params<Pattern>> & State>
  /** How long a repeated publish is recognised. Default: `'2m'`. */
  readonly idempotencyWindow?: Duration
  /**
   * Takes the events that clients publish: what a handler returns goes to the subscribers, undefined lets the data pass as it is.
   *
   * `c.refuse()` refuses. Events without a handler and without `from: 'client'` are the server's to publish.
   */
  readonly on?: {
    readonly [Name in keyof Handlers]: (
      c: PublishContext<Params<Pattern>> & State,
      data: Name extends keyof Events ? SchemaOutput<SchemaOf<Events[Name]>> : never,
    ) => Handlers[Name]
  } & { readonly [Name in Exclude<keyof Handlers, keyof Events>]: never }
}

/** A channel definition as `app.channel` takes it: with what belongs to its delivery. */
export type DefinitionFor<
  Pattern extends string,
  State,
  D extends DeliveryMode,
  Events extends EventDefinitions,
  Handlers,
> = ChannelDefinition<Pattern, State, D, Events, Handlers> & KeySettings<NoInfer<D>, NoInfer<Events>>

/** A channel definition whose types are erased. */
export interface AnyChannelDefinition extends ChannelDefinition<
  string,
  object,
  DeliveryMode,
  EventDefinitions,
  {}
> {
  readonly key?: KeyOf
  readonly maxKeys?: number
}

/** The key of a publication; what it returns is checked. */
export type KeyOf = (event: string | undefined, data: unknown) => unknown

/** What the app's type records of a channel's events. */
export type EventTypes<Events, Handlers> = keyof Events extends never
  ? undefined
  : {
      readonly [Name in keyof Events]: EventType<
        // Never where only the server publishes.
        Name extends keyof Handlers
          ? SchemaInput<SchemaOf<Events[Name]>>
          : Events[Name] extends { readonly from: 'client' }
            ? SchemaInput<SchemaOf<Events[Name]>>
            : never,
        Name extends keyof Handlers
          ? Published<Awaited<Handlers[Name]>, SchemaOutput<SchemaOf<Events[Name]>>>
          : SchemaOutput<SchemaOf<Events[Name]>>
      >
    }

/** What a handler returns, with the data itself where it returns nothing. */
type Published<Returned, Data> = unknown extends Returned
  ? Data
  : Returned extends void | undefined
    ? Data
    : Returned

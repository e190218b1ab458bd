import type {
  ChannelAccess,
  ChannelPosition,
  ChannelPublishOptions,
  ChannelValues,
  Positioned,
  WholeName,
  WithPositionOptions,
} from '../../chain/channel-access.ts'
import type { UrlParams } from '../../internal/pattern-types.ts'
import type { ChannelType, EventType } from '../../protocol/app-contract.ts'

/** {@link ChannelAccess}, names, patterns, events and data typed by an app's channels. */
export interface AppChannels<Channels = {}> extends Omit<
  ChannelAccess,
  'publish' | 'remove' | 'values' | 'position' | 'withPosition'
> {
  /**
   * Publishes to a channel; resolves when it is stored, or handed over in `live` channels.
   *
   * The data is what subscribers get: it passes neither schema nor handler.
   */
  publish<const Name extends string>(
    channel: KnownName<Channels, Name>,
    ...message: PublishArguments<Channels, Name>
  ): Promise<ChannelPosition>
  /** As {@link ChannelAccess.position}; the name, or a pattern of the app with its values. */
  position<const Name extends string>(channel: PositionedName<Channels, Name>): Promise<ChannelPosition>
  position<const Pattern extends PositionedPattern<Channels>>(
    pattern: Pattern,
    params: Readonly<UrlParams<Pattern>>,
  ): Promise<ChannelPosition>
  /** As {@link ChannelAccess.withPosition}; the name, or a pattern of the app with its values. */
  withPosition<const Name extends string, Data>(
    channel: PositionedName<Channels, Name>,
    load: () => Data | Promise<Data>,
    options?: WithPositionOptions,
  ): Promise<Positioned<Data>>
  withPosition<const Pattern extends PositionedPattern<Channels>, Data>(
    pattern: Pattern,
    params: Readonly<UrlParams<Pattern>>,
    load: () => Data | Promise<Data>,
    options?: WithPositionOptions,
  ): Promise<Positioned<Data>>
  /** Takes a key of a `latest` channel away; see {@link ChannelAccess.remove}. */
  remove<const Name extends string>(
    channel: LatestName<Channels, Name>,
    key: string,
    options?: ChannelPublishOptions,
  ): Promise<ChannelPosition>
  /** The current values of a `latest` channel. */
  values<const Name extends string>(channel: LatestName<Channels, Name>): Promise<ChannelValues>
}

/** The names that a pattern matches, as far as a template type can say. */
export type ChannelNames<Pattern extends string> =
  Pattern extends `${infer Before}{${infer Body}}${infer After}`
    ? `${Before}${string}${ChannelNames<BehindVariable<Body, After>>}`
    : Pattern

/** As long as the text before a closing brace opens one, it is not the last. */
type BehindVariable<Body extends string, After extends string> = Body extends `${string}{${string}`
  ? After extends `${infer Next}}${infer Rest}`
    ? BehindVariable<Next, Rest>
    : ''
  : After

/** Channels whose pattern may match the name. */
type MatchingChannels<Channels, Name extends string> = {
  [K in keyof Channels & string]: Name extends ChannelNames<K> ? Channels[K] : never
}[keyof Channels & string]

/** The name; never where the app has channels and none of them can have it. */
type KnownName<Channels, Name extends string> = keyof Channels extends never
  ? Name
  : string extends Name
    ? Name
    : [MatchingChannels<Channels, Name>] extends [never]
      ? never
      : Name

/** Channels that keep something, and so have positions. */
type Kept = { readonly delivery: 'latest' | 'replay' }

/** The name; never a pattern without values, nor where none of the app's channels that have positions can have it. */
type PositionedName<Channels, Name extends string> = keyof Channels extends never
  ? WholeName<Name>
  : string extends Name
    ? Name
    : [Extract<MatchingChannels<Channels, Name>, Kept>] extends [never]
      ? never
      : WholeName<Name>

/** Patterns of channels that have positions. */
type PositionedPattern<Channels> = keyof Channels extends never
  ? string
  : { [K in keyof Channels & string]: Channels[K] extends Kept ? K : never }[keyof Channels & string]
/** The name; never where the app has channels and no `latest` one can have it. */
type LatestName<Channels, Name extends string> = keyof Channels extends never
  ? Name
  : string extends Name
    ? Name
    : [Extract<MatchingChannels<Channels, Name>, { readonly delivery: 'latest' }>] extends [never]
      ? never
      : Name

type AnyMessage =
  | [event: string | undefined, data: unknown, options?: ChannelPublishOptions]
  | [data: unknown]

type PublishArguments<Channels, Name extends string> = keyof Channels extends never
  ? AnyMessage
  : string extends Name
    ? AnyMessage
    : MessageOf<MatchingChannels<Channels, Name>>

type MessageOf<Channel> =
  Channel extends ChannelType<string, infer _D, infer Events>
    ? Events extends undefined
      ? [data: unknown] | [event: undefined, data: unknown, options: ChannelPublishOptions]
      : {
          [E in keyof Events]: Events[E] extends EventType<infer _I, infer Output>
            ? [event: E, data: Output, options?: ChannelPublishOptions]
            : never
        }[keyof Events]
    : never

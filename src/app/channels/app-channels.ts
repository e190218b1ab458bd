import type { ChannelAccess, ChannelPosition, ChannelPublishOptions } from '../../chain/channel-access.ts'
import type { ChannelType, EventType } from '../../protocol/app-contract.ts'

/** {@link ChannelAccess}, its `publish` typed by an app's channels. */
export interface AppChannels<Channels = {}> extends Omit<ChannelAccess, 'publish'> {
  /**
   * Publishes to a channel; resolves when it is stored, or handed over in `live` channels.
   *
   * The data is what subscribers get: it passes neither schema nor handler.
   */
  publish<const Name extends string>(
    channel: KnownName<Channels, Name>,
    ...message: PublishArguments<Channels, Name>
  ): Promise<ChannelPosition>
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

import type { ParamNames, UrlParams } from '../internal/pattern-types.ts'

/** A place in a channel: everything up to `offset` of the stream `epoch` is known. */
export interface ChannelPosition {
  readonly offset: number
  /** Changes when the stream starts anew. `''` in channels without history. */
  readonly epoch: string
}

/** Values for the variables of a channel's pattern. */
export type ChannelParams = Readonly<Record<string, string | number | bigint>>

/** A name that is whole: never a pattern whose variables have no values. */
export type WholeName<Name extends string> = string extends Name
  ? Name
  : [ParamNames<Name>] extends [never]
    ? Name
    : never

/** What was loaded, and a position of a channel from which on nothing is missing in it. */
export interface Positioned<Data> {
  readonly data: Data
  /** For `client.channel(…, { since: position })`. */
  readonly position: ChannelPosition
}

/** What {@link ChannelAccess.withPosition} takes besides. */
export interface WithPositionOptions {
  /** How often the data is loaded at most, while the channel moves. Default: 3. */
  readonly maxLoads?: number
}

/** Who published or is present: one connection of a user. */
export interface ChannelMember {
  /** Id of the connection. */
  readonly connection: string
  /** `''` for anonymous ones. */
  readonly user: string
  /** What `authenticate` said of the connection, for all to see. */
  readonly info: unknown
  /** What the channel's `subscribe` rule said of it, for all to see. */
  readonly channelInfo: unknown
}

/** A publication as the server reads it from a channel's history. */
export interface ChannelMessage {
  /** Undefined in channels without events. */
  readonly event: string | undefined
  readonly data: unknown
  readonly offset: number
  /** The publisher's idempotency key, where it gave one. */
  readonly id: string | undefined
  /** Undefined when the server published. */
  readonly from: ChannelMember | undefined
}

/** What {@link ChannelAccess.history} takes. */
export interface ChannelHistoryOptions {
  /** At most so many. Default, and at most: 1,000. */
  readonly limit?: number
  /** Only what came after it; before it with `reverse`. Default: from the oldest, or from the newest. */
  readonly since?: ChannelPosition
  /** Newest first. Default: false. */
  readonly reverse?: boolean
}

/** A part of a channel's history. */
export interface ChannelHistory {
  readonly messages: readonly ChannelMessage[]
  /** Where the channel is now. */
  readonly position: ChannelPosition
  /** Whether nothing that was asked for is gone, `limit` apart. */
  readonly complete: boolean
  /** Whether `limit` cut it off. */
  readonly hasMore: boolean
}

/** The current values of a `latest` channel. */
export interface ChannelValues {
  /** The newest publication of each key, in the order in which they came. */
  readonly values: ReadonlyMap<string, ChannelMessage>
  /** What the values are of: a client that subscribes `since` it misses nothing that comes after. */
  readonly position: ChannelPosition
}

/** What publishing from the server takes besides the data. */
export interface ChannelPublishOptions {
  /** Id of a connection that does not get it: `c.connection.id` of the sender. */
  readonly except?: string | undefined
  /** Idempotency key: a repeat within the channel's window is not published again. */
  readonly id?: string | undefined
}

/**
 * What the server does with channels, on every node; names are whole and as clients write them.
 *
 * Methods reject with `CHANNEL_UNKNOWN` for a name that no pattern matches and with `BROKER_UNAVAILABLE` when the broker is.
 */
export interface ChannelAccess {
  /**
   * Publishes to a channel; resolves when it is stored, or handed over in `live` channels.
   *
   * The data is what subscribers get: it passes neither schema nor handler. Rejects with `EVENT_UNKNOWN` for an event that the channel
   * does not have; in `latest` channels with `KEY_INVALID` and `CHANNEL_KEYS_EXCEEDED`.
   */
  publish(
    channel: string,
    event: string,
    data: unknown,
    options?: ChannelPublishOptions,
  ): Promise<ChannelPosition>
  /** Publishes to a channel without events. */
  publish(channel: string, data: unknown): Promise<ChannelPosition>
  /** Publishes to a channel without events, with options. */
  publish(
    channel: string,
    event: undefined,
    data: unknown,
    options: ChannelPublishOptions,
  ): Promise<ChannelPosition>
  /**
   * Takes a key of a `latest` channel away: subscribers are told, and who comes later does not get it.
   *
   * Resolves when that is stored. Rejects with `CHANNEL_WITHOUT_KEYS` for other channels, `KEY_INVALID`.
   */
  remove(channel: string, key: string, options?: ChannelPublishOptions): Promise<ChannelPosition>
  /** The current values of a `latest` channel. Rejects with `CHANNEL_WITHOUT_KEYS` for others. */
  values(channel: string): Promise<ChannelValues>
  /** What was published. Rejects with `CHANNEL_WITHOUT_HISTORY` where the channel keeps none. */
  history(channel: string, options?: ChannelHistoryOptions): Promise<ChannelHistory>
  /**
   * Where the channel is now: a client that subscribes `since` it misses nothing that comes after.
   *
   * Read it before the data that goes with it, or use {@link ChannelAccess.withPosition}. Rejects with `CHANNEL_WITHOUT_HISTORY` where the
   * channel keeps nothing (`live`), and with `CHANNEL_PARAM_INVALID`.
   */
  position<const Name extends string>(channel: WholeName<Name>): Promise<ChannelPosition>
  position<const Pattern extends string>(
    pattern: Pattern,
    params: Readonly<UrlParams<Pattern>>,
  ): Promise<ChannelPosition>
  /**
   * Loads data together with the channel's position: what a page shows first, and where its subscription begins.
   *
   * The position is read before the data, so that nothing falls between; data that was loaded while something was published is loaded
   * again, up to `maxLoads` times. Changes that are written before they are published, as handlers in `on` do, are in the data or come
   * after the position; some may be in both. Rejects as `position` does, with what `load` throws, and with `OPTION_INVALID`.
   *
   * @example
   * .get('/rooms/{room}', (c) => c.withPosition('rooms/{room}', c.params, () => loadMessages(c.params.room)))
   */
  withPosition<const Name extends string, Data>(
    channel: WholeName<Name>,
    load: () => Data | Promise<Data>,
    options?: WithPositionOptions,
  ): Promise<Positioned<Data>>
  withPosition<const Pattern extends string, Data>(
    pattern: Pattern,
    params: Readonly<UrlParams<Pattern>>,
    load: () => Data | Promise<Data>,
    options?: WithPositionOptions,
  ): Promise<Positioned<Data>>
  /** Forgets what was published; subscribers notice a gap, those of `latest` channels that all values are gone. */
  removeHistory(channel: string): Promise<void>
  /** Who is there; nobody where the channel has no presence. */
  presence(channel: string): Promise<readonly ChannelMember[]>
  /** Subscribes all connections that a user has now. */
  subscribe(user: string, channel: string): Promise<void>
  /** Ends the subscriptions of all connections of a user to a channel. */
  unsubscribe(user: string, channel: string): Promise<void>
  /** Ends all connections of a user, who may not come back with the same token by itself. */
  disconnect(user: string, options?: DisconnectOptions): Promise<void>
  /** Sends a message outside of channels to all connections of a user; at most once. */
  send(user: string, data: unknown): Promise<void>
}

/** How a connection is ended by the server. */
export interface DisconnectOptions {
  /** Default: 3503. From 3500 to 3999 and from 4500 to 4999 the client does not connect again by itself. */
  readonly code?: number
  /** For the client to see; at most 123 bytes. */
  readonly reason?: string
}

/** The connection that a command came over. */
export interface CommandConnection {
  /** Random; what `except` of a publish names. */
  readonly id: string
  /** As `authenticate` said; `''` for anonymous ones and before that. */
  readonly user: string
  /** What `authenticate` gave as `state` to keep. */
  readonly state: unknown
  /** Ends it. Default: as {@link ChannelAccess.disconnect}. */
  disconnect(options?: DisconnectOptions): void
}

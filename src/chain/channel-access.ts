/** A place in a channel: everything up to `offset` of the stream `epoch` is known. */
export interface ChannelPosition {
  readonly offset: number
  /** Changes when the stream starts anew. `''` in channels without history. */
  readonly epoch: string
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
   * does not have.
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
  /** What was published. Rejects with `CHANNEL_WITHOUT_HISTORY` where the channel keeps none. */
  history(channel: string, options?: ChannelHistoryOptions): Promise<ChannelHistory>
  /** Where the channel is now: a client that subscribes `since` it misses nothing that comes after. */
  position(channel: string): Promise<ChannelPosition>
  /** Forgets what was published; subscribers notice a gap. */
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

import type { StreamPosition } from '../protocol/publication.ts'

export type { StreamPosition }

/** A value, or a promise of it: an embedded broker answers at once, and nothing then waits for a microtask. */
export type MaybePromise<T> = T | Promise<T>

/**
 * Where channels keep what they must not forget, and how an app's nodes hear of each other.
 *
 * A broker moves opaque texts: it never sees frames, sockets or events. All nodes of an app use the same broker, whatever that is: one object,
 * one file, one server. What it promises, every broker must keep (`test/contract/broker` checks it):
 *
 * 1. Append and fan-out are one step. A publication that `publish` has acknowledged is in the history, and is delivered once to every
 *    node that was interested when it was appended, in the order of its offsets; a node never hears of one that is not stored.
 * 2. Within an epoch offsets rise; they need not be contiguous. `previousOffset` names the one before, so that a receiver can tell
 *    that nothing is missing between. A stream that lost publications that clients may have seen, or was removed, gets another epoch, never used before.
 * 3. History is complete or says that it is not: `complete` is false whenever anything after `since` is gone or belongs to another
 *    epoch, also when `since` lies in the future.
 * 4. A publish that repeats an idempotency key within the window is not stored or delivered again; it resolves with the position of the first.
 * 5. Interest is in force when `subscribe` has resolved: what is appended from then on is delivered, without a gap to a
 *    history that is read afterwards.
 * 6. A presence entry is gone at the latest `ttlMs` after it was last set, whatever happened to its node.
 * 7. A snapshot has the newest publication of each key up to its position, and nothing but a publication changes it: no key is taken away to make room.
 *
 * A broker that cannot do what is asked throws a `GoWebError`, `BROKER_UNAVAILABLE` where it may work later; nothing is acknowledged that is not stored.
 * So it does for whatever a closed node asks.
 */
export interface Broker {
  /** Whether it can be reached now; missing where it is in the process, and always can. An app whose broker cannot is not ready. */
  readonly isConnected?: boolean
  /**
   * Connects one node. What the listener gets comes in order per channel; the listener never throws.
   *
   * @throws `BROKER_UNAVAILABLE`
   */
  connect(listener: BrokerListener): MaybePromise<BrokerNode>
}

/** What a node hears of its broker. */
export interface BrokerListener {
  /** Something was published in a channel that the node is interested in. */
  onPublication(channel: string, publication: StoredPublication): void
  /** A message that is never stored: somebody joined or left, or any other signal of one node to the others. */
  onSignal(channel: string, payload: string): void
  /** A message for every node, the sender included. */
  onBroadcast(payload: string): void
  /**
   * The node may have missed publications of a channel, or of all: its clients have to recover.
   *
   * @param channel undefined for all channels, when the connection to the broker was lost.
   */
  onGap(channel: string | undefined): void
}

/** A publication as a broker keeps it. */
export interface StoredPublication {
  /** The encoded publication. */
  readonly payload: string
  /** 0 in channels without history. */
  readonly offset: number
  /** Offset of the publication before it in this epoch, 0 for the first; 0 in channels without history. */
  readonly previousOffset: number
  /** `''` in channels without history. */
  readonly epoch: string
  /** What the publishing node gave as `origin`: nodes leave out the publisher by it. */
  readonly origin?: string | undefined
}

/** How long a channel remembers. */
export interface HistoryLimits {
  /** At most so many publications. */
  readonly size: number
  /** Milliseconds that a publication is kept; the position outlives it. */
  readonly ttlMs: number
}

export interface BrokerPublishOptions {
  /** Keep it; without, it is only delivered. */
  readonly history?: HistoryLimits
  /**
   * Keep the newest of each key as well (channels with `latest`), whatever the history keeps; `removed` takes the key away.
   *
   * A key beyond `maxKeys` is refused with `CHANNEL_KEYS_EXCEEDED`: nothing is stored, delivered or remembered as a repeat.
   */
  readonly keyed?: { readonly key: string; readonly removed: boolean; readonly maxKeys: number }
  /** Repeats of this key within the window are not published again. */
  readonly idempotency?: { readonly key: string; readonly windowMs: number }
  /** Comes back in `StoredPublication.origin`. */
  readonly origin?: string
}

export interface PublishOutcome extends StreamPosition {
  /** Whether it was a repeat, and the position that of the first. */
  readonly isRepeat: boolean
}

export interface HistoryOptions {
  /** Only what comes after it (before it with `reverse`). Without: from the oldest (from the newest with `reverse`). */
  readonly since?: StreamPosition | undefined
  /** At most so many; 0: only the position. */
  readonly limit: number
  readonly reverse?: boolean
}

export interface HistoryPage {
  readonly publications: readonly StoredPublication[]
  /** Where the stream is now. */
  readonly position: StreamPosition
  /**
   * Whether everything after `since` is still there, however much of it `limit` let through; true without `since`. With `reverse` it means the
   * same: that `since` is a place from which nothing is missing. When it is false, `publications` are what is left, possibly none.
   */
  readonly complete: boolean
  /** Whether `limit` cut it off. */
  readonly hasMore: boolean
}

/** The newest publication of each key, and the position that they are of. */
export interface KeyedSnapshot {
  readonly entries: readonly (StoredPublication & { readonly key: string })[]
  readonly position: StreamPosition
}

/** One entry of a channel's presence. */
export interface PresenceEntry {
  /** Id of the connection. */
  readonly client: string
  readonly user: string
  /** Encoded `ClientInfo`. */
  readonly info: string
}

/** What one node does with the broker. */
export interface BrokerNode {
  /**
   * Publishes to a channel are stored in the order in which they were asked for, and when one fails with `BROKER_UNAVAILABLE`, so do those that
   * were asked for after it and before its promise was rejected. A node then need not wait for one before it asks for the next. Default: false.
   */
  readonly keepsPublishOrder?: boolean
  /** Interest in a channel; again is no error. */
  subscribe(channel: string): MaybePromise<void>
  /** No interest any more. */
  unsubscribe(channel: string): MaybePromise<void>
  /**
   * Stores, if the options say so, and delivers.
   *
   * @throws `BROKER_UNAVAILABLE` when it was not, or may not have been, stored; `CHANNEL_KEYS_EXCEEDED`.
   */
  publish(channel: string, payload: string, options: BrokerPublishOptions): MaybePromise<PublishOutcome>
  /** Delivers to the interested nodes, this one included, without storing; at most once. */
  signal(channel: string, payload: string): MaybePromise<void>
  /** Delivers to all nodes, this one included; at most once. */
  broadcast(payload: string): MaybePromise<void>
  /** @param limits the channel's, so that what is too old or too much is never returned. */
  history(channel: string, options: HistoryOptions, limits: HistoryLimits): MaybePromise<HistoryPage>
  /** Newest publication of each key. */
  snapshot(channel: string): MaybePromise<KeyedSnapshot>
  /** Forgets a channel's history; its epoch changes. */
  remove(channel: string): MaybePromise<void>
  /** Adds or prolongs an entry. */
  setPresence(channel: string, entry: PresenceEntry, ttlMs: number): MaybePromise<void>
  removePresence(channel: string, client: string): MaybePromise<void>
  /** Entries that have not expired. */
  presence(channel: string): MaybePromise<readonly PresenceEntry[]>
  /** Lets go of the node: interest ends, its presence entries expire. Idempotent. */
  close(): MaybePromise<void>
}

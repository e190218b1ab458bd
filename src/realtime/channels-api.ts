import { isThenable } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { DISCONNECT } from '../protocol/disconnect-codes.ts'
import type { Json } from '../protocol/json.ts'
import type { ClientInfo, Publication } from '../protocol/publication.ts'
import type {
  HistoryOptions,
  KeyedSnapshot,
  MaybePromise,
  PublishOutcome,
  StoredPublication,
  StreamPosition,
} from './broker.ts'
import { GAP_SIGNAL } from './channel-registry.ts'
import { encodePayload } from './encode-payload.ts'
import type { NodeOrder } from './node-order.ts'
import type { RealtimeContext } from './realtime-context.ts'
import type { AcceptedPublication, ChannelPolicy } from './realtime-handlers.ts'
import { storePublication } from './store-publication.ts'

/** How a server publishes. */
export interface ServerPublishOptions {
  readonly event?: string | undefined
  /** Idempotency key: a repeat within the channel's window is not published again. */
  readonly id?: string | undefined
  /** Id of a connection that is not to get it, usually the one that caused it. On channels with history it sees it when it recovers. */
  readonly except?: string | undefined
  /** Of a `latest` channel. */
  readonly key?: string | undefined
  readonly removed?: boolean
}

/** The newest publication of each key as an app reads it. */
export interface ChannelValues {
  readonly publications: readonly Publication[]
  readonly position: StreamPosition
}

/** A page of history as an app reads it. */
export interface ChannelHistory {
  readonly publications: readonly Publication[]
  readonly position: StreamPosition
  /** Whether nothing that was asked for is missing, a `limit` apart. */
  readonly complete: boolean
  readonly hasMore: boolean
}

interface ApiContext extends RealtimeContext {
  order(order: NodeOrder): MaybePromise<void>
}

/**
 * What an app does with channels from the server's side; rules do not apply to it.
 *
 * All of it works across nodes. @throws `CHANNEL_UNKNOWN` where no definition matches the name, `BROKER_UNAVAILABLE`, `UNAVAILABLE` while the node is not started.
 */
export class ChannelsApi {
  readonly #context: ApiContext

  constructor(context: ApiContext) {
    this.#context = context
  }

  /** Publishes; resolves when it is stored. */
  publish(channel: string, data: Json, options: ServerPublishOptions = {}): MaybePromise<PublishOutcome> {
    const { id, except, event, key, removed = false } = options
    const { broker, clock } = this.#context
    const accepted: AcceptedPublication = { data, event, key, removed }
    return storePublication(broker, {
      channel,
      policy: this.#policyOf(channel),
      payload: encodePayload(accepted, { clientInfo: undefined, id, timeMs: clock.now() }),
      accepted,
      // Apart from the keys of clients, which end with a line break and a name.
      idempotencyKey: id,
      except,
    })
  }

  /** Reads the history; nothing where the channel keeps none. */
  history(channel: string, options: Partial<HistoryOptions> = {}): MaybePromise<ChannelHistory> {
    const { history } = this.#policyOf(channel)
    if (history === undefined) throw withoutHistory(channel)
    const page = this.#context.broker.history(
      channel,
      { limit: this.#context.limits.historyPublications, ...options },
      history,
    )
    return isThenable(page) ? page.then(toChannelHistory) : toChannelHistory(page)
  }

  /** Where the channel's stream is now: state that is read after it contains everything up to there. */
  position(channel: string): MaybePromise<StreamPosition> {
    const { delivery } = this.#policyOf(channel)
    const page =
      delivery === 'latest' ? this.#context.broker.snapshot(channel) : this.history(channel, { limit: 0 })
    return isThenable(page) ? page.then(({ position }) => position) : page.position
  }

  /** Takes a key of a `latest` channel away; resolves when that is stored. */
  remove(channel: string, key: string, options: ServerPublishOptions = {}): MaybePromise<PublishOutcome> {
    this.#assertKeys(channel)
    return this.publish(channel, null, { ...options, key, removed: true })
  }

  /** The newest of each key of a `latest` channel, and where the channel's stream is with them. */
  values(channel: string): MaybePromise<ChannelValues> {
    this.#assertKeys(channel)
    const snapshot = this.#context.broker.snapshot(channel)
    return isThenable(snapshot) ? snapshot.then(toChannelValues) : toChannelValues(snapshot)
  }

  /** Forgets the history, or all values of a `latest` channel; subscribers are told of a gap, or that the values are gone. */
  removeHistory(channel: string): MaybePromise<void> {
    const { delivery } = this.#policyOf(channel)
    const { broker } = this.#context
    const removed = broker.remove(channel)
    if (delivery !== 'latest') return removed
    return isThenable(removed)
      ? removed.then(() => broker.signal(channel, GAP_SIGNAL))
      : broker.signal(channel, GAP_SIGNAL)
  }

  /** Who is there, on all nodes. */
  presence(channel: string): MaybePromise<readonly ClientInfo[]> {
    this.#policyOf(channel)
    const entries = this.#context.broker.presence(channel)
    return isThenable(entries) ? entries.then(toClientInfos) : toClientInfos(entries)
  }

  /** How many connections and users are there. */
  async presenceStats(channel: string): Promise<{ readonly clients: number; readonly users: number }> {
    this.#policyOf(channel)
    const entries = await this.#context.broker.presence(channel)
    return { clients: entries.length, users: new Set(entries.map(({ user }) => user)).size }
  }

  /**
   * Ends all connections of a user.
   *
   * @param code 3000 to 4999; below 3500, and from 4000 to 4499, clients connect again. Default: 3503, they do not.
   */
  disconnect(
    user: string,
    code: number = DISCONNECT.FORCE_NO_RECONNECT.code,
    reason: string = DISCONNECT.FORCE_NO_RECONNECT.reason,
  ): MaybePromise<void> {
    if (!Number.isInteger(code) || code < 3_000 || code > 4_999) {
      throw new GoWebError(
        'CLOSE_CODE_INVALID',
        `A connection cannot be ended with ${code}; use 3000 to 4999`,
      )
    }
    if (Buffer.byteLength(reason) > 123) {
      throw new GoWebError('CLOSE_REASON_TOO_LONG', 'A close reason may have 123 bytes of UTF-8')
    }
    return this.#context.order({ do: 'disconnect', user: named(user), code, reason })
  }

  /** Ends a user's subscriptions of a channel, with code 2000. */
  unsubscribe(user: string, channel: string): MaybePromise<void> {
    return this.#context.order({ do: 'unsubscribe', user: named(user), channel })
  }

  /** Subscribes all connections that a user has now. */
  subscribe(user: string, channel: string): MaybePromise<void> {
    this.#policyOf(channel)
    return this.#context.order({ do: 'subscribe', user: named(user), channel })
  }

  /** Sends a message to all connections that a user has now; at most once. */
  send(user: string, data: Json): MaybePromise<void> {
    return this.#context.order({ do: 'send', user: named(user), data })
  }

  #assertKeys(channel: string): void {
    if (this.#policyOf(channel).delivery === 'latest') return
    throw new GoWebError(
      'CHANNEL_WITHOUT_KEYS',
      `The channel ${JSON.stringify(channel)} is no latest channel`,
    )
  }

  #policyOf(channel: string): ChannelPolicy {
    const binding = this.#context.handlers.channel(channel)
    if (binding !== undefined) return binding.policy
    throw new GoWebError('CHANNEL_UNKNOWN', `No channel is defined that ${JSON.stringify(channel)} matches`)
  }
}

function named(user: string): string {
  if (user !== '') return user
  throw new GoWebError('USER_INVALID', 'Anonymous connections have no user that they could be found by')
}

function withoutHistory(channel: string): GoWebError {
  return new GoWebError(
    'CHANNEL_WITHOUT_HISTORY',
    `The channel ${JSON.stringify(channel)} keeps nothing: it has no history and no position`,
  )
}

function toChannelHistory({
  publications,
  position,
  complete,
  hasMore,
}: {
  readonly publications: readonly StoredPublication[]
  readonly position: StreamPosition
  readonly complete: boolean
  readonly hasMore: boolean
}): ChannelHistory {
  return { publications: publications.map(toPublication), position, complete, hasMore }
}

function toChannelValues({ entries, position }: KeyedSnapshot): ChannelValues {
  return { publications: entries.toSorted((a, b) => a.offset - b.offset).map(toPublication), position }
}

function toPublication({ payload, offset }: StoredPublication): Publication {
  const publication = JSON.parse(payload) as Publication // Written by encodePayload.
  return { ...publication, offset }
}

function toClientInfos(entries: readonly { readonly info: string }[]): ClientInfo[] {
  return entries.map(({ info }) => JSON.parse(info) as ClientInfo) // Written by Subscription.clientInfo.
}

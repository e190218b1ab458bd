import type { HistoryRequest } from '../protocol/command.ts'
import type { Json } from '../protocol/json.ts'
import type { ClientInfo, Publication, StreamPosition } from '../protocol/publication.ts'
import type { SubscriptionState } from './channel-feed.ts'
import type { StateChange } from './client-events.ts'

/** A page of a channel's history. */
export interface HistoryPage<Data = Json> {
  readonly publications: readonly Publication<Data>[]
  /** Where the stream was when the page was read. */
  readonly position: StreamPosition
}

/** What `history` is asked for. */
export type HistoryQuery = Omit<HistoryRequest, 'channel'>

/**
 * A subscription of a channel: its publications, each once and in order, through reconnects and restarts.
 *
 * What comes before there is a handler waits for it. Several subscriptions of one channel share one on the wire, and each gets everything.
 *
 * @typeParam Events an `EventType` under the name of each event; undefined for a channel without events.
 */
export interface Subscription<Events = undefined> extends SubscriptionBase<KeptData<Events>> {
  /**
   * Adds a handler of an event; the returned function takes it away.
   *
   * The handler is called once for each publication, in order. What it throws, or its promise rejects with, goes to `onError`,
   * and the publication counts as delivered. Promises are not awaited.
   */
  on<Name extends keyof Events & string>(
    event: Name,
    handler: (data: OutputOf<Events[Name]>, publication: Publication) => unknown,
  ): () => void
  /** Adds a handler of all publications. */
  on(handler: (data: AnyOutput<Events>, publication: Publication) => unknown): () => void
  /**
   * Publishes, when the channel is subscribed; resolves when the publication is stored. Publishes of a channel keep their order.
   *
   * Without a connection it waits for one. A publish whose answer was lost is sent again as long as that cannot store it twice.
   * Rejects with `REFUSED`, `PUBLISH_OUTCOME_UNKNOWN`, `OUTBOX_FULL`, `UNSUBSCRIBED`, `DISCONNECTED` or `CLOSED`.
   */
  publish: Publish<Events>
}

/**
 * A subscription of a `latest` channel: the newest value of each key, now and as they change.
 *
 * Handlers of events get each new value, and those that are added late the current values first; `publication.key` says of what. A value
 * that is followed by another may be left out. Nothing is ever lost: there is no gap to be told of.
 */
export interface LatestSubscription<Events = undefined> extends Subscription<Events> {
  /** The current values by key: a copy. Empty before the first subscription; after a lost connection as it was then. */
  values(): ReadonlyMap<string, AnyOutput<Events>>
  /** Adds a handler of keys that have no value any more. */
  onRemoved(handler: (key: string, publication: Publication) => unknown): () => void
}

type Publish<Events> = Events extends object
  ? <Name extends keyof Events & string>(event: Name, data: InputOf<Events[Name]>) => Promise<void>
  : (data: unknown) => Promise<void>

type OutputOf<Event> = Event extends { readonly output: infer Output } ? Output : never
type InputOf<Event> = Event extends { readonly input: infer Input } ? Input : never
type KeptData<Events> = Events extends object ? OutputOf<Events[keyof Events]> : Json
type AnyOutput<Events> = Events extends object ? OutputOf<Events[keyof Events]> : unknown

/** What a {@link Subscription} has whatever its events; `Data` is what its history is made of. */
export interface SubscriptionBase<Data = Json> {
  /** Name of the channel. */
  readonly channel: string
  readonly state: SubscriptionState
  /** Everything up to here has been handed on; undefined before the first subscription, and where the channel keeps nothing. */
  readonly position: StreamPosition | undefined
  /** Adds a handler of changes of `state`. */
  onStateChange(handler: (change: StateChange<SubscriptionState>) => void): () => void
  /** Adds a handler of members that join or leave; they are told as it happens, and not again. */
  onPresence(event: 'join' | 'leave', handler: (info: ClientInfo) => void): () => void
  /** Who is there, one entry for each connection. Rejects with `REFUSED`, `TIMEOUT`, `DISCONNECTED` or `CLOSED`. */
  presence(): Promise<ClientInfo[]>
  /** How many are there. Rejects as `presence` does. */
  presenceStats(): Promise<{ clients: number; users: number }>
  /** Publications that the channel keeps; oldest first without `reverse`. Default `limit`: 100. Rejects as `presence` does. */
  history(query?: HistoryQuery): Promise<HistoryPage<Data>>
  /** Ends it. Publishes that wait are still sent. */
  unsubscribe(): void
}

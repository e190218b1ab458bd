import type { InputIssue } from '../errors/goweb-error.ts'
import type { Json } from './json.ts'
import type { ClientInfo, Publication } from './publication.ts'

/** What a client gets instead of a result. */
export interface ReplyError {
  /** See `error-codes.ts`. */
  readonly code: number
  readonly message: string
  /** The same command may succeed later. */
  readonly temporary?: boolean
  /** GoWeb: the code of the failure, as `docs/errors.md` lists it. */
  readonly name?: string
  /** GoWeb: everything that is wrong with the input. */
  readonly issues?: readonly InputIssue[]
}

export interface SubscribeResult {
  readonly expires?: boolean
  /** Seconds. */
  readonly ttl?: number
  readonly recoverable?: boolean
  readonly positioned?: boolean
  readonly epoch?: string
  readonly offset?: number
  /** What was missed, in order; only when `recovered`. In `latest` channels also the values, see `snapshot`. */
  readonly publications?: readonly Publication[]
  readonly recovered?: boolean
  readonly was_recovering?: boolean
  /** GoWeb, `latest` channels: the publications are all values, or the first of them. */
  readonly snapshot?: 'all' | 'begins'
  readonly data?: Json
}

export interface ConnectResult {
  /** Id of the connection. */
  readonly client: string
  readonly version?: string
  /** GoWeb: whose connection it is; absent for anonymous ones. */
  readonly user?: string
  readonly expires?: boolean
  /** Seconds until the token must be refreshed. */
  readonly ttl?: number
  readonly data?: Json
  /** Server-side subscriptions. */
  readonly subs?: Readonly<Record<string, SubscribeResult>>
  /** Seconds between pings of the server. */
  readonly ping?: number
  /** Whether pings are to be answered. */
  readonly pong?: boolean
  readonly session?: string
  readonly node?: string
}

export interface HistoryResult {
  readonly publications: readonly Publication[]
  readonly epoch: string
  readonly offset: number
}

/** What the server sends unasked. */
export interface Push {
  readonly channel?: string
  readonly pub?: Publication
  readonly join?: { readonly info: ClientInfo }
  readonly leave?: { readonly info: ClientInfo }
  /** GoWeb, `latest` channels: all values have come that the subscribe reply began with. */
  readonly snapshot?: { readonly offset: number }
  readonly unsubscribe?: { readonly code: number; readonly reason: string }
  readonly subscribe?: SubscribeResult
  readonly message?: { readonly data?: Json }
  readonly connect?: ConnectResult
  readonly disconnect?: { readonly code: number; readonly reason: string; readonly reconnect?: boolean }
  readonly refresh?: { readonly expires?: boolean; readonly ttl?: number }
}

/** One line of a frame of the server; an empty object is a ping. */
export interface Reply {
  readonly id?: number
  readonly error?: ReplyError
  readonly push?: Push
  readonly connect?: ConnectResult
  readonly subscribe?: SubscribeResult
  readonly unsubscribe?: Readonly<Record<string, never>>
  readonly publish?: Readonly<Record<string, never>>
  readonly presence?: { readonly presence: Readonly<Record<string, ClientInfo>> }
  readonly presence_stats?: { readonly num_clients: number; readonly num_users: number }
  readonly history?: HistoryResult
  readonly ping?: Readonly<Record<string, never>>
  readonly rpc?: { readonly data?: Json }
  readonly refresh?: { readonly client?: string; readonly expires?: boolean; readonly ttl?: number }
  readonly sub_refresh?: { readonly expires?: boolean; readonly ttl?: number }
}

import type { ChannelAccess, CommandConnection } from './channel-access.ts'

/** What passes the chain: an HTTP request, a WebSocket upgrade, or a command of a channel connection. */
export type Kind = 'http' | 'upgrade' | 'connect' | 'subscribe' | 'publish' | 'call'

/** Every {@link Kind}; a middleware that names none runs for all of them. */
export const KINDS: readonly Kind[] = ['http', 'upgrade', 'connect', 'subscribe', 'publish', 'call']

/**
 * What every context has, whatever its kind.
 *
 * So one guard serves requests, sockets and channels. For commands of a channel connection the request facts (`header`,
 * `cookies`, `ip`, …) are those of the request that opened the connection.
 */
export interface BaseContext {
  readonly kind: Kind
  /** The pattern that matched, with its mount prefix; `''` when none did. */
  readonly route: string
  readonly params: Readonly<Record<string, string>>
  /** Host of the request with its port, as sent. */
  readonly host: string
  readonly scheme: 'http' | 'https'
  /** Address of the peer; `''` where the platform does not tell. */
  readonly ip: string
  /** Value of a request header, several joined by `, `; the name in any case. */
  header(name: string): string | undefined
  /** Cookies of the request by name. */
  readonly cookies: ReadonlyCookies
  /** Aborted when the client has gone or the server gives up on it. */
  readonly signal: AbortSignal
  /** The channel connection of a command; undefined for requests and handshakes. */
  readonly connection: CommandConnection | undefined
  /** The app's channels, from any handler; a handler that mentions its own app would make the app's type depend on itself. */
  readonly channels: ChannelAccess
  /** Publishes to a channel: `c.publish('rooms/42', 'message', { text })`; see {@link ChannelAccess.publish}. */
  readonly publish: ChannelAccess['publish']
  /** Takes a key of a `latest` channel away: `c.remove('prices/eu', 'ABC')`; see {@link ChannelAccess.remove}. */
  readonly remove: ChannelAccess['remove']
  /** Where a channel is now, to give to a client with the state that it loads; see {@link ChannelAccess.position}. */
  readonly position: ChannelAccess['position']
  /** Loads what a client shows first, with the position to go on from; see {@link ChannelAccess.withPosition}. */
  readonly withPosition: ChannelAccess['withPosition']
}

/** Names that contexts have themselves, of one kind or another, and that no middleware may add. */
export type ContextName =
  | keyof BaseContext
  | 'method'
  | 'path'
  | 'search'
  | 'query'
  | 'headers'
  | 'body'
  | 'url'
  | 'request'
  | 'raw'
  | 'setHeader'
  | 'appendHeader'
  | 'after'
  | 'json'
  | 'text'
  | 'html'
  | 'empty'
  | 'redirect'
  | 'file'
  | 'channel'
  | 'event'
  | 'publishId'
  | 'callId'
  | 'sent'
  | 'isRefresh'
  | 'refuse'

/** Cookies as a request sent them. */
export interface ReadonlyCookies {
  get(name: string): string | undefined
}

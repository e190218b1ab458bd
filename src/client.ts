import type { Client } from './client/client.ts'
import { clientSettings } from './client/client-settings.ts'
import type { ConnectOptions } from './client/connect-options.ts'
import { connectionUrl } from './client/connection-url.ts'
import { RealtimeClient } from './client/realtime-client.ts'

export type { Clock } from './internal/clock.ts'
export type { ClientInfo, Publication, StreamPosition } from './protocol/publication.ts'
export type { SubscriptionState } from './client/channel-feed.ts'
export type { CallOptions, Client } from './client/client.ts'
export { ClientError, type ClientErrorCode, type ServerError } from './client/client-error.ts'
export type { ClientEvents, StateChange } from './client/client-events.ts'
export type { ConnectOptions } from './client/connect-options.ts'
export type { ConnectionState } from './client/connection.ts'
export type { OutboxHost, OutboxItem, OutboxStore, Sending } from './client/outbox-store.ts'
export type {
  HistoryPage,
  HistoryQuery,
  LatestSubscription,
  Subscription,
  SubscriptionBase,
} from './client/subscription.ts'
export type { Gap, SubscriptionOptions } from './client/subscription-options.ts'
export type { WebSocketConstructor, WebSocketLike } from './client/web-socket-like.ts'

/**
 * Connects to the channels and calls of a GoWeb app.
 *
 * Returns at once: what is asked of the client waits for the connection. Lost connections are made again, after growing random waits; subscriptions
 * go on where they were. In Node and Bun an open client keeps the process running.
 *
 * @param url `/` for the page's own server, or such as `https://example.com/`; see `docs/client.md`.
 * @throws `OPTION_INVALID`
 *
 * @example
 * import { connect } from 'goweb/client'
 * import type { App } from './app.ts'
 * const client = connect<App>('/')
 * const room = client.channel('rooms/{room}', { room: '42' }, { onGap: () => location.reload() })
 * room.on('message', (message) => console.log(message.text))
 * await room.publish('message', { text: 'hi' })
 */
export function connect<App = unknown>(url: string, options: ConnectOptions = {}): Client<App> {
  // At run time every client is the same; its types are those of the app.
  return new RealtimeClient(connectionUrl(url), clientSettings(options)) as unknown as Client<App>
}

import type { ConnectionCore } from '../connection-core.ts'
import type { ChannelBinding } from '../realtime-handlers.ts'

/** The rules of a channel, subscribed to or not. */
export function bindingOf(connection: ConnectionCore, channel: string): ChannelBinding | undefined {
  return connection.subscriptions?.get(channel)?.binding ?? connection.context.handlers.channel(channel)
}

import type { ChannelBinding } from './realtime-handlers.ts'
import type { RealtimeContext } from './realtime-context.ts'

/** The rules of a channel; where the node has subscribers of it, theirs, so that the name is not looked up again. */
export function findBinding(
  { channels, handlers }: RealtimeContext,
  name: string,
): ChannelBinding | undefined {
  return channels.find(name)?.binding ?? handlers.channel(name)
}

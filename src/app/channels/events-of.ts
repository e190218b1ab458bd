import type { StandardSchema } from '../../internal/standard-schema.ts'
import type { AnyChannelDefinition, EventDefinition } from './channel-definition.ts'

/** An event with its schema found. */
export interface ResolvedEvent {
  readonly schema: StandardSchema
  /** Clients may publish it without a handler. */
  readonly isFromClient: boolean
}

/** The events of a channel by name; none for a channel without events. */
export function eventsOf({ events = {} }: AnyChannelDefinition): ReadonlyMap<string, ResolvedEvent> {
  return new Map(Object.entries(events).map(([name, event]) => [name, resolve(event)]))
}

function resolve(event: EventDefinition): ResolvedEvent {
  if ('~standard' in event) return { schema: event, isFromClient: false }
  return { schema: event.schema, isFromClient: event.from === 'client' }
}

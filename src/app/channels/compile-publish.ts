import type { Run } from '../../chain/compose.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { StandardSchema } from '../../internal/standard-schema.ts'
import type { AcceptedPublication } from '../../realtime/realtime-handlers.ts'
import type { MaybePromise } from '../route-types.ts'
import { andThen } from './and-then.ts'
import type { ChannelEntry } from './channel-entry.ts'
import { compileKey, type KeyFor } from './compile-key.ts'
import { PublishCommand } from './command-kinds.ts'
import { Granted, toJson } from './command-result.ts'
import { eventsOf } from './events-of.ts'
import { refuseWithoutRule } from './refuse-without-rule.ts'
import { validateData } from './validate-data.ts'

type Handler = (c: never, data: unknown) => unknown
type Check = (c: PublishCommand) => MaybePromise<void>

interface PublishableEvent {
  readonly schema: StandardSchema
  readonly handler: Handler | undefined
}

/** Makes the end of the chain of a client's publish: the rule, then the schema and the handler of the event. */
export function compilePublish(entry: ChannelEntry): Run<PublishCommand> {
  const { definition, pattern } = entry
  const events = eventsOf(definition)
  const check = compileCheck(entry, events.size > 0)
  const keyOf = compileKey(entry)
  if (events.size === 0) {
    return (c) => {
      if (c.event !== undefined) throw unknownEvent(pattern, c.event)
      return andThen(check(c), () => accepted(c, PublishCommand.dataOf(c), keyOf))
    }
  }
  const publishable = new Map<string, PublishableEvent | undefined>()
  const handlers = new Map(Object.entries<Handler>(definition.on ?? {}))
  for (const [name, { schema, isFromClient }] of events) {
    const handler = handlers.get(name)
    publishable.set(name, handler !== undefined || isFromClient ? { schema, handler } : undefined)
  }
  return (c) => {
    const event = publishable.get(c.event ?? '')
    if (event === undefined) throw notPublishable(pattern, c.event, publishable)
    return andThen(check(c), () => publishEvent(c, event, { definition, keyOf }))
  }
}

function publishEvent(
  c: PublishCommand,
  { schema, handler }: PublishableEvent,
  { definition, keyOf }: { readonly definition: ChannelEntry['definition']; readonly keyOf: KeyFor },
): MaybePromise<Granted<AcceptedPublication>> {
  return andThen(validateData(schema, 'data', PublishCommand.dataOf(c)), (data) => {
    if (handler === undefined) return accepted(c, data, keyOf)
    return andThen(handler.call(definition.on, c as never, data), (returned) =>
      accepted(c, returned ?? keep(returned, data), keyOf),
    )
  })
}

/** Undefined lets the data pass; null is data. */
function keep(returned: null | undefined, data: unknown): unknown {
  return returned === null ? null : data
}

function accepted(c: PublishCommand, data: unknown, keyOf: KeyFor): Granted<AcceptedPublication> {
  const key = keyOf(c.event, data)
  return new Granted({ data: toJson(data), event: c.event, id: c.publishId, key })
}

function compileCheck({ definition, pattern }: ChannelEntry, hasEvents: boolean): Check {
  const rule = definition.publish
  if (rule === undefined) {
    // Events say for themselves which of them clients may publish.
    return hasEvents || definition.public === true ? () => undefined : refuseWithoutRule(pattern, 'publish')
  }
  return (c) =>
    andThen(rule.call(definition, c as never), (said: unknown) => {
      if (said === true) return
      if (said === false) throw new GoWebError('FORBIDDEN')
      throw new GoWebError(
        'COMMAND_RESULT_INVALID',
        `Rule publish of channel ${pattern}: expected true or false, got ${typeof said}`,
      )
    })
}

function notPublishable(
  pattern: string,
  event: string | undefined,
  events: ReadonlyMap<string, unknown>,
): GoWebError {
  if (event === undefined || !events.has(event)) return unknownEvent(pattern, event)
  return new GoWebError('EVENT_FROM_SERVER_ONLY', `Only the server publishes ${event} on ${pattern}`)
}

function unknownEvent(pattern: string, event: string | undefined): GoWebError {
  const what =
    event === undefined ? 'events only; name one' : `no event ${JSON.stringify(event.slice(0, 100))}`
  return new GoWebError('EVENT_UNKNOWN', `The channel ${pattern} has ${what}`)
}

import { GoWebError } from '../../errors/goweb-error.ts'
import { channelName, isCanonicalName } from '../../protocol/channel-name.ts'
import { isSchema } from '../is-schema.ts'
import type { AnyChannelDefinition } from './channel-definition.ts'
import type { ChannelEntry } from './channel-entry.ts'
import { parseDuration } from './duration.ts'
import { eventsOf } from './events-of.ts'

const KNOWN: readonly string[] = [
  'delivery',
  'history',
  'presence',
  'public',
  'events',
  'subscribe',
  'publish',
  'idempotencyWindow',
  'on',
  'key',
  'maxKeys',
] satisfies (keyof AnyChannelDefinition)[]

const DEFAULT_HISTORY = { size: 1_000, ttlMs: 86_400_000 }
const DEFAULT_IDEMPOTENCY_WINDOW_MS = 120_000
const DEFAULT_MAX_KEYS = 1_000
const MOST_KEYS = 1_000_000

/**
 * Checks a channel as it was given: a misspelt option would leave out a rule without a word.
 *
 * @throws `OPTION_INVALID` naming the channel and the option.
 */
export function checkChannel(pattern: unknown, given: unknown): ChannelEntry {
  if (typeof pattern !== 'string') throw invalid(String(pattern), 'expected a pattern such as rooms/{room}')
  checkPattern(pattern)
  if (typeof given !== 'object' || given === null)
    throw invalid(pattern, `expected a definition, got ${kindOf(given)}`)
  const definition = given as AnyChannelDefinition
  checkNames(pattern, definition, KNOWN)
  const { delivery } = definition
  if (delivery !== 'live' && delivery !== 'latest' && delivery !== 'replay') {
    throw invalid(pattern, `delivery: expected live, latest or replay, got ${JSON.stringify(delivery)}`)
  }
  checkEvents(pattern, definition)
  checkFunctions(pattern, definition, ['subscribe', 'publish', 'key'])
  if (definition.public !== undefined && (definition.public as unknown) !== true)
    throw invalid(pattern, 'public: expected true; leave it out otherwise')
  return {
    kind: 'channel',
    pattern,
    definition,
    policy: {
      delivery,
      maxKeys: maxKeysOf(pattern, definition),
      history: historyOf(pattern, definition),
      ...presenceOf(pattern, definition),
      idempotencyWindowMs:
        definition.idempotencyWindow === undefined
          ? DEFAULT_IDEMPOTENCY_WINDOW_MS
          : parseDuration(`channel('${pattern}').idempotencyWindow`, definition.idempotencyWindow),
    },
  }
}

function checkPattern(pattern: string): void {
  if (pattern === '' || pattern.startsWith('/')) {
    throw invalid(pattern, 'a pattern begins without a slash, such as rooms/{room}')
  }
  const text = channelName(pattern, () => 'x')
  if (!isCanonicalName(text)) {
    throw invalid(
      pattern,
      'its text is not as names are written: encode what must be encoded, in upper-case hex, and nothing else',
    )
  }
}

function historyOf(
  pattern: string,
  { delivery, history }: AnyChannelDefinition,
): ChannelEntry['policy']['history'] {
  if (delivery !== 'replay') {
    if (history === undefined) return undefined
    throw invalid(pattern, `history is kept with delivery replay; ${delivery} keeps none`)
  }
  if (history === undefined) return DEFAULT_HISTORY
  if (typeof history !== 'object' || history === null)
    throw invalid(pattern, 'history: expected { size, ttl }')
  checkNames(pattern, history, ['size', 'ttl', 'allow'], 'history.')
  checkFunctions(pattern, history, ['allow'], 'history.')
  if (!Number.isSafeInteger(history.size) || history.size < 1) {
    throw invalid(pattern, `history.size: expected a whole number from 1 on, got ${String(history.size)}`)
  }
  return { size: history.size, ttlMs: parseDuration(`channel('${pattern}').history.ttl`, history.ttl) }
}

function maxKeysOf(pattern: string, { delivery, key, maxKeys }: AnyChannelDefinition): number {
  if (delivery !== 'latest') {
    if (key === undefined && maxKeys === undefined) return 0
    throw invalid(pattern, `key and maxKeys belong to delivery latest, not to ${delivery}`)
  }
  if (key === undefined) {
    throw invalid(pattern, 'key: delivery latest needs a function of event and data that returns the key')
  }
  if (maxKeys === undefined) return DEFAULT_MAX_KEYS
  if (Number.isSafeInteger(maxKeys) && maxKeys >= 1 && maxKeys <= MOST_KEYS) return maxKeys
  throw invalid(pattern, `maxKeys: expected a whole number from 1 to ${MOST_KEYS}, got ${String(maxKeys)}`)
}

function presenceOf(
  pattern: string,
  { presence = false }: AnyChannelDefinition,
): { hasPresence: boolean; hasJoinLeave: boolean } {
  if (typeof presence === 'boolean') return { hasPresence: presence, hasJoinLeave: presence }
  if (typeof presence !== 'object' || presence === null)
    throw invalid(pattern, 'presence: expected true or settings')
  checkNames(pattern, presence, ['joinLeave', 'allow'], 'presence.')
  checkFunctions(pattern, presence, ['allow'], 'presence.')
  const { joinLeave = true } = presence
  if (typeof joinLeave !== 'boolean') throw invalid(pattern, 'presence.joinLeave: expected true or false')
  return { hasPresence: true, hasJoinLeave: joinLeave }
}

function checkEvents(pattern: string, definition: AnyChannelDefinition): void {
  const { events, on } = definition as { readonly events?: unknown; readonly on?: unknown }
  for (const [name, value] of Object.entries({ events, on })) {
    if (value !== undefined && (typeof value !== 'object' || value === null))
      throw invalid(pattern, `${name}: expected an object with a property for each event`)
  }
  for (const [name, event] of Object.entries<unknown>(definition.events ?? {})) {
    const isNamed = (typeof event === 'object' || typeof event === 'function') && event !== null
    if (!isNamed)
      throw invalid(pattern, `events.${name}: expected a Standard Schema or { schema, from: 'client' }`)
  }
  const resolved = eventsOf(definition)
  for (const [name, { schema, isFromClient }] of resolved) {
    if (!isSchema(schema)) {
      throw invalid(
        pattern,
        `events.${name}: expected a Standard Schema, such as one of zod, valibot or arktype, or { schema, from: 'client' }`,
      )
    }
    const event = definition.events?.[name]
    if (event !== schema && !isFromClient) throw invalid(pattern, `events.${name}.from: expected client`)
  }
  for (const [name, handler] of Object.entries<unknown>(definition.on ?? {})) {
    if (!resolved.has(name))
      throw invalid(
        pattern,
        `on.${name}: there is no event ${name}, but ${[...resolved.keys()].join(', ') || 'none'}`,
      )
    if (typeof handler !== 'function')
      throw invalid(pattern, `on.${name}: expected a function, got ${kindOf(handler)}`)
  }
}

function checkNames(pattern: string, value: object, known: readonly string[], where = ''): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name))
      throw invalid(pattern, `there is no option ${where}${name}, but ${known.join(', ')}`)
  }
}

function checkFunctions(pattern: string, value: object, names: readonly string[], where = ''): void {
  for (const name of names) {
    const rule = (value as Readonly<Record<string, unknown>>)[name]
    if (rule !== undefined && typeof rule !== 'function')
      throw invalid(pattern, `${where}${name}: expected a function, got ${kindOf(rule)}`)
  }
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value
}

function invalid(pattern: string, problem: string): GoWebError {
  return new GoWebError('OPTION_INVALID', `channel('${pattern}'): ${problem}`)
}

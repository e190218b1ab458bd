/** What a field may hold; `data` is any JSON. */
type FieldKind = 'string' | 'boolean' | 'offset' | 'limit' | 'data'

interface MethodShape {
  readonly fields: Readonly<Record<string, FieldKind>>
  readonly required: readonly string[]
}

const SUBSCRIBE_FIELDS = {
  channel: 'string',
  token: 'string',
  recover: 'boolean',
  epoch: 'string',
  offset: 'offset',
  data: 'data',
  positioned: 'boolean',
  recoverable: 'boolean',
  join_leave: 'boolean',
  snapshot: 'boolean',
} as const

const CHANNEL_ONLY: MethodShape = { fields: { channel: 'string' }, required: ['channel'] }
const NOTHING: MethodShape = { fields: {}, required: [] }

/** Every method of the protocol with the types of its fields. */
const METHODS: ReadonlyMap<string, MethodShape> = new Map<string, MethodShape>(
  Object.entries({
    connect: {
      fields: { token: 'string', data: 'data', name: 'string', version: 'string' },
      required: [],
    },
    subscribe: { fields: SUBSCRIBE_FIELDS, required: ['channel'] },
    unsubscribe: CHANNEL_ONLY,
    publish: {
      fields: { channel: 'string', data: 'data', event: 'string', id: 'string', after: 'offset' },
      required: ['channel', 'data'],
    },
    presence: CHANNEL_ONLY,
    presence_stats: CHANNEL_ONLY,
    history: {
      fields: { channel: 'string', limit: 'limit', reverse: 'boolean' },
      required: ['channel'],
    },
    ping: NOTHING,
    send: { fields: { data: 'data' }, required: [] },
    rpc: { fields: { method: 'string', data: 'data', id: 'string' }, required: [] },
    refresh: { fields: { token: 'string' }, required: [] },
    sub_refresh: { fields: { channel: 'string', token: 'string' }, required: ['channel'] },
  }),
)

const WITHOUT_CHANNEL: MethodShape = { fields: SUBSCRIBE_FIELDS, required: [] }

/**
 * Checks the methods and fields of a command.
 *
 * @param command a parsed JSON object.
 * @returns undefined when it is a `Command`; `unknown` when it has no method of the protocol; otherwise what is wrong.
 */
export function checkCommand(command: object): string | undefined {
  let found: string | undefined
  let shape: MethodShape | undefined
  for (const name in command) {
    const known = METHODS.get(name)
    if (known === undefined) continue
    if (found !== undefined) return 'more than one method'
    found = name
    shape = known
  }
  if (found === undefined || shape === undefined) return 'unknown'
  const request: unknown = (command as Record<string, unknown>)[found]
  const problem = checkFields(found, request, shape)
  if (problem !== undefined) return problem
  if (found === 'connect') return checkSubs((request as { subs?: unknown }).subs)
  return found === 'history' ? checkSince((request as { since?: unknown }).since) : undefined
}

function checkFields(path: string, request: unknown, { fields, required }: MethodShape): string | undefined {
  if (!isObject(request)) return `${path} is no object`
  for (const name of required) if (!Object.hasOwn(request, name)) return `${path}.${name} is missing`
  for (const name in request) {
    const kind = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (kind !== undefined && !isOfKind(request[name], kind)) return `${path}.${name} is no ${kind}`
  }
  return undefined
}

function checkSubs(subs: unknown): string | undefined {
  if (subs === undefined) return undefined
  if (!isObject(subs)) return 'connect.subs is no object'
  for (const channel in subs) {
    // The name may hold anything, so it is not repeated.
    const problem = checkFields('connect.subs[…]', subs[channel], WITHOUT_CHANNEL)
    if (problem !== undefined) return problem
  }
  return undefined
}

const SINCE: MethodShape = { fields: { offset: 'offset', epoch: 'string' }, required: [] }

function checkSince(since: unknown): string | undefined {
  if (since === undefined) return undefined
  const problem = checkFields('history.since', since, SINCE)
  if (problem !== undefined) return problem
  // Encoders of the official schema leave out a zero and an empty text.
  const position = since as { offset?: number; epoch?: string }
  position.offset ??= 0
  position.epoch ??= ''
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case 'data':
      return true
    case 'offset':
      return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    case 'limit':
      // -1 is Centrifugo's way to ask for everything.
      return typeof value === 'number' && Number.isInteger(value) && value >= -1 && value <= 0x7fffffff
    default:
      return typeof value === kind
  }
}

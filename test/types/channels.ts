import {
  defineChannel,
  GoWeb,
  type ChannelMember,
  type ChannelMessage,
  type ChannelPosition,
  type Middleware,
  type Positioned,
} from 'goweb'
import { z } from 'zod'
import { same } from './equal.ts'

interface User {
  readonly name: string
  canRead(room: string): boolean
}

declare const auth: Middleware<{ user: User }>

const news = defineChannel('news/{topic:[a-z]{2,}}', {
  delivery: 'live',
  public: true,
  events: { headline: z.object({ text: z.string() }) },
})

export const app = new GoWeb()
  .use(auth)
  .authenticate((c, token) => {
    same<typeof token, string>()
    same<typeof c.kind, 'connect'>()
    same<typeof c.isRefresh, boolean>()
    return { user: c.user.name, expiresAt: new Date(), info: { name: c.user.name }, channels: ['lobby'] }
  })
  .channel('rooms/{room}', {
    delivery: 'replay',
    history: { size: 1_000, ttl: '24h', allow: (c) => c.user.canRead(c.params.room) },
    presence: true,
    events: {
      message: z.object({ text: z.string(), at: z.string().transform(Number) }),
      typing: { schema: z.object({ on: z.boolean() }), from: 'client' },
      edited: z.object({ id: z.string() }),
      ping: z.object({ n: z.number() }),
    },
    subscribe: (c) => {
      same<typeof c.kind, 'subscribe'>()
      same<typeof c.params.room, string>()
      same<typeof c.user, User>()
      return c.user.canRead(c.params.room)
    },
    on: {
      message: (c, data) => {
        same<typeof c.kind, 'publish'>()
        same<typeof c.params.room, string>()
        same<typeof c.user, User>()
        same<typeof c.publishId, string | undefined>()
        same<typeof data, { text: string; at: number }>()
        return { ...data, from: c.user.name }
      },
      ping: async (c, data) => {
        if (data.n > 100) return c.refuse('CONFLICT', 'Too many')
        await c.publish('rooms/other', 'ping', data)
        return undefined
      },
    },
  })
  .channel('raw/{name}', { delivery: 'replay', public: true })
  .channel('prices/{market}', {
    delivery: 'latest',
    maxKeys: 500,
    // Before the handlers, whose types it must not fix.
    key: (event, m) => {
      same<typeof event, 'price' | 'status'>()
      if (event === 'price') {
        same<typeof m, { symbol: string; price: number }>()
        return m.symbol
      }
      same<typeof m, { market: string; isOpen: boolean }>()
      return `status ${m.market}`
    },
    events: {
      price: z.object({ symbol: z.string(), price: z.string().transform(Number) }),
      status: z.object({ market: z.string(), isOpen: z.boolean() }),
    },
    subscribe: (c) => c.user.canRead(c.params.market),
    on: {
      price: async (c, data) => {
        same<typeof data, { symbol: string; price: number }>()
        if (data.price < 0) await c.remove(`prices/${c.params.market}`, data.symbol)
        return { ...data, by: c.user.name }
      },
    },
  })
  .channel('cursors', {
    delivery: 'latest',
    public: true,
    key: (event, m) => {
      same<typeof event, undefined>()
      same<typeof m, unknown>()
      return String(m)
    },
  })
  .channel(news)
  .call('echo', {}, (c, input) => {
    same<typeof input, unknown>()
    same<typeof c.kind, 'call'>()
    same<typeof c.user, User>()
    return input
  })
  .call(
    'users.rename',
    {
      input: z.object({ name: z.string().transform((name) => name.length) }),
      output: z.object({ id: z.number().transform(String) }),
    },
    (c, input) => {
      same<typeof input, { name: number }>()
      same<typeof c.connection.user, string>()
      same<typeof c.callId, string | undefined>()
      return { id: input.name }
    },
  )
  .call('time', { idempotent: true }, async () => ({ now: 7 as number }))
  .get('/rooms/{room}', async (c) => {
    same<typeof c.connection, undefined>()
    const position = await c.position(`rooms/${c.params.room}`)
    same<typeof position, ChannelPosition>()
    await c.position('rooms/{room}', c.params)
    const loaded = await c.withPosition('rooms/{room}', { room: 7 }, async () => ({ cards: [1] }))
    same<typeof loaded, Positioned<{ cards: number[] }>>()
    same<typeof loaded.position, ChannelPosition>()
    await c.withPosition('raw/log', () => 1, { maxLoads: 1 })
    const name: string = c.params.room
    await c.position(name)
    await c.publish('raw/log', { room: c.params.room })
    const members = await c.channels.presence('rooms/1')
    same<typeof members, readonly ChannelMember[]>()
    return { position }
  })

type Types = NonNullable<(typeof app)['~types']>
type Room = Types['channels']['rooms/{room}']

same<Room['pattern'], 'rooms/{room}'>()
same<Room['delivery'], 'replay'>()
same<Room['events']['message']['input'], { text: string; at: string }>()
same<Room['events']['message']['output'], { from: string; text: string; at: number }>()
same<Room['events']['typing']['input'], { on: boolean }>()
same<Room['events']['typing']['output'], { on: boolean }>()
same<Room['events']['edited']['input'], never>()
same<Room['events']['edited']['output'], { id: string }>()
same<Room['events']['ping']['output'], { n: number }>()
same<Types['channels']['raw/{name}']['events'], undefined>()
same<Types['channels']['prices/{market}']['delivery'], 'latest'>()
same<Types['channels']['prices/{market}']['events']['price']['input'], { symbol: string; price: string }>()
same<
  Types['channels']['prices/{market}']['events']['price']['output'],
  { by: string; symbol: string; price: number }
>()
same<Types['channels']['prices/{market}']['events']['status']['input'], never>()
same<Types['channels']['cursors']['events'], undefined>()
same<Types['channels']['news/{topic:[a-z]{2,}}']['delivery'], 'live'>()
same<Types['channels']['news/{topic:[a-z]{2,}}']['events']['headline']['output'], { text: string }>()
same<Types['calls']['echo']['input'], unknown>()
same<Types['calls']['users.rename']['input'], { name: string }>()
same<Types['calls']['users.rename']['output'], { id: string }>()
same<Types['calls']['time']['output'], { now: number }>()

/** The server publishes what subscribers get, to names that a pattern may match. */
export async function publish(room: string): Promise<void> {
  const { channels } = app
  await channels.publish('rooms/42', 'message', { text: 'x', at: 1, from: 'server' })
  await channels.publish(`rooms/${room}`, 'edited', { id: 'x' }, { except: 'connection' })
  await channels.publish('raw/x', [1, 2, 3])
  await channels.publish('raw/x', undefined, [1, 2, 3], { id: 'key' })
  await channels.publish('news/ab', 'headline', { text: 'x' })
  const name: string = room
  await channels.publish(name, 'whatever', 1)
  const { messages } = await channels.history('rooms/42', { limit: 10, reverse: true })
  same<(typeof messages)[number]['event'], string | undefined>()
  await channels.publish('prices/eu', 'status', { market: 'eu', isOpen: true })
  await channels.remove('prices/eu', 'ABC', { id: 'once' })
  await channels.remove(name, 'ABC')
  const { values, position } = await channels.values(`prices/${room}`)
  same<typeof values, ReadonlyMap<string, ChannelMessage>>()
  same<typeof position, ChannelPosition>()
}

/** Positions, by name or by pattern and values. */
export async function positions(room: string): Promise<void> {
  const { channels } = app
  same<Awaited<ReturnType<typeof app.position>>, ChannelPosition>()
  await app.position('rooms/42')
  await app.position(`rooms/${room}`)
  await app.position('rooms/{room}', { room })
  await channels.position('raw/{name}', { name: 1 })
  const loaded = await channels.withPosition('rooms/{room}', { room }, () => 'text')
  same<typeof loaded, Positioned<string>>()
  const name: string = room
  await app.position(name)
  await channels.withPosition('raw/x', () => Promise.resolve(7))
}
const quotes = defineChannel('quotes', {
  delivery: 'latest',
  public: true,
  events: { quote: z.object({ id: z.string() }) },
  key: (_event, { id }) => id,
})
same<typeof quotes.pattern, string>()

const admin = new GoWeb()
  .channel('log/{file...}', { delivery: 'live', public: true })
  .call('restart', { input: z.object({ hard: z.boolean() }) }, () => true)
const whole = new GoWeb()
  .mount('/admin/v1', admin)
  .mount('/', new GoWeb().channel('lobby', { delivery: 'live' }))
type WholeTypes = NonNullable<(typeof whole)['~types']>
same<keyof WholeTypes['channels'], 'admin/v1/log/{file...}' | 'lobby'>()
same<WholeTypes['channels']['admin/v1/log/{file...}']['pattern'], 'admin/v1/log/{file...}'>()
same<WholeTypes['calls']['admin.v1.restart']['input'], { hard: boolean }>()

/** An app with channels is an app. */
export const general: GoWeb = app

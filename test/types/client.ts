import {
  ClientError,
  connect,
  type Client,
  type ClientErrorCode,
  type ClientInfo,
  type ConnectionState,
  type Gap,
  type HistoryPage,
  type LatestSubscription,
  type Publication,
  type StreamPosition,
  type Subscription,
  type WebSocketConstructor,
} from 'goweb/client'
import { WebSocket as WebSocketOfPackage } from 'ws'
import type { app } from './channels.ts'
import { same } from './equal.ts'

type App = typeof app

/** The client of the app in channels.ts. */
export const client: Client<App> = connect<App>('/', {
  getToken: async () => (await fetch('/token')).text(),
  data: { device: 1 },
  onError: (error) => void error,
})
/** Connections may be opened by the platform's WebSocket, by the package's, and by what extends them. */
export const constructors: readonly WebSocketConstructor[] = [
  WebSocket,
  WebSocketOfPackage,
  class extends WebSocketOfPackage {
    constructor(url: string) {
      super(url, { maxPayload: 1_000 })
    }
  },
]
client.on('state', ({ state, code, reason }) => {
  same<typeof state, ConnectionState>()
  same<typeof code, number>()
  same<typeof reason, string>()
})
same<typeof client.state, 'connecting' | 'connected' | 'disconnected'>()

/** Events and their data are those of the channel. */
export const room = client.channel(
  'rooms/{room}',
  { room: '42' },
  {
    onGap: (gap) => same<typeof gap, Gap>(),
    since: { offset: 1, epoch: 'e' },
  },
)
export const off: () => void = room.on('message', (message, publication) => {
  same<typeof message, { from: string; text: string; at: number }>()
  same<typeof publication, Publication>()
})
room.on('edited', async ({ id }) => same<typeof id, string>())
room.on((data) => {
  same<
    typeof data,
    { on: boolean } | { id: string } | { n: number } | { from: string; text: string; at: number }
  >()
})
export const sent: Promise<void> = room.publish('message', { text: 'hi', at: '7' })
void room.publish('typing', { on: true })
room.onPresence('join', (info) => same<typeof info, ClientInfo>())
export const members: Promise<ClientInfo[]> = room.presence()
export const count: Promise<{ clients: number; users: number }> = room.presenceStats()
export const page: Promise<HistoryPage> = room.history({ limit: 10, reverse: true })
/** Data of the history is that of the events. */
export const texts: Promise<string[]> = room
  .history()
  .then(({ publications }) => publications.map(({ data }) => ('text' in data ? data.text : '')))
same<typeof room.position, StreamPosition | undefined>()

/** Channels without events carry anything; those that promise less need no `onGap`. */
export const raw: Subscription = client.channel('raw/{name}', { name: 7 }, { onGap() {} })
raw.on((data) => same<typeof data, unknown>())
void raw.publish({ anything: [1] })
const news = client.channel('news/{topic:[a-z]{2,}}', { topic: 'ab' })
news.on('headline', ({ text }) => same<typeof text, string>())

/** Latest channels have values by key. */
const prices = client.channel('prices/{market}', { market: 'eu' })
prices.on('price', (price, { key }) => {
  same<typeof price, { by: string; symbol: string; price: number }>()
  same<typeof key, string | undefined>()
})
prices.onRemoved((key) => same<typeof key, string>())
same<
  ReturnType<typeof prices.values>,
  ReadonlyMap<string, { by: string; symbol: string; price: number } | { market: string; isOpen: boolean }>
>()
void prices.publish('price', { symbol: 'ABC', price: '7' })
export const cursors: LatestSubscription = client.channel('cursors')
same<ReturnType<typeof cursors.values>, ReadonlyMap<string, unknown>>()

/** Calls have the input and output of their schemas. */
export const renamed: Promise<{ id: string }> = client.call('users.rename', { name: 'Ada' })
export const time: Promise<{ now: number }> = client.call('time')
export const echoed: Promise<unknown> = client.call(
  'echo',
  { any: 1 },
  { timeoutMs: 500, isIdempotent: true },
)
void client.call('echo', undefined, { signal: AbortSignal.timeout(1) })

/** An app that is not known may have anything. */
const unknown = connect('wss://example.com/')
export const other: Subscription = unknown.channel(
  'rooms/{room}',
  { room: 1 },
  { onGap: ({ position }) => void position },
)
void unknown.channel('news')
void unknown.call('sum', [1, 2])

/** Errors tell what happened. */
export function explain(error: unknown): string {
  if (!(error instanceof ClientError)) return ''
  same<typeof error.code, ClientErrorCode>()
  const issues = error.server?.issues?.map(({ pointer, detail }) => `${pointer}: ${detail}`)
  return `${error.code} ${error.server?.code} ${error.server?.name} ${issues?.join()}`
}

import { CHANNEL, CHANNEL_SERVER } from './channel-rows.ts'
import { loadRow, type LoadRow } from './load-row.ts'
import type { Row } from './row.ts'

const ECHO = { connections: 100, size: 32 }
const ROOM = { connections: 100, size: 64, verified: 16, path: '/topic' }
/** `ws` is on Node: on Bun it is another name for Bun's own sockets. */
const MESSAGES = { unit: 'messages/s', peers: ['goweb-bun', 'ws', 'bun', 'goweb'] } as const
const DELIVERIES = { ...MESSAGES, unit: 'deliveries/s', mode: 'topic' } as const

/** What the servers of the other rows do on Bun: GoWeb on Bun against what is usual there, and against itself on Node. */
export const BUN_ROWS: readonly Row[] = [
  bunRow({
    id: 'bun-http',
    title: 'On Bun: GET /hello/{name}, answered with JSON: 64 connections that stay open',
    unit: 'requests/s',
    mode: 'http',
    options: { connections: 64, path: '/hello' },
    peers: ['goweb-bun', 'bun', 'elysia', 'hono-bun', 'goweb'],
    goals: [{ peer: 'bun', factor: 0.95 }],
  }),
  bunRow({
    ...MESSAGES,
    id: 'bun-echo',
    title: 'On Bun: echo: 100 connections, 32 B text, one in flight',
    mode: 'echo',
    options: { ...ECHO, path: '/echo' },
    goals: [{ peer: 'ws', factor: 1.5 }],
  }),
  bunRow({
    ...MESSAGES,
    id: 'bun-echo-async',
    title: 'On Bun: the same with a handler that awaits first',
    mode: 'echo',
    options: { ...ECHO, path: '/echo-async' },
    goals: [{ peer: 'ws', factor: 1.3 }],
  }),
  bunRow({
    ...MESSAGES,
    id: 'bun-echo-16',
    title: 'On Bun: echo, 16 in flight, arriving in one write',
    mode: 'echo',
    options: { ...ECHO, path: '/echo', 'in-flight': 16 },
    goals: [{ peer: 'ws', factor: 12 }],
  }),
  bunRow({
    ...MESSAGES,
    id: 'bun-large',
    title: 'On Bun: echo of 64 KiB binary: 100 connections, one in flight',
    mode: 'echo',
    options: { connections: 100, size: 65_536, binary: true, verified: 8, path: '/echo' },
    goals: [{ peer: 'ws', factor: 1 }],
  }),
  bunRow({
    ...DELIVERIES,
    id: 'bun-fanout',
    title: 'On Bun: topic fan-out: one publisher, 500 subscribers, 64 B, 16 in flight',
    options: { connections: 500, size: 64, 'in-flight': 16, path: '/topic', 'publisher-path': '/publish' },
    goals: [{ peer: 'ws', factor: 12 }],
  }),
  bunRow({
    ...DELIVERIES,
    id: 'bun-room',
    title: 'On Bun: room: 100 connections, each publishes and all receive, 64 B, one in flight each',
    options: ROOM,
    goals: [{ peer: 'ws', factor: 12 }],
  }),
  bunRow({
    ...DELIVERIES,
    id: 'bun-channels-room',
    title:
      'On Bun: room on a replay channel: 100 connections, each publishes and all receive, 64 B, one in flight each',
    options: ROOM,
    peers: ['goweb-bun', 'goweb-bun-topics', 'ws'],
    servers: { 'goweb-bun': CHANNEL_SERVER },
    peerOptions: { 'goweb-bun': CHANNEL },
    goals: [{ peer: 'goweb-bun-topics', factor: 0.4 }],
  }),
]

function bunRow(row: Omit<LoadRow, 'group' | 'own'>): Row {
  return loadRow({ ...row, group: 'bun', own: 'goweb-bun' })
}

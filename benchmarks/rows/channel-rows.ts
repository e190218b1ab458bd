import type { GeneratorOptions } from '../generator/run-generator.ts'
import { loadRow, type LoadRow } from './load-row.ts'
import type { Row } from './row.ts'

const TOPIC = { path: '/topic' }
/** The generator as a client of the protocol of channels. */
export const CHANNEL: GeneratorOptions = { channel: 'bench', path: '/connection/websocket' }
/** The server of GoWeb in rows of channels. */
export const CHANNEL_SERVER = { file: 'goweb-channels.ts' }

const NOTES: readonly string[] = [
  'GoWeb: a `replay` channel in the JSON protocol, 10,000 publications kept in memory. A publish is done when its sender has the server’s answer that it is stored, and every subscriber has it.',
  'The others keep nothing and answer nothing: messages go to who is connected at the moment.',
]

const COMMON: Pick<LoadRow, 'group' | 'unit' | 'mode' | 'peers' | 'servers'> = {
  group: 'channels',
  unit: 'deliveries/s',
  mode: 'topic',
  peers: ['goweb', 'goweb-topics', 'ws', 'socket.io'],
  servers: { goweb: CHANNEL_SERVER },
}

/** Rows of channels that lose nothing, beside what loses. */
export const CHANNEL_ROWS: readonly Row[] = [
  loadRow({
    ...COMMON,
    id: 'channels-room',
    title:
      'Room on a replay channel: 100 connections, each publishes and all receive, 64 B, one in flight each',
    options: { connections: 100, size: 64, verified: 16, ...TOPIC },
    peerOptions: { goweb: CHANNEL },
    goals: [
      { peer: 'goweb-topics', factor: 0.4 },
      { peer: 'socket.io', factor: 10 },
    ],
    notes: NOTES,
  }),
  loadRow({
    ...COMMON,
    id: 'channels-fanout',
    title: 'Fan-out on a replay channel: one publisher, 500 subscribers, 64 B, 16 in flight',
    options: { connections: 500, size: 64, 'in-flight': 16, ...TOPIC, 'publisher-path': '/publish' },
    peerOptions: { goweb: { ...CHANNEL, 'publisher-path': CHANNEL['path'] } },
    notes: [
      ...NOTES,
      'Who publishes on a channel is subscribed to it: a 501st delivery of each message, which is not counted.',
    ],
  }),
]

import { loadRow } from './load-row.ts'
import type { Row } from './row.ts'

const ECHO = { connections: 100, size: 32 }

/** Rows of echo, topics and rooms. */
export const WEB_SOCKET_ROWS: readonly Row[] = [
  loadRow({
    id: 'echo',
    group: 'echo',
    title: 'Echo: 100 connections, 32 B text, one in flight',
    unit: 'messages/s',
    mode: 'echo',
    options: { ...ECHO, path: '/echo' },
    peers: ['goweb', 'ws', 'gorilla', 'bun', 'uws'],
    goals: [
      { peer: 'ws', factor: 1.2 },
      { peer: 'gorilla', factor: 1 },
    ],
  }),
  loadRow({
    id: 'echo-async',
    group: 'echo',
    title: 'The same with a handler that awaits first',
    unit: 'messages/s',
    mode: 'echo',
    options: { ...ECHO, path: '/echo-async' },
    peers: ['goweb', 'ws', 'bun'],
    goals: [{ peer: 'ws', factor: 1.1 }],
  }),
  loadRow({
    id: 'echo-16',
    group: 'echo',
    title: 'Echo, 16 in flight, arriving in one write',
    unit: 'messages/s',
    mode: 'echo',
    options: { ...ECHO, path: '/echo', 'in-flight': 16 },
    peers: ['goweb', 'ws', 'ws-corked', 'gorilla', 'bun', 'uws'],
    goals: [{ peer: 'ws', factor: 12 }],
  }),
  loadRow({
    id: 'large',
    group: 'large',
    title: 'Echo of 64 KiB binary: 100 connections, one in flight',
    unit: 'messages/s',
    mode: 'echo',
    options: { connections: 100, size: 65_536, binary: true, verified: 8, path: '/echo' },
    peers: ['goweb', 'ws', 'gorilla', 'bun', 'uws'],
    goals: [{ peer: 'ws', factor: 1 }],
  }),
  loadRow({
    id: 'fanout',
    group: 'fanout',
    title: 'Topic fan-out: one publisher, 500 subscribers, 64 B, 16 in flight',
    unit: 'deliveries/s',
    mode: 'topic',
    options: { connections: 500, size: 64, 'in-flight': 16, path: '/topic', 'publisher-path': '/publish' },
    rounds: 30,
    notes: [
      'GoWeb sends each subscriber its 16 messages in one write, and most of its time is the kernel’s part of these: the figures follow what a write costs on the machine.',
    ],
    peers: ['goweb', 'ws', 'socket.io', 'gorilla', 'bun', 'uws'],
    goals: [
      { peer: 'ws', factor: 18 },
      { peer: 'socket.io', factor: 20 },
    ],
  }),
  loadRow({
    id: 'room',
    group: 'room',
    title: 'Room: 100 connections, each publishes and all receive, 64 B, one in flight each',
    unit: 'deliveries/s',
    mode: 'topic',
    options: { connections: 100, size: 64, verified: 16, path: '/topic' },
    peers: ['goweb', 'ws', 'socket.io', 'gorilla', 'bun', 'uws'],
    goals: [{ peer: 'ws', factor: 25 }],
  }),
]

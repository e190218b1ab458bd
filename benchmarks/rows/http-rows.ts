import { loadRow } from './load-row.ts'
import type { Row } from './row.ts'

/** Rows of plain HTTP. */
export const HTTP_ROWS: readonly Row[] = [
  loadRow({
    id: 'http',
    group: 'http',
    title: 'GET /hello/{name}, answered with JSON: 64 connections that stay open',
    unit: 'requests/s',
    mode: 'http',
    options: { connections: 64, path: '/hello' },
    rounds: 30,
    notes: [
      'GoWeb sets the option `optimizeEmptyRequests` of node:http, which a bare server has to ask for: no stream is made for a body that does not come.',
    ],
    peers: ['goweb', 'node:http', 'fastify', 'hono', 'gorilla', 'bun'],
    goals: [
      { peer: 'node:http', factor: 0.95 },
      { peer: 'fastify', factor: 1 },
      { peer: 'hono', factor: 1 },
    ],
  }),
]

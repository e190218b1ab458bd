import { loadRow, type LoadRow } from './load-row.ts'
import type { Row } from './row.ts'

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
]

function bunRow(row: Omit<LoadRow, 'group' | 'own'>): Row {
  return loadRow({ ...row, group: 'bun', own: 'goweb-bun' })
}

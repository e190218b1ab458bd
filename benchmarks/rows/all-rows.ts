import { BUN_ROWS } from './bun-rows.ts'
import { CHANNEL_ROWS } from './channel-rows.ts'
import { COMPRESS_ROW } from './compress-row.ts'
import { DURABLE_ROW } from './durable-row.ts'
import { HTTP_ROWS } from './http-rows.ts'
import { JITTER_ROW } from './jitter-row.ts'
import { LATENCY_ROW } from './latency-row.ts'
import { MEMORY_ROWS } from './memory-row.ts'
import { ROLLING_ROW } from './rolling-row.ts'
import { ROUTER_ROW } from './router-row.ts'
import { GROUPS, type Row } from './row.ts'
import { SOAK_ROW } from './soak-row.ts'
import { STORM_ROW } from './storm-row.ts'
import { WEB_SOCKET_ROWS } from './web-socket-rows.ts'

/** Every row, in the order of the table. */
export const ALL_ROWS: readonly Row[] = [
  ...WEB_SOCKET_ROWS,
  COMPRESS_ROW,
  ...CHANNEL_ROWS,
  DURABLE_ROW,
  JITTER_ROW,
  ROLLING_ROW,
  STORM_ROW,
  LATENCY_ROW,
  ...HTTP_ROWS,
  ROUTER_ROW,
  ...MEMORY_ROWS,
  SOAK_ROW,
  ...BUN_ROWS,
].toSorted((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group))

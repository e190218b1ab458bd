import { COMPRESS_ROW } from './compress-row.ts'
import { HTTP_ROWS } from './http-rows.ts'
import { LATENCY_ROW } from './latency-row.ts'
import { MEMORY_ROW } from './memory-row.ts'
import { ROUTER_ROW } from './router-row.ts'
import { GROUPS, type Row } from './row.ts'
import { SOAK_ROW } from './soak-row.ts'
import { WEB_SOCKET_ROWS } from './web-socket-rows.ts'

/** Every row, in the order of the table. */
export const ALL_ROWS: readonly Row[] = [
  ...WEB_SOCKET_ROWS,
  COMPRESS_ROW,
  LATENCY_ROW,
  ...HTTP_ROWS,
  ROUTER_ROW,
  MEMORY_ROW,
  SOAK_ROW,
].toSorted((a, b) => GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group))

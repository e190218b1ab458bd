import type { RowResult } from '../report/row-result.ts'
import type { Bench } from './bench.ts'

/** Groups of rows, in the order of the table; `--only` names them. */
export const GROUPS = [
  'echo',
  'large',
  'compress',
  'fanout',
  'room',
  'channels',
  'durable',
  'jitter',
  'rolling',
  'storm',
  'latency',
  'http',
  'router',
  'memory',
  'soak',
  'bun',
] as const

/** A group of rows. */
export type Group = (typeof GROUPS)[number]

/** Something to measure. */
export interface Row {
  readonly group: Group
  /** What is measured, for those who wait. */
  readonly title: string
  /** Measures it; several results when one measurement has several sides. */
  run(bench: Bench): Promise<RowResult[]>
}

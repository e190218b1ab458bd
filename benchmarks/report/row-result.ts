/** What one server, or one library, reached in one row. */
export interface Entry {
  /** Key of a peer, see `peers/peers.ts`. */
  readonly peer: string
  readonly title: string
  /** One figure per round. */
  readonly rounds: readonly number[]
  readonly median: number
  /** The server's processor time in cores, median of the rounds; where a server was loaded. */
  readonly serverCpu?: number
  readonly generatorCpu?: number
}

/** How GoWeb is to compare with a peer. */
export interface Goal {
  readonly peer: string
  /** The peer's figure is beaten this many times: 1.2 is 20 % better. */
  readonly factor: number
}

/** One row of the table: the same work done by GoWeb and its peers. */
export interface RowResult {
  readonly id: string
  /** What `--only` names. */
  readonly group: string
  readonly title: string
  readonly unit: string
  readonly isLowerBetter: boolean
  /** Whether a server that was not busy all the time makes the figures worth little. */
  readonly needsSaturation: boolean
  /** GoWeb's first. */
  readonly entries: readonly Entry[]
  readonly goals: readonly Goal[]
  /** A limit for GoWeb's own figure. */
  readonly limit?: number
  /** Further facts, and what was left out. */
  readonly notes: readonly string[]
  /** Checks that failed; none, if all is well. */
  readonly failures: readonly string[]
  /** ISO 8601. */
  readonly measuredAt: string
}

const SATURATED = 0.9

/** Whether the figure is the generator's, or the machine's, rather than the server's. */
export function isUnsaturated(row: RowResult, entry: Entry): boolean {
  return row.needsSaturation && entry.serverCpu !== undefined && entry.serverCpu < SATURATED
}

/** What a second of the server's processor time does: still of some worth where something else was the limit. */
export function perCpuSecond({ median, serverCpu = Number.NaN }: Entry): number {
  return median / serverCpu
}

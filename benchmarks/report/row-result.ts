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
  /** Which entry is GoWeb's and is compared with the others. Default: `goweb`. */
  readonly own?: string
  /** GoWeb's first. */
  readonly entries: readonly Entry[]
  readonly goals: readonly Goal[]
  /** A limit for GoWeb's own figure. */
  readonly limit?: number
  /** What GoWeb's own figure has to reach. */
  readonly least?: number
  /** Further facts, and what was left out. */
  readonly notes: readonly string[]
  /** Checks that failed; none, if all is well. */
  readonly failures: readonly string[]
  /** ISO 8601. */
  readonly measuredAt: string
}

const SATURATED = 0.9

/** What kept a server from doing more. */
export type Limit = 'server' | 'generator' | 'machine'

/**
 * What the figure is of: the server, or, where that was not busy all the time, the generator or the machine.
 *
 * Always the server in rows in which that does not matter, or where its processor time is not known.
 */
export function limitOf(row: RowResult, { serverCpu, generatorCpu }: Entry): Limit {
  if (!row.needsSaturation || serverCpu === undefined || serverCpu >= SATURATED) return 'server'
  return generatorCpu !== undefined && generatorCpu >= SATURATED ? 'generator' : 'machine'
}

/** How a figure is marked that is not the server's, and what the mark means. */
export const LIMIT_MARKS: Readonly<Record<Limit, { readonly mark: string; readonly meaning: string }>> = {
  server: { mark: '', meaning: '' },
  generator: {
    mark: '†',
    meaning: 'The generator was busy, the server was not: it may be faster than this.',
  },
  machine: { mark: '‡', meaning: 'Neither the server nor the generator was busy all the time.' },
}

/** The marks that a row has, each with what it means. */
export function explainMarks(row: RowResult): string[] {
  const limits = new Set(row.entries.map((entry) => limitOf(row, entry)))
  return [...limits].flatMap((limit) => {
    const { mark, meaning } = LIMIT_MARKS[limit]
    return mark === '' ? [] : [`${mark} ${meaning}`]
  })
}

/** What a second of the server's processor time does: still of some worth where something else was the limit. */
export function perCpuSecond({ median, serverCpu = Number.NaN }: Entry): number {
  return median / serverCpu
}

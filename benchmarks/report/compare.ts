import { formatFactor, formatFigure } from './format.ts'
import type { Entry, RowResult } from './row-result.ts'
import { medianRatio } from './statistics.ts'

/** How GoWeb and a peer compare in a row. */
export interface Comparison {
  readonly peer: string
  readonly title: string
  /** Above 1 GoWeb is better, whether more or less is. */
  readonly factor: number
}

/** What GoWeb can do besides, and is measured against where that is the simpler way: not another setting of the same. */
const YARDSTICKS: ReadonlySet<string> = new Set(['goweb-topics', 'goweb-bun-topics'])

/** GoWeb's entry of a row, in its variant without settings; undefined when it was not measured. */
export function ownEntry({ entries, own = 'goweb' }: RowResult): Entry | undefined {
  return entries.find(({ peer }) => peer === own)
}

/** GoWeb, in its variant without settings, against every other of the row. Empty when GoWeb was not measured. */
export function compareRow(row: RowResult): Comparison[] {
  const own = ownEntry(row)
  if (own === undefined) return []
  // GoWeb on Node is another to GoWeb on Bun.
  const others = row.entries.filter((entry) =>
    isOwn(entry) ? entry !== own && (YARDSTICKS.has(entry.peer) || entry.peer === 'goweb') : true,
  )
  return others.map((other) => {
    const [better, worse] = row.isLowerBetter ? [other.rounds, own.rounds] : [own.rounds, other.rounds]
    return { peer: other.peer, title: other.title, factor: medianRatio(better, worse) }
  })
}

/** Whether an entry is GoWeb, with whatever settings. */
export function isOwn(entry: Pick<Entry, 'peer'>): boolean {
  return entry.peer === 'goweb' || entry.peer.startsWith('goweb-')
}

/** The goals that GoWeb missed in the row, one sentence each. */
export function missedGoals(row: RowResult): string[] {
  const comparisons = compareRow(row)
  const missed = row.goals.flatMap(({ peer, factor }) => {
    const reached = comparisons.find((comparison) => comparison.peer === peer)
    if (reached === undefined || reached.factor >= factor) return []
    return [`${row.title}: ${formatFactor(reached.factor)} ${reached.title}, the goal is ${factor}x`]
  })
  const own = ownEntry(row)
  if (row.limit !== undefined && own !== undefined && own.median > row.limit) {
    missed.push(
      `${row.title}: ${formatFigure(own.median)} ${row.unit}, the goal is at most ${formatFigure(row.limit)}`,
    )
  }
  if (row.least !== undefined && own !== undefined && own.median < row.least) {
    missed.push(
      `${row.title}: ${formatFigure(own.median)} ${row.unit}, the goal is at least ${formatFigure(row.least)}`,
    )
  }
  return missed
}

/** The middle of the figures; the mean of the two middle ones when their number is even. Throws for none. */
export function median(figures: readonly number[]): number {
  if (figures.length === 0) throw new Error('median: expected at least one figure')
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/**
 * How many times as fast one is as another: the median of the ratios of each round.
 *
 * The two ran one after the other in each round, so what disturbs the machine for longer than that cancels out.
 */
export function medianRatio(figures: readonly number[], others: readonly number[]): number {
  if (figures.length !== others.length) throw new Error('medianRatio: expected as many rounds of both')
  return median(figures.map((figure, round) => figure / others[round]!))
}

/** The figure that a share of the figures does not exceed, such as 0.99 of them; NaN for none. */
export function quantile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}

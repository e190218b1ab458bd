/** Three digits that count, or more where the figure is whole. */
export function formatFigure(figure: number): string {
  if (figure >= 100) return Math.round(figure).toLocaleString('en')
  return figure.toPrecision(3)
}

/** How many times as good, such as `1.25x`. */
export function formatFactor(factor: number): string {
  return `${factor >= 10 ? factor.toFixed(1) : factor.toFixed(2)}x`
}

/** A share of one core in per cent; empty for what was not measured. */
export function formatCpu(share: number | undefined): string {
  return share === undefined ? '' : `${Math.round(share * 100)} %`
}

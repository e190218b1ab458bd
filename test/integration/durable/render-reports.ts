import { findBroken, type FaultReport } from './run-fault.ts'

type Column = readonly [name: string, value: (report: FaultReport) => number | string]

const COLUMNS: readonly Column[] = [
  ['fault', ({ fault }) => fault.title],
  ['times', ({ options }) => options.times],
  ['seconds', ({ seconds }) => Math.round(seconds)],
  ['held back', ({ figures }) => figures.heldBack],
  ['published', ({ figures }) => figures.published],
  ['acknowledged', ({ figures }) => figures.acknowledged],
  ['waited at a cut', ({ figures }) => figures.interrupted],
  ['unknown, stored', ({ figures }) => figures.unknownStored],
  ['unknown, not stored', ({ figures }) => figures.unknownNotStored],
  ['deliveries', ({ figures }) => figures.delivered],
  ['lost', ({ figures }) => figures.lost + figures.notStored],
  ['doubled', ({ figures }) => figures.doubled],
  ['disordered', ({ figures }) => figures.disordered + figures.invented],
  ['overtaken', ({ figures }) => figures.overtaken],
  ['gaps', ({ figures }) => figures.gaps],
  ['', (report) => (findBroken(report).length === 0 ? 'ok' : 'BROKEN')],
]

/** The reports as a table for a terminal, a column for each. */
export function renderReports(reports: readonly FaultReport[]): string {
  const cells = COLUMNS.map(([name, value]) => [name, ...reports.map((report) => format(value(report)))])
  const widths = [0, ...reports.map((_, index) => index + 1)].map((column) =>
    Math.max(...cells.map((line) => line[column]!.length)),
  )
  return cells
    .map((line) =>
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function format(value: number | string): string {
  return typeof value === 'string' ? value : value.toLocaleString('en')
}

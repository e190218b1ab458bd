import { compareRow, ownEntry } from './compare.ts'
import { formatCpu, formatFactor, formatFigure } from './format.ts'
import { explainMarks, LIMIT_MARKS, limitOf, perCpuSecond, type Entry, type RowResult } from './row-result.ts'

const COLUMNS = [
  '',
  'median',
  'rounds from … to',
  'GoWeb is',
  'goal',
  'server CPU',
  'generator CPU',
  'per CPU second',
] as const

/** The results as text for a terminal. */
export function renderTable(rows: readonly RowResult[]): string {
  return rows.map(renderRow).join('\n\n')
}

function renderRow(row: RowResult): string {
  const cells = [COLUMNS as readonly string[], ...row.entries.map((entry) => toCells(row, entry))]
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const lines = cells.map((line) => {
    const padded = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    )
    return `  ${padded.join('  ')}`.trimEnd()
  })
  const remarks = [...explainMarks(row), ...row.notes, ...row.failures.map((failure) => `FAILED: ${failure}`)]
  return [`${row.title} (${row.unit})`, ...lines, ...remarks.map((remark) => `  ${remark}`)].join('\n')
}

function describeLimit({ limit, least }: RowResult): string {
  if (limit !== undefined) return `<= ${formatFigure(limit)}`
  return least === undefined ? '' : `>= ${formatFigure(least)}`
}

function toCells(row: RowResult, entry: Entry): string[] {
  const factor = compareRow(row).find(({ peer }) => peer === entry.peer)?.factor
  const goal = row.goals.find(({ peer }) => peer === entry.peer)?.factor
  const limit = entry === ownEntry(row) ? describeLimit(row) : ''
  return [
    entry.title,
    formatFigure(entry.median),
    `${formatFigure(Math.min(...entry.rounds))} … ${formatFigure(Math.max(...entry.rounds))}`,
    factor === undefined ? '' : formatFactor(factor),
    goal === undefined ? limit : `>= ${goal}x`,
    formatCpu(entry.serverCpu) + LIMIT_MARKS[limitOf(row, entry)].mark,
    formatCpu(entry.generatorCpu),
    row.needsSaturation ? formatFigure(perCpuSecond(entry)) : '',
  ]
}

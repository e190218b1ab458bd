import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BENCHMARKS } from '../peers/folders.ts'
import { renderBarChart } from './bar-chart.ts'
import { isOwn } from './compare.ts'
import { formatFigure } from './format.ts'
import type { Machine } from './machine.ts'
import { hasChart, renderResultsPage, type Results, type StoredRow } from './results-page.ts'
import type { RowResult } from './row-result.ts'

const RESULTS = join(BENCHMARKS, 'results.json')
const PAGE = join(BENCHMARKS, 'RESULTS.md')
const CHARTS = join(BENCHMARKS, 'charts')

/** Puts measured rows into the stored results, and writes the page and its charts anew. */
export function writeResults(machine: Machine, rows: readonly RowResult[]): void {
  const commit = machine.commit + (machine.hasChanges ? ' with changes' : '')
  const measured = rows.map((row): StoredRow => ({ ...row, commit }))
  const results: Results = { machine, rows: mergeRows(readRows(machine), measured) }
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
  writeFileSync(PAGE, renderResultsPage(results))

  mkdirSync(CHARTS, { recursive: true })
  for (const name of readdirSync(CHARTS)) if (name.endsWith('.svg')) rmSync(join(CHARTS, name))
  for (const row of results.rows.filter(hasChart)) writeFileSync(join(CHARTS, `${row.id}.svg`), chartOf(row))
}

/** Earlier rows, with those that were measured again in their places and new groups at the end. */
export function mergeRows(stored: readonly StoredRow[], measured: readonly StoredRow[]): StoredRow[] {
  const groups = new Set(measured.map(({ group }) => group))
  const kept = stored.filter(({ group }) => !groups.has(group))
  const order = [...new Set([...stored, ...measured].map(({ group }) => group))]
  return [...kept, ...measured].toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group))
}

/** The stored rows, if they are of such a machine: figures of two machines do not stand side by side. */
function readRows(machine: Machine): readonly StoredRow[] {
  if (!existsSync(RESULTS)) return []
  const stored = JSON.parse(readFileSync(RESULTS, 'utf8')) as Results
  const isSame = stored.machine.processor === machine.processor && stored.machine.node === machine.node
  return isSame ? stored.rows : []
}

function chartOf(row: RowResult): string {
  return renderBarChart({
    title: row.title,
    subtitle: `${row.unit}, ${row.isLowerBetter ? 'less' : 'more'} is better`,
    bars: row.entries.map((entry) => ({
      label: entry.title,
      value: entry.median,
      text: formatFigure(entry.median),
      isOwn: isOwn(entry),
    })),
  })
}

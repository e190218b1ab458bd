import type { FileRecords, ProcessReport, TestRecord } from './test-record.ts'

/** One line of the report of a process on Node, as JSON. */
export type NodeReportLine =
  /** The records that follow are of this file; with an empty name, every file has ended. */
  | { readonly file: string; readonly atMs: number }
  | TestRecord
  /** The last line: without it, the process ended before its tests did, or something was never closed. */
  | 'end'

/** Reads what `node-reporter.ts` wrote. */
export function parseNodeReport(text: string): ProcessReport {
  // What follows the last line end was cut off when the process was killed.
  const lines = text.split('\n').slice(0, -1)
  const files = new Map<string, FileRecords>()
  let current: { readonly file: string; readonly atMs: number; readonly records: TestRecord[] } | undefined
  for (const line of lines) {
    const entry = JSON.parse(line) as NodeReportLine
    if (entry === 'end') return { files, isComplete: true }
    if ('atMs' in entry) {
      if (current) {
        const seconds = (entry.atMs - current.atMs) / 1000
        files.set(current.file, { records: current.records, hasEnded: true, seconds })
      }
      const records: TestRecord[] = []
      current = { ...entry, records }
      if (entry.file !== '') files.set(entry.file, { records, hasEnded: false, seconds: 0 })
    } else current?.records.push(entry)
  }
  return { files, isComplete: false }
}

/** What became of one test. */
export interface TestRecord {
  /** Names of the groups and of the test, joined by ` > `. */
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** The failure in full, or the reason of the skip. */
  readonly detail: string
}

/** What the report of a process says of one of its files. */
export interface FileRecords {
  readonly records: readonly TestRecord[]
  /** All of its tests have ended. */
  readonly hasEnded: boolean
  readonly seconds: number
}

/** Of a file that the report does not name. */
export const NOT_BEGUN: FileRecords = { records: [], hasEnded: false, seconds: 0 }

/** What the report of a process says. */
export interface ProcessReport {
  /** By path from the repository's root; on Bun, without files that ran no test. */
  readonly files: ReadonlyMap<string, FileRecords>
  /** False when the process ended before its tests did. */
  readonly isComplete: boolean
}

/** What became of one test. */
export interface TestRecord {
  /** Names of the groups and of the test, joined by ` > `. */
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** The failure in full, or the reason of the skip. */
  readonly detail: string
}

/** The last line of a complete report on Node: without it, the process ended before its tests did. */
export const END_OF_REPORT = '"end"'

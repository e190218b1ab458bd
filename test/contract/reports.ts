import assert from 'node:assert/strict'

/** An error that an app reported. */
export interface Report {
  readonly error: unknown
  readonly where: string
}

/** What an app reported; nothing in it may be left over at the end of a case. */
export class Reports {
  readonly #reports: Report[] = []
  #wake: (() => void) | undefined

  /** For the option `report` of an app. */
  readonly add = (error: unknown, where: string): void => {
    this.#reports.push({ error, where })
    this.#wake?.()
  }

  /** Takes the oldest report, waiting for it if need be. */
  async take(): Promise<Report> {
    while (this.#reports.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.#reports.shift() as Report // There is one.
  }

  /** Takes the oldest report, which must be a failure of this code. */
  async takeCode(code: string): Promise<Report> {
    const report = await this.take()
    assert.equal((report.error as { code?: unknown }).code, code, `reported: ${String(report.error)}`)
    return report
  }

  assertEmpty(): void {
    assert.deepEqual(
      this.#reports.map(({ error, where }) => `${where}: ${String(error)}`),
      [],
      'reported without being expected',
    )
  }
}

import type { Job, Lane } from './plan.ts'
import type { Runtime } from './suites.ts'

/** Files that run in one process, one after the other. */
export interface Batch {
  readonly runtime: Runtime
  /** At least one. */
  readonly jobs: readonly Job[]
  readonly runsAlone: boolean
  readonly lane?: Lane
  readonly timeoutSeconds: number
}

/**
 * Puts files together that may share a process: starting one costs more than most files take. Batches of one folder are
 * as even as they can be, and keep the order of the jobs.
 */
export function planBatches(jobs: readonly Job[]): Batch[] {
  const batches: Batch[] = []
  const groups = Map.groupBy(jobs, ({ runtime, sharing }) =>
    sharing ? `${runtime} ${sharing.folder}` : Symbol('own'),
  )
  for (const group of groups.values()) {
    const [first] = group
    if (first === undefined) continue
    const count = Math.ceil(group.length / (first.sharing?.filesPerProcess ?? 1))
    for (let index = 0; index < count; index += 1) {
      const [from, to] = [index, index + 1].map((each) => Math.round((each * group.length) / count))
      batches.push({ ...first, jobs: group.slice(from, to) })
    }
  }
  return batches
}

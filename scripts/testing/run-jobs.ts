import type { Job } from './plan.ts'

/** Options of {@link runJobs}. */
export interface RunJobsOptions {
  /** How many run beside each other. */
  readonly width: number
  readonly run: (job: Job) => Promise<void>
}

/**
 * Runs every job once: first those that others may run beside, in their order as far as their lanes have room, then
 * one by one those that run alone.
 */
export async function runJobs(jobs: readonly Job[], { width, run }: RunJobsOptions): Promise<void> {
  const waiting = jobs.filter((job) => !job.runsAlone)
  const inLane = new Map<string, number>()
  const running = new Set<Promise<void>>()

  const takeNext = (): Job | undefined => {
    const index = waiting.findIndex(({ lane }) => !lane || (inLane.get(lane.folder) ?? 0) < lane.width)
    return index === -1 ? undefined : waiting.splice(index, 1)[0]
  }
  const start = async (job: Job): Promise<void> => {
    const name = job.lane?.folder
    if (name !== undefined) inLane.set(name, (inLane.get(name) ?? 0) + 1)
    await run(job)
    if (name !== undefined) inLane.set(name, (inLane.get(name) ?? 1) - 1)
  }

  for (;;) {
    const job = running.size < width ? takeNext() : undefined
    if (job !== undefined) {
      const ended = start(job).finally(() => running.delete(ended))
      running.add(ended)
    } else if (running.size > 0) await Promise.race(running)
    else break
  }
  for (const job of jobs) if (job.runsAlone) await run(job)
}

import {
  planSchedule,
  runSchedule,
  shrinkSchedule,
  type ScheduleOptions,
  type ScheduleResult,
  type ScheduleStep,
} from '../../../src/testing/schedule.ts'
import { LatestWorld, type LatestCounts, type LatestSabotage } from './latest-world.ts'

const SCHEDULE: ScheduleOptions = {
  operationCount: [50, 70],
  faultCount: [4, 8],
  operations: {
    publish: 20,
    'server publishes': 15,
    burst: 4,
    remove: 8,
    subscribe: 6,
    resubscribe: 4,
    'new client': 2,
  },
  faults: {
    cut: 6,
    silence: 2,
    hold: 4,
    slow: 6,
    crash: 3,
    restart: 1,
    'cut broker': 5,
    forget: 2,
  },
}

/** Plays the schedule of a seed, or only some of its steps. */
export async function playLatest(
  seed: number,
  sabotage?: LatestSabotage,
  steps: readonly ScheduleStep[] = planSchedule(seed, SCHEDULE),
): Promise<ScheduleResult & { readonly counts: LatestCounts }> {
  const world = await LatestWorld.create(seed, sabotage)
  const result = await runSchedule(world, steps)
  return { ...result, counts: world.counts }
}

/** The seed and the shortest timeline that still shows what is wrong. */
export async function describeLatestFailure(seed: number): Promise<string> {
  const steps = await shrinkSchedule(
    planSchedule(seed, SCHEDULE),
    async (fewer) => (await playLatest(seed, undefined, fewer)).violations.length > 0,
  )
  const { timeline } = await playLatest(seed, undefined, steps)
  return `seed ${seed}:\n${timeline.join('\n')}`
}

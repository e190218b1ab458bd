import {
  planSchedule,
  runSchedule,
  shrinkSchedule,
  type ScheduleOptions,
  type ScheduleResult,
  type ScheduleStep,
} from '../../src/testing/schedule.ts'
import { LabWorld, type LabCounts, type LabSabotage } from './lab-world.ts'

/** What happens, and how often. */
export const SCHEDULE: ScheduleOptions = {
  operationCount: [60, 80],
  faultCount: [5, 9],
  operations: {
    publish: 30,
    burst: 2,
    subscribe: 6,
    unsubscribe: 3,
    resubscribe: 3,
    'new client': 3,
    'close client': 1,
    call: 4,
    presence: 1,
    'server publishes': 6,
  },
  faults: {
    cut: 6,
    'cut all': 1,
    silence: 3,
    hold: 3,
    slow: 1,
    late: 1,
    'lose replies': 3,
    'repeat replies': 1,
    crash: 3,
    'lose power': 1,
    restart: 1,
    'cut broker': 3,
    'forget history': 1,
  },
}

const FAULT = new RegExp(`^\\d+(?:\\.\\d+)? ms: (?:${Object.keys(SCHEDULE.faults).join('|')}) `)

/** What became of one schedule. */
export interface PlayedSeed extends ScheduleResult {
  readonly counts: LabCounts
  /** Operations that could be done: some ask for a server or a subscription, and there may be none. */
  readonly operations: number
  readonly faults: number
}

/** Plays the schedule of a seed, or only some of its steps. */
export async function playSeed(
  seed: number,
  sabotage?: LabSabotage,
  steps: readonly ScheduleStep[] = planSchedule(seed, SCHEDULE),
): Promise<PlayedSeed> {
  const world = await LabWorld.create(seed, sabotage)
  const result = await runSchedule(world, steps)
  const isFault = (line: string): boolean => FAULT.test(line)
  const done = result.timeline.length - result.violations.length
  const faults = result.timeline.filter(isFault).length
  return { ...result, counts: world.counts, operations: done - faults, faults }
}

/** The seed and the shortest timeline that still shows what is wrong. */
export async function describeFailure(seed: number, sabotage?: LabSabotage): Promise<string> {
  const steps = await shrinkSchedule(
    planSchedule(seed, SCHEDULE),
    async (fewer) => (await playSeed(seed, sabotage, fewer)).violations.length > 0,
  )
  const { timeline } = await playSeed(seed, sabotage, steps)
  return `seed ${seed}:\n${timeline.join('\n')}`
}

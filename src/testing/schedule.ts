import { SeededRandom } from './seeded-random.ts'
import type { Violation } from './violation.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** One thing to be done, at its time. */
export interface ScheduleStep {
  /** Milliseconds from the begin. */
  readonly atMs: number
  /** Of the action. */
  readonly name: string
  /** Of the action's own chance: it does the same whatever other steps there are. */
  readonly seed: number
}

/** What schedules are made of. */
export interface ScheduleOptions {
  /** Names of operations, and how frequent each is. */
  readonly operations: Readonly<Record<string, number>>
  /** Names of faults, and how frequent each is. */
  readonly faults: Readonly<Record<string, number>>
  /** Fewest and most. Default: 50 to 70. */
  readonly operationCount?: readonly [least: number, most: number]
  /** Fewest and most. Default: 3 to 7. */
  readonly faultCount?: readonly [least: number, most: number]
  /** Default: 20,000. */
  readonly durationMs?: number
}

/** Does one step; what it returns is told in the timeline. */
export type ScheduleAction = (random: SeededRandom) => string | undefined | Promise<string | undefined>

/** Where a schedule is played: made anew for each. */
export interface ScheduleWorld {
  readonly clock: VirtualClock
  readonly actions: Readonly<Record<string, ScheduleAction>>
  /** After the last step. */
  finish(): Promise<readonly Violation[]>
}

/** What a schedule led to. */
export interface ScheduleResult {
  readonly violations: readonly Violation[]
  /** What was done when, a line each. */
  readonly timeline: readonly string[]
}

/** Makes a schedule from a seed: always the same from the same. */
export function planSchedule(seed: number, options: ScheduleOptions): ScheduleStep[] {
  const random = new SeededRandom(seed)
  const { operations, faults, durationMs = 20_000 } = options
  const steps: ScheduleStep[] = []
  const add = (weights: Readonly<Record<string, number>>, [least, most]: readonly [number, number]): void => {
    for (let count = least + random.below(most - least + 1); count > 0; count--) {
      steps.push({
        atMs: Math.floor(random.next() * durationMs),
        name: pickWeighted(weights, random),
        seed: random.below(2 ** 32),
      })
    }
  }
  add(operations, options.operationCount ?? [50, 70])
  add(faults, options.faultCount ?? [3, 7])
  return steps.toSorted((a, b) => a.atMs - b.atMs)
}

/** Plays a schedule. */
export async function runSchedule(
  world: ScheduleWorld,
  steps: readonly ScheduleStep[],
): Promise<ScheduleResult> {
  const { clock, actions } = world
  const beginMs = clock.now()
  const timeline: string[] = []
  for (const { atMs, name, seed } of steps) {
    await clock.advance(Math.max(0, beginMs + atMs - clock.now()))
    const done = await actions[name]?.(new SeededRandom(seed))
    if (done !== undefined) timeline.push(`${clock.now() - beginMs} ms: ${name} ${done}`)
  }
  const violations = await world.finish()
  for (const { atMs, kind, who, detail } of violations) {
    timeline.push(`${Math.round(atMs - beginMs)} ms: VIOLATION ${kind}: ${who}: ${detail}`)
  }
  return { violations, timeline }
}

/**
 * Leaves out steps as long as the schedule still fails.
 *
 * @param fails plays a schedule in a new world.
 * @param maxRuns Default: 300.
 */
export async function shrinkSchedule(
  steps: readonly ScheduleStep[],
  fails: (steps: readonly ScheduleStep[]) => Promise<boolean>,
  maxRuns = 300,
): Promise<readonly ScheduleStep[]> {
  let kept = steps
  let runs = 0
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < kept.length && runs < maxRuns;) {
      const fewer = kept.toSpliced(from, size)
      runs++
      if (await fails(fewer)) kept = fewer
      else from += size
    }
  }
  return kept
}

function pickWeighted(weights: Readonly<Record<string, number>>, random: SeededRandom): string {
  const entries = Object.entries(weights)
  let left = random.next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [name, weight] of entries) {
    left -= weight
    if (left < 0) return name
  }
  return entries.at(-1)?.[0] ?? ''
}

import { parentPort, workerData } from 'node:worker_threads'
import { playSeed } from './run-seed.ts'

/** Which schedules a thread plays. */
export interface SeedRange {
  readonly firstSeed: number
  readonly count: number
}

/** What became of them. */
export interface PlayedSeeds {
  /** The first seed that broke a promise, after which no other was played. */
  readonly brokenBy?: number
  readonly sums: Readonly<Record<string, number>>
  readonly fewestOperations: number
  readonly fewestFaults: number
}

async function play({ firstSeed, count }: SeedRange): Promise<PlayedSeeds> {
  const sums: Record<string, number> = {}
  let fewestOperations = Infinity
  let fewestFaults = Infinity
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const { violations, counts, operations, faults } = await playSeed(seed)
    if (violations.length > 0) return { brokenBy: seed, sums, fewestOperations, fewestFaults }
    fewestOperations = Math.min(fewestOperations, operations)
    fewestFaults = Math.min(fewestFaults, faults)
    const all = { ...counts, operations, faults }
    for (const [name, amount] of Object.entries(all)) sums[name] = (sums[name] ?? 0) + amount
  }
  return { sums, fewestOperations, fewestFaults }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(await play(workerData as SeedRange))

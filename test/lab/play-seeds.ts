import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { PlayedSeeds, SeedRange } from './seed-thread.ts'

/**
 * Plays the schedules of many seeds in a thread. In the thread of a test, Node follows every promise to its test, which
 * takes about as long as the schedules themselves.
 */
export async function playSeeds(range: SeedRange): Promise<PlayedSeeds> {
  const thread = new Worker(new URL('seed-thread.ts', import.meta.url), { workerData: range })
  // Rejects with what the thread throws.
  const [[played]] = await Promise.all([once(thread, 'message'), once(thread, 'exit')])
  return played as PlayedSeeds
}

import type { Batch } from './batches.ts'

/** Options of {@link runBatches}. */
export interface RunBatchesOptions {
  /** How many run beside each other. */
  readonly width: number
  readonly run: (batch: Batch) => Promise<void>
}

/**
 * Runs every batch once: first those that others may run beside, in their order as far as their lanes have room, then
 * one by one those that run alone.
 */
export async function runBatches(
  batches: readonly Batch[],
  { width, run }: RunBatchesOptions,
): Promise<void> {
  const waiting = batches.filter(({ runsAlone }) => !runsAlone)
  const inLane = new Map<string, number>()
  const running = new Set<Promise<void>>()

  const takeNext = (): Batch | undefined => {
    const index = waiting.findIndex(({ lane }) => !lane || (inLane.get(lane.folder) ?? 0) < lane.width)
    return index === -1 ? undefined : waiting.splice(index, 1)[0]
  }
  const start = async (batch: Batch): Promise<void> => {
    const name = batch.lane?.folder
    if (name !== undefined) inLane.set(name, (inLane.get(name) ?? 0) + 1)
    await run(batch)
    if (name !== undefined) inLane.set(name, (inLane.get(name) ?? 1) - 1)
  }

  for (;;) {
    const batch = running.size < width ? takeNext() : undefined
    if (batch !== undefined) {
      const ended = start(batch).finally(() => running.delete(ended))
      running.add(ended)
    } else if (running.size > 0) await Promise.race(running)
    else break
  }
  for (const batch of batches) if (batch.runsAlone) await run(batch)
}

import type { ChannelPosition, Positioned } from '../../chain/channel-access.ts'
import type { MaybePromise } from '../route-types.ts'

/** How data and position are obtained. */
export interface PositionedLoad<Data> {
  readonly readPosition: () => Promise<ChannelPosition>
  readonly load: () => MaybePromise<Data>
  /** From 1 on. */
  readonly maxLoads: number
}

/**
 * Loads data with a position from which nothing is missing.
 *
 * The position is read before the data: what is published in between comes again, and nothing falls between. When the channel has moved
 * meanwhile the data is loaded anew, since it cannot be told whether it has what was published; after the last load the position before
 * that one is given.
 */
export async function loadWithPosition<Data>({
  readPosition,
  load,
  maxLoads,
}: PositionedLoad<Data>): Promise<Positioned<Data>> {
  let position = await readPosition()
  for (let loads = 1; ; loads++) {
    const data = await load()
    if (loads >= maxLoads) return { data, position }
    const after = await readPosition()
    if (after.offset === position.offset && after.epoch === position.epoch) return { data, position }
    position = after
  }
}

import type { StreamPosition } from '../protocol/publication.ts'

/** What was lost. */
export interface Gap {
  /** Everything up to here may have been missed; what follows comes. Undefined where the channel keeps nothing. */
  readonly position: StreamPosition | undefined
}

/** Options of `client.channel`. */
export interface SubscriptionOptions {
  /**
   * Publications were lost: load the state anew. Called before anything that comes after the gap.
   *
   * Mandatory on `replay` channels, which lose nothing unless they say so here.
   */
  readonly onGap?: (gap: Gap) => void
  /** Begin after this position, such as the one that came with the state that the page has loaded. Default: now. */
  readonly since?: StreamPosition
}

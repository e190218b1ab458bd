import type { Subscription } from './subscription.ts'

/** A channel that was joined but for the reply: what follows happens in one go, so that nothing falls between. */
export interface Joined {
  readonly subscription: Subscription
  /** Whether it was not ended meanwhile, and what was read still leads to what is delivered; if not, the client has to try again. */
  readonly isSound: boolean
  /** JSON text of the `SubscribeResult`. */
  encode(nowMs: number): string
  /** After the reply: publications flow. */
  goLive(): void
}

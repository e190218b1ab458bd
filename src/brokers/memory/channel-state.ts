import { ChannelParts } from '../channel-parts.ts'
import type { Expiring } from '../expiry-queue.ts'
import type { Stream } from './stream.ts'

/** Who keeps the books of all channels together. */
export interface ChannelOwner {
  /** A part of it has expired: what it counts for has changed, and it may be empty. */
  expired(state: ChannelState, lost: { readonly bytes: number; readonly keys: number }): void
}

/** All that is known of one channel. */
export class ChannelState extends ChannelParts implements Expiring {
  stream: Stream | undefined
  readonly #owner: ChannelOwner

  constructor(name: string, owner: ChannelOwner) {
    super(name)
    this.#owner = owner
  }

  get isEmpty(): boolean {
    return this.stream === undefined && this.isUnused
  }

  expire(nowMs: number): number {
    const bytes = this.stream?.bytes ?? 0
    this.stream?.expire(nowMs)
    const keys = this.expireParts(nowMs)
    this.#owner.expired(this, { bytes: bytes - (this.stream?.bytes ?? 0), keys })
    return Math.min(this.stream?.expiresAtMs ?? Infinity, this.partsExpireAtMs(nowMs))
  }
}

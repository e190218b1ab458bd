import { ChannelParts } from '../channel-parts.ts'
import type { Expiring } from '../expiry-queue.ts'
import type { SqliteStream } from './sqlite-stream.ts'

/** Who keeps the books of all channels together. */
export interface SqliteChannelOwner {
  /** A part of it has expired: it may be unused. */
  expired(channel: SqliteChannel, lostKeys: number): void
}

/** What of one channel is in memory. It may be forgotten when it is unused: the file has the rest. */
export class SqliteChannel extends ChannelParts implements Expiring {
  /** Undefined until it is read from the file. */
  stream: SqliteStream | undefined
  readonly #owner: SqliteChannelOwner

  constructor(name: string, owner: SqliteChannelOwner) {
    super(name)
    this.#owner = owner
  }

  expire(nowMs: number): number {
    this.#owner.expired(this, this.expireParts(nowMs))
    return this.partsExpireAtMs(nowMs)
  }
}

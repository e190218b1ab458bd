import type { Recipient } from '../delivery-queue.ts'
import type { Expiring } from '../expiry-queue.ts'
import { PresenceList } from '../presence-list.ts'
import { RepeatWindow } from '../repeat-window.ts'
import type { SqliteStream } from './sqlite-stream.ts'

/** Reading a list of many members to free a few costs more than keeping them a little longer. */
const PRESENCE_SWEEP_MS = 5_000
const NOBODY: readonly Recipient[] = []

/** Who keeps the books of all channels together. */
export interface SqliteChannelOwner {
  /** A part of it has expired: it may be unused. */
  expired(channel: SqliteChannel, lostKeys: number): void
}

/** What of one channel is in memory. */
export class SqliteChannel implements Expiring {
  readonly name: string
  /** Interested nodes; replaced, never changed, since deliveries that wait hold it. */
  interested: readonly Recipient[] = NOBODY
  presence: PresenceList | undefined
  repeats: RepeatWindow | undefined
  /** Undefined until it is read from the file. */
  stream: SqliteStream | undefined
  dueSecond = 0
  readonly #owner: SqliteChannelOwner

  constructor(name: string, owner: SqliteChannelOwner) {
    this.name = name
    this.#owner = owner
  }

  /** Whether memory has nothing of it that the file has not. */
  get isIdle(): boolean {
    return this.interested === NOBODY && this.presence === undefined && this.repeats === undefined
  }

  /** @param alone a list of this one only, so that the many channels with one node need none of their own. */
  addInterest(recipient: Recipient, alone: readonly Recipient[]): void {
    if (this.interested.includes(recipient)) return
    this.interested = this.interested === NOBODY ? alone : [...this.interested, recipient]
  }

  removeInterest(recipient: Recipient): void {
    if (!this.interested.includes(recipient)) return
    const others = this.interested.filter((other) => other !== recipient)
    this.interested = others.length === 0 ? NOBODY : others
  }

  openPresence(): PresenceList {
    return (this.presence ??= new PresenceList())
  }

  dropPresenceIfEmpty(): void {
    if (this.presence?.isEmpty === true) this.presence = undefined
  }

  openRepeats(): RepeatWindow {
    return (this.repeats ??= new RepeatWindow())
  }

  expire(nowMs: number): number {
    const { presence, repeats } = this
    const keys = repeats?.size ?? 0
    presence?.expire(nowMs)
    repeats?.expire(nowMs)
    this.dropPresenceIfEmpty()
    const left = repeats?.size ?? 0
    if (left === 0) this.repeats = undefined
    this.#owner.expired(this, keys - left)
    return Math.min(
      this.repeats?.expiresAtMs ?? Infinity,
      Math.max(this.presence?.expiresAtMs ?? Infinity, nowMs + PRESENCE_SWEEP_MS),
    )
  }
}

import type { Recipient } from './delivery-queue.ts'
import { PresenceList } from './presence-list.ts'
import { RepeatWindow } from './repeat-window.ts'

/** Reading a list of many members to free a few costs more than keeping them a little longer. */
const PRESENCE_SWEEP_MS = 5_000
const NOBODY: readonly Recipient[] = []

/** What brokers within a process have in memory of a channel, wherever its publications are. */
export class ChannelParts {
  readonly name: string
  /** Interested nodes; replaced, never changed, since deliveries that wait hold it. */
  interested: readonly Recipient[] = NOBODY
  presence: PresenceList | undefined
  repeats: RepeatWindow | undefined
  /** For an `ExpiryQueue`. */
  dueSecond = 0

  constructor(name: string) {
    this.name = name
  }

  /** Whether nobody is interested or present, and no key is remembered. */
  get isUnused(): boolean {
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

  openRepeats(): RepeatWindow {
    return (this.repeats ??= new RepeatWindow())
  }

  dropPresenceIfEmpty(): void {
    if (this.presence?.isEmpty === true) this.presence = undefined
  }

  /** Lets go of members and keys that have expired; returns how many keys. */
  expireParts(nowMs: number): number {
    const keys = this.repeats?.size ?? 0
    this.presence?.expire(nowMs)
    this.repeats?.expire(nowMs)
    this.dropPresenceIfEmpty()
    const left = this.repeats?.size ?? 0
    if (left === 0) this.repeats = undefined
    return keys - left
  }

  /** When to look again, Infinity for never. */
  partsExpireAtMs(nowMs: number): number {
    return Math.min(
      this.repeats?.expiresAtMs ?? Infinity,
      Math.max(this.presence?.expiresAtMs ?? Infinity, nowMs + PRESENCE_SWEEP_MS),
    )
  }
}

import type { Recipient } from '../delivery-queue.ts'
import type { Expiring } from '../expiry-queue.ts'
import { PresenceList } from '../presence-list.ts'
import { RepeatWindow } from '../repeat-window.ts'
import type { Stream } from './stream.ts'

/** Reading a list of many members to free a few costs more than keeping them a little longer. */
const PRESENCE_SWEEP_MS = 5_000
const NOBODY: readonly Recipient[] = []

/** Who keeps the books of all channels together. */
export interface ChannelOwner {
  /** A part of it has expired: what it counts for has changed, and it may be empty. */
  expired(state: ChannelState, change: { readonly bytes: number; readonly keys: number }): void
}

/** All that is known of one channel. */
export class ChannelState implements Expiring {
  readonly name: string
  /** Interested nodes; replaced, never changed, since deliveries that wait hold it. */
  interested: readonly Recipient[] = NOBODY
  stream: Stream | undefined
  presence: PresenceList | undefined
  repeats: RepeatWindow | undefined
  dueSecond = 0
  readonly #owner: ChannelOwner

  constructor(name: string, owner: ChannelOwner) {
    this.name = name
    this.#owner = owner
  }

  get isEmpty(): boolean {
    return (
      this.interested === NOBODY &&
      this.stream === undefined &&
      this.presence === undefined &&
      this.repeats === undefined
    )
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

  expire(nowMs: number): number {
    const { stream, presence, repeats } = this
    const bytes = stream?.bytes ?? 0
    const keys = repeats?.size ?? 0
    stream?.expire(nowMs)
    presence?.expire(nowMs)
    repeats?.expire(nowMs)
    const change = { bytes: (stream?.bytes ?? 0) - bytes, keys: (repeats?.size ?? 0) - keys }
    this.dropPresenceIfEmpty()
    if (repeats?.size === 0) this.repeats = undefined
    this.#owner.expired(this, change)
    return Math.min(
      stream?.expiresAtMs ?? Infinity,
      this.repeats?.expiresAtMs ?? Infinity,
      Math.max(this.presence?.expiresAtMs ?? Infinity, nowMs + PRESENCE_SWEEP_MS),
    )
  }
}

import { WheelEntry } from './wheel-entry.ts'

/** Length of one tick; deadlines are kept to within one. */
export const TICK_MS = 250

const SLOTS = 256
// After a stall (a long computation, a suspended machine) peers get the time back: what they sent may still be unread.
const MAX_TICKS_AT_ONCE = 2

/** A time as ticks, rounded up; 0 stays 0. */
export function ticksOf(ms: number): number {
  return Math.ceil(ms / TICK_MS)
}

/**
 * All sockets of a server, sorted by when they need attention: one timer for all of them.
 *
 * A hashed timing wheel. Adding, removing and moving cost the same however many there are; a tick touches only what is due.
 */
export class DeadlineWheel<Entry extends WheelEntry> {
  /** Ticks so far. */
  now = 0
  /** The caller's clock in ticks, as of the last one; unlike `now` it gives no time back after a stall. */
  clock: number
  /** Entries in the wheel. */
  size = 0
  #lastMs: number
  readonly #slots: (WheelEntry | undefined)[] = Array.from({ length: SLOTS }, () => undefined)
  /** Entries that never wake. */
  readonly #parked: WheelEntry = WheelEntry.list()
  readonly #due: WheelEntry = WheelEntry.list()

  /** @param nowMs the caller's clock; any that does not run backwards. */
  constructor(nowMs: number) {
    this.#lastMs = nowMs
    this.clock = Math.floor(nowMs / TICK_MS)
  }

  add(entry: Entry, deadline: number): void {
    this.size++
    this.#place(entry, deadline)
  }

  remove(entry: Entry): void {
    if (WheelEntry.unlink(entry)) this.size--
  }

  /** Changes the deadline of an entry; nothing happens when it is not in the wheel. */
  move(entry: Entry, deadline: number): void {
    if (WheelEntry.unlink(entry)) this.#place(entry, deadline)
  }

  /** Lets time pass up to `nowMs` and wakes what is due. */
  tick(nowMs: number): void {
    this.clock = Math.floor(nowMs / TICK_MS)
    const passed = Math.floor((nowMs - this.#lastMs) / TICK_MS)
    if (passed > MAX_TICKS_AT_ONCE) this.#lastMs = nowMs
    else this.#lastMs += passed * TICK_MS
    for (let ticks = Math.min(passed, MAX_TICKS_AT_ONCE); ticks > 0; ticks--) {
      this.now++
      this.#wakeSlot(this.#slots[this.now % SLOTS])
    }
  }

  /** All entries, as they are now. */
  entries(): Entry[] {
    const entries: Entry[] = []
    for (const list of [...this.#slots, this.#parked, this.#due]) {
      if (list === undefined) continue
      for (let entry = WheelEntry.first(list); entry !== undefined; entry = WheelEntry.after(list, entry)) {
        entries.push(entry as Entry) // Only add() puts entries into the lists.
      }
    }
    return entries
  }

  #wakeSlot(slot: WheelEntry | undefined): void {
    if (slot === undefined) return
    // Moved first: waking may place entries into this very slot, a turn of the wheel later.
    for (let entry = WheelEntry.first(slot); entry !== undefined; entry = WheelEntry.first(slot)) {
      WheelEntry.unlink(entry)
      WheelEntry.append(this.#due, entry)
    }
    for (let entry = WheelEntry.first(this.#due); entry !== undefined; entry = WheelEntry.first(this.#due)) {
      WheelEntry.unlink(entry)
      WheelEntry.append(this.#parked, entry)
      const deadline = entry.wake(this.now)
      // Not linked any more when waking removed it.
      if (WheelEntry.unlink(entry)) this.#place(entry, deadline)
    }
  }

  #place(entry: WheelEntry, deadline: number): void {
    if (deadline === Infinity) {
      WheelEntry.append(this.#parked, entry)
      return
    }
    const reach = Math.min(Math.max(deadline, this.now + 1), this.now + SLOTS - 1)
    const index = reach % SLOTS
    WheelEntry.append((this.#slots[index] ??= WheelEntry.list()), entry)
  }
}

/**
 * Something with a deadline: a node of the linked lists that a `DeadlineWheel` consists of.
 *
 * The links are in the entry itself, so that a socket costs no further object for being in the wheel.
 */
export abstract class WheelEntry {
  #previous: WheelEntry | undefined = undefined
  #next: WheelEntry | undefined = undefined

  /**
   * Its time has come, or may have: deadlines beyond the wheel's reach wake early.
   *
   * @param now ticks of the wheel.
   * @returns the tick to wake it at next, `Infinity` for never; without meaning once it was removed.
   */
  abstract wake(now: number): number

  /** The head of an empty list; no entry itself. */
  static list(): WheelEntry {
    const head = new ListHead()
    head.#previous = head
    head.#next = head
    return head
  }

  static append(head: WheelEntry, entry: WheelEntry): void {
    const last = head.#previous!
    entry.#previous = last
    entry.#next = head
    last.#next = entry
    head.#previous = entry
  }

  /** Takes an entry out of its list; false when it is in none. */
  static unlink(entry: WheelEntry): boolean {
    if (entry.#next === undefined) return false
    entry.#previous!.#next = entry.#next
    entry.#next.#previous = entry.#previous
    entry.#previous = undefined
    entry.#next = undefined
    return true
  }

  static isLinked(entry: WheelEntry): boolean {
    return entry.#next !== undefined
  }

  /** The first entry of a list. */
  static first(head: WheelEntry): WheelEntry | undefined {
    return WheelEntry.after(head, head)
  }

  /** The entry of the list that follows `entry`. */
  static after(head: WheelEntry, entry: WheelEntry): WheelEntry | undefined {
    return entry.#next === head ? undefined : entry.#next
  }
}

class ListHead extends WheelEntry {
  override wake(): number {
    return Infinity
  }
}

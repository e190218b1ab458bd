const WINDOW = 32

/**
 * Notices ids of commands that come twice.
 *
 * Ids rise, but software with several threads may send neighbours in the other order: the newest id and the 31 below it are known one by one,
 * everything older counts as a repeat.
 */
export class IdWindow {
  #highest = 0
  /** Bit n: `#highest - n` was seen. */
  #seen = 0

  /** False when the id was seen before. */
  admit(id: number): boolean {
    const ahead = id - this.#highest
    if (ahead > 0) {
      this.#seen = ahead >= WINDOW ? 1 : (this.#seen << ahead) | 1
      this.#highest = id
      return true
    }
    if (ahead <= -WINDOW) return false
    const bit = 1 << -ahead
    if ((this.#seen & bit) !== 0) return false
    this.#seen |= bit
    return true
  }
}

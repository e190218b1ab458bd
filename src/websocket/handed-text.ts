/**
 * A short text message while a parser hands it over.
 *
 * What an app sends or publishes just as it came need not be encoded again: its bytes are still where they were read.
 */
class HandedText {
  #text: string | undefined = undefined
  #words: DataView = new DataView(new ArrayBuffer(0))
  #start = 0

  /**
   * Takes what is handed over next, until {@link end}.
   *
   * @param words the memory in which its bytes begin at `start`; all of them are ASCII.
   */
  begin(text: string, words: DataView, start: number): void {
    this.#text = text
    this.#words = words
    this.#start = start
  }

  /** Nothing is handed over any more, and the memory may change. */
  end(): void {
    this.#text = undefined
  }

  is(text: string): boolean {
    return this.#text === text
  }

  /** Copies its bytes to a place in other memory. */
  copyTo(target: DataView, at: number, length: number): void {
    const words = this.#words
    let from = this.#start
    let to = at
    const end = at + length
    for (const whole = end - 3; to < whole; to += 4, from += 4) {
      target.setInt32(to, words.getInt32(from, true), true)
    }
    for (; to < end; to++, from++) target.setUint8(to, words.getUint8(from))
  }
}

/** One for all parsers: each hands over one message at a time. */
export const handedText: HandedText = new HandedText()

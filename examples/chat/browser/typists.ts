/** How long somebody counts as typing who does not say so again. */
const TYPING_SHOWN_MS = 6_000

/** Who is typing now. What is told of it may get lost, so that each is forgotten after a while. */
export class Typists {
  readonly #onChange: () => void
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  get names(): string[] {
    return [...this.#timers.keys()]
  }

  set(name: string, isTyping: boolean): void {
    clearTimeout(this.#timers.get(name))
    const wasTyping = this.#timers.delete(name)
    if (isTyping) {
      this.#timers.set(
        name,
        setTimeout(() => this.set(name, false), TYPING_SHOWN_MS),
      )
    }
    if (isTyping !== wasTyping) this.#onChange()
  }

  clear(): void {
    for (const name of this.names) this.set(name, false)
  }
}

/** How long what must happen may take on a slow machine, before the test that waits for it fails. */
const PATIENCE_MS = 60_000

/** Keeps what comes until a test asks for it, so that nothing is missed and no test has to wait on time. */
export class Inbox<T> {
  readonly #items: T[] = []
  #wake: (() => void) | undefined

  push(item: T): void {
    this.#items.push(item)
    this.#wake?.()
  }

  /** Takes the first one that fits, and leaves those before it; rejects, telling what is there, when none comes. */
  async next(fits: (item: T) => boolean = () => true): Promise<T> {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const index = this.#items.findIndex(fits)
      if (index !== -1) return this.#items.splice(index, 1)[0]!
      await this.#change(deadline)
    }
  }

  /** Takes as many as asked for, in order. */
  async take(count: number): Promise<T[]> {
    const taken: T[] = []
    while (taken.length < count) taken.push(await this.next())
    return taken
  }

  async #change(deadline: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        const there = this.#items.map((item) => JSON.stringify(item)).join('\n')
        reject(new Error(`Nothing that fits came. What came:\n${there}`))
      }, deadline - performance.now())
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

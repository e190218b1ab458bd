/** What a node has begun with its broker and should finish before it lets go of it. */
export class PendingWork {
  #count = 0
  #onIdle: (() => void)[] = []

  begin(): void {
    this.#count++
  }

  end(): void {
    if (--this.#count > 0) return
    for (const resolve of this.#onIdle.splice(0)) resolve()
  }

  /** Resolves when all of it has ended; undefined when there is none. */
  whenIdle(): Promise<void> | undefined {
    return this.#count === 0 ? undefined : new Promise((resolve) => this.#onIdle.push(resolve))
  }
}

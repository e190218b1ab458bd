type Handler = (...values: never[]) => unknown

interface Entry {
  handler: Handler | undefined
}

/** Handlers by name; what one of them throws keeps no other from being called. */
export class Emitter<Name> {
  /** Lists are replaced, not changed: a handler added while others are being called waits for the next time. */
  readonly #entries = new Map<Name, readonly Entry[]>()
  readonly #onError: (error: unknown) => void

  /** @param onError gets what handlers throw, and what their promises reject with. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  /** Adds a handler; the returned function takes it away. */
  on(name: Name, handler: Handler): () => void {
    const entry: Entry = { handler }
    this.#entries.set(name, [...(this.#entries.get(name) ?? []), entry])
    return () => {
      entry.handler = undefined
      const rest = (this.#entries.get(name) ?? []).filter((other) => other !== entry)
      if (rest.length > 0) this.#entries.set(name, rest)
      else this.#entries.delete(name)
    }
  }

  has(name: Name): boolean {
    return this.#entries.has(name)
  }

  emit(name: Name, ...values: unknown[]): void {
    for (const { handler } of this.#entries.get(name) ?? []) this.call(handler, values)
  }

  /** Calls one handler, whether it was added or not. */
  call(handler: Handler | undefined, values: unknown[]): void {
    try {
      const result = handler?.(...(values as never[]))
      if (result instanceof Promise) result.catch(this.#onError)
    } catch (error) {
      this.#onError(error)
    }
  }
}

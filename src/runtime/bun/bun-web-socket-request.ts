import { BunRequest } from './bun-request.ts'

/**
 * A request that asks for a WebSocket.
 *
 * Bun's signal of a request fires when the socket that came of it ends. This one tells only whether the client left before the
 * request was answered, as on Node.
 */
export class BunWebSocketRequest extends BunRequest {
  #controller: AbortController | undefined = undefined
  #onAbort: (() => void) | undefined = undefined

  override get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal
    const controller = new AbortController()
    this.#controller = controller
    if (this.raw.signal.aborted) controller.abort()
    this.#onAbort = () => controller.abort()
    this.raw.signal.addEventListener('abort', this.#onAbort, { once: true })
    return controller.signal
  }

  /** The request is answered. */
  answered(): void {
    if (this.#onAbort !== undefined) this.raw.signal.removeEventListener('abort', this.#onAbort)
    this.#onAbort = undefined
  }
}

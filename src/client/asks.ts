import type { Reply } from '../protocol/reply.ts'
import { backoffMs } from './backoff.ts'
import { ClientError } from './client-error.ts'
import { LOST, refusal, type Wire } from './wire.ts'

/** How a question is asked. */
export interface AskOptions {
  /** Gives up after so many milliseconds, waiting for the connection included. Default: the client's `timeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** Gives up when it is aborted; what the server does about it goes on. */
  readonly signal?: AbortSignal | undefined
  /** Asking twice does no harm. */
  readonly isRepeatable?: boolean | undefined
}

/** Commands whose reply somebody waits for. They wait for the connection, and are sent once, or again where that does no harm. */
export class Asks {
  readonly #wire: Wire
  readonly #open = new Set<Ask>()

  constructor(wire: Wire) {
    this.#wire = wire
  }

  /** Rejects with `TIMEOUT`, `CALL_OUTCOME_UNKNOWN`, `REFUSED`, the signal's reason, or as {@link fail} says. */
  ask(method: string, body: string, options: AskOptions = {}): Promise<Reply> {
    const { clock, timeoutMs: defaultMs } = this.#wire.settings
    const { signal, timeoutMs = defaultMs } = options
    return new Promise((resolve, reject) => {
      if (this.#wire.ending) {
        reject(this.#wire.ending)
        return
      }
      const onAbort = (): void => settle(signal?.reason)
      const settle = (error: unknown, reply?: Reply): void => {
        if (!this.#open.delete(ask)) return
        cancelTimer()
        ask.cancelRetry?.()
        signal?.removeEventListener('abort', onAbort)
        if (reply) resolve(reply)
        else reject(error)
      }
      const isRepeatable = options.isRepeatable === true
      const ask: Ask = { method, body, timeoutMs, settle, isRepeatable, cancelRetry: undefined }
      this.#open.add(ask)
      const cancelTimer = clock.after(timeoutMs, () =>
        settle(new ClientError('TIMEOUT', 'There was no answer in time')),
      )
      if (signal?.aborted) {
        onAbort()
        return
      }
      signal?.addEventListener('abort', onAbort)
      if (this.#wire.isConnected) this.#send(ask, 0)
    })
  }

  /** The client is connected. */
  start(): void {
    for (const ask of this.#open) this.#send(ask, 0)
  }

  /** Ends all. */
  fail(error: ClientError): void {
    for (const ask of this.#open) ask.settle(error)
  }

  #send(ask: Ask, attempts: number): void {
    const { settings } = this.#wire
    ask.cancelRetry?.()
    this.#wire.request(
      ask.method,
      ask.body,
      (reply) => {
        const { error } = reply
        if (error === undefined) ask.settle(undefined, reply)
        else if (error === LOST) {
          // Otherwise it waits for the next connection.
          if (!ask.isRepeatable) {
            ask.settle(
              new ClientError('CALL_OUTCOME_UNKNOWN', 'The connection was lost before the answer came'),
            )
          }
        } else if (error.temporary && ask.isRepeatable) {
          ask.cancelRetry = settings.clock.after(backoffMs(settings, attempts), () => {
            if (this.#wire.isConnected) this.#send(ask, attempts + 1)
          })
        } else ask.settle(refusal(error))
      },
      ask.timeoutMs,
    )
  }
}

interface Ask {
  readonly method: string
  readonly body: string
  readonly timeoutMs: number
  readonly isRepeatable: boolean
  readonly settle: (error: unknown, reply?: Reply) => void
  cancelRetry: (() => void) | undefined
}

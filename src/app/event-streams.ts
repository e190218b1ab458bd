import type { SseBody } from '../http/sse-body.ts'
import type { LeavingSocket } from './runtime-port.ts'

/** The event streams that an app is sending; of themselves they never end, and a drain would wait for them in vain. */
export class EventStreams {
  readonly #open: Set<SseBody> = new Set()

  add(body: SseBody): void {
    this.#open.add(body)
  }

  /** It has been sent, or broken off. */
  delete(body: SseBody): void {
    this.#open.delete(body)
  }

  /** As something to be told that it is to go: the stream ends, and its client comes back with its `Last-Event-ID`. */
  leaving(): LeavingSocket[] {
    return Array.from(this.#open, (body) => new LeavingStream(body))
  }
}

class LeavingStream implements LeavingSocket {
  state: LeavingSocket['state'] = 'open'
  readonly #body: SseBody

  constructor(body: SseBody) {
    this.#body = body
  }

  shutDown(): void {
    this.state = 'closed'
    void this.#body.return()
  }

  /** Its connection is the server's, which ends it. */
  terminate(): void {}
}

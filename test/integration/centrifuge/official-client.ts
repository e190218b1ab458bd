import { once, type EventEmitter } from 'node:events'
import type { TestContext } from 'node:test'
import { Centrifuge, type Options } from 'centrifuge'
import { WebSocket } from 'ws'

/** The official client, and the means to take its connection away. */
export interface OfficialClient {
  readonly client: Centrifuge
  /** Ends the connection without a word, as a lost network does. */
  readonly cut: () => void
}

/** Makes an official client that is ended with the test; it tries again quickly. */
export function officialClient(t: TestContext, port: number, options: Partial<Options> = {}): OfficialClient {
  const opened: WebSocket[] = []
  class CutWebSocket extends WebSocket {
    constructor(address: string) {
      super(address)
      opened.push(this)
    }
  }
  const client = new Centrifuge(`ws://127.0.0.1:${port}/connection/websocket`, {
    websocket: CutWebSocket,
    minReconnectDelay: 20,
    maxReconnectDelay: 100,
    ...options,
  })
  t.after(() => client.disconnect())
  return { client, cut: () => opened.at(-1)?.terminate() }
}

/** The next event of the official client or one of its subscriptions. */
export async function next<Context>(emitter: object, event: string): Promise<Context> {
  const [context] = (await once(emitter as EventEmitter, event)) as [Context]
  return context
}

/** Collects what an event brings, and waits until there are so many. */
export class Collected<Context> {
  readonly all: Context[] = []
  #wake: () => void = () => {}

  constructor(emitter: object, event: string) {
    const source = emitter as EventEmitter
    source.on(event, (context: Context) => {
      this.all.push(context)
      this.#wake()
    })
  }

  async until(count: number): Promise<readonly Context[]> {
    while (this.all.length < count) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.all
  }
}

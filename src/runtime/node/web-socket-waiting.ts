import type { NodeConnection } from './web-socket-driver.ts'

/** What is kept of what a client sends before its handshake is answered; more waits in the network. */
const MAX_EARLY_BYTES = 65_536

/**
 * A connection whose handshake the app has not decided on yet.
 *
 * It is read meanwhile, within bounds: only so is it noticed that the client has left, and the request's signal aborted.
 */
export class WaitingUpgrade {
  readonly #connection: NodeConnection
  readonly #chunks: Buffer[]
  #bytes: number

  constructor(connection: NodeConnection, head: Buffer) {
    this.#connection = connection
    this.#chunks = [head]
    this.#bytes = head.length
    connection.on('data', this.#onData).on('end', this.#onEnd)
  }

  /** Ends the wait; returns what has come, the head included. */
  finish(): Buffer {
    this.#connection.off('data', this.#onData).off('end', this.#onEnd).resume()
    return this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#bytes)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes > MAX_EARLY_BYTES) this.#connection.pause()
  }

  // No answer can reach a client that has ended the connection, or matter to it.
  readonly #onEnd = (): void => {
    this.#connection.destroy()
  }
}

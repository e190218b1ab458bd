import { Agent, type ClientRequestArgs } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/**
 * The network of one client, as the agent of its connections: it can be cut.
 *
 * While it is, new connections are neither refused nor established, as where nothing answers: they go on when it is back.
 */
export class FlakyNetwork extends Agent {
  /** Called when a connection has been established. */
  onConnected: (() => void) | undefined
  #isCut = false
  /** Connections that are open or wait. */
  readonly #connections = new Map<Socket, () => void>()

  override createConnection(options: ClientRequestArgs): Duplex {
    const { host, port } = options
    const socket = new Socket()
    socket.setNoDelay(true)
    const connect = (): void => {
      if (!socket.destroyed) socket.connect({ host: String(host), port: Number(port) })
    }
    this.#connections.set(socket, connect)
    socket.once('close', () => this.#connections.delete(socket))
    socket.once('connect', () => this.onConnected?.())
    if (!this.#isCut) connect()
    return socket
  }

  /** Ends what is open, without a word of WebSockets or of anything above. */
  cut(): void {
    this.#isCut = true
    for (const socket of this.#connections.keys()) socket.destroy()
  }

  /** It is back: connections that were tried meanwhile are established. */
  restore(): void {
    if (!this.#isCut) return
    this.#isCut = false
    for (const connect of this.#connections.values()) connect()
  }
}

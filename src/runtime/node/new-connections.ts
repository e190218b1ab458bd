import type { Server as HttpServer } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Connections on which no request has come yet; with TLS all of them, since requests come on another object.
 *
 * Node's http does not know a connection before its TLS handshake is over, and before Node 24 does not count one as idle on which
 * nothing has come, as browsers open them in advance. A closing server would wait for both.
 */
export class NewConnections {
  readonly #connections: Set<Socket> = new Set()
  readonly #onClose: (this: Socket) => void

  constructor(server: HttpServer) {
    const connections = this.#connections
    this.#onClose = function () {
      connections.delete(this)
    }
    server.on('connection', (connection: Socket) => {
      connections.add(connection)
      connection.on('close', this.#onClose)
    })
  }

  /** The first request has come. */
  delete(connection: Socket): void {
    if (this.#connections.delete(connection)) connection.off('close', this.#onClose)
  }

  /** Ends those that have sent nothing at all. */
  endSilent(): void {
    for (const connection of this.#connections) if (connection.bytesRead === 0) connection.destroy()
  }

  /** Ends all of them. */
  endAll(): void {
    for (const connection of this.#connections) connection.destroy()
  }
}

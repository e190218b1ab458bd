import type { Server } from './runtime-port.ts'

/** A runtime's server whose end includes the app's stop callbacks. */
export class AppServer implements Server {
  readonly port: number
  readonly host: string
  readonly url: string
  readonly closed: Promise<void>
  readonly #server: Server
  #closing: Promise<void> | undefined

  constructor(server: Server, afterClose: () => Promise<void>) {
    this.#server = server
    this.port = server.port
    this.host = server.host
    this.url = server.url
    this.closed = server.closed.then(afterClose)
  }

  close(timeoutMs?: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  async #close(timeoutMs: number | undefined): Promise<void> {
    await this.#server.close(timeoutMs)
    await this.closed
  }
}

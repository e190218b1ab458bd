import { once } from 'node:events'
import { connect as dial, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** What lies between clients and a server, for tests to break. */
export class Network {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Where the server is; changes when it moves. */
  target: number
  isDown = false

  private constructor(target: number, server: Server) {
    this.target = target
    this.#server = server
    server.on('connection', (client) => this.#join(client))
  }

  static async open(target: number): Promise<Network> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Network(target, server)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Breaks all connections without a goodbye. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #join(client: Socket): void {
    if (this.isDown) {
      client.resetAndDestroy()
      return
    }
    const server = dial(this.target, '127.0.0.1')
    for (const socket of [client, server]) {
      this.#sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        server.destroy()
      })
    }
    client.pipe(server).pipe(client)
  }
}

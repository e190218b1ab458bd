import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setInterval as everyMs } from 'node:timers'

/** How often a part of what may pass is let through. */
const STEP_MS = 10

/** A network that lets through only so much of what a server sends, and holds up the rest in the buffers of kernels. */
export class ThrottledNetwork {
  readonly port: number
  /** Connections so far. */
  connections = 0
  readonly #close: () => Promise<void>

  private constructor(port: number, close: () => Promise<void>) {
    this.port = port
    this.#close = close
  }

  static async open(target: number, bytesPerSecond: number): Promise<ThrottledNetwork> {
    const sockets = new Set<Socket>()
    const server = createServer((client) => {
      network.connections++
      const upstream = connect({ port: target, host: '127.0.0.1', readableHighWaterMark: 16_384 } as never)
      for (const socket of [client, upstream]) {
        sockets.add(socket)
        socket.setNoDelay(true)
        socket.on('error', () => {})
        socket.on('close', () => {
          sockets.delete(socket)
          clearInterval(timer)
          client.destroy()
          upstream.destroy()
        })
      }
      client.pipe(upstream)
      // Read by hand and little at a time: what is not read stays where it is.
      upstream.on('readable', () => {})
      let allowance = 0
      let lastMs = performance.now()
      const timer = everyMs(() => {
        const nowMs = performance.now()
        allowance = Math.min(bytesPerSecond / 10, allowance + ((nowMs - lastMs) * bytesPerSecond) / 1_000)
        lastMs = nowMs
        const bytes = Math.min(Math.floor(allowance), upstream.readableLength)
        const chunk = bytes > 0 ? (upstream.read(bytes) as Buffer | null) : null
        if (chunk === null) return
        allowance -= chunk.length
        client.write(chunk)
      }, STEP_MS)
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const network = new ThrottledNetwork((server.address() as AddressInfo).port, async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    })
    return network
  }

  async close(): Promise<void> {
    await this.#close()
  }
}

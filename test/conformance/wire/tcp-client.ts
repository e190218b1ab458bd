import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { showBytes } from './bytes.ts'

/** Where and how a {@link TcpClient} connects. */
export interface TcpClientOptions {
  readonly port?: number
  readonly host?: string
  /** A UNIX socket instead of a port. */
  readonly path?: string
  /** Speaks TLS and trusts this certificate. */
  readonly ca?: string
  /** Keeps its own side open after the server has ended its side. */
  readonly allowHalfOpen?: boolean
  /** The address of this side; one address has ports for some 28,000 connections a minute. */
  readonly localAddress?: string
  /** Reads nothing until `startReading`. */
  readonly isPaused?: boolean
}

/** How long an answer may take before a test gives up; nothing that works comes near it. */
const PATIENCE_MS = 30_000

/**
 * A client that knows nothing but bytes.
 *
 * What arrives is kept until it is taken, in order. A connection that ends early makes a pending `take` reject with what came.
 */
export class TcpClient {
  readonly socket: Socket
  /** How the server's side ended: with FIN, or with a reset (RST) that may destroy what was not read yet. */
  readonly ending: Promise<'end' | 'reset'>
  #received: Buffer[] = []
  #length = 0
  #wake: (() => void) | undefined
  #ended: 'end' | 'reset' | undefined

  constructor(socket: Socket) {
    this.socket = socket
    this.ending = new Promise((resolve) => {
      const finish = (how: 'end' | 'reset'): void => {
        this.#ended ??= how
        resolve(this.#ended)
        this.#wake?.()
      }
      socket.on('end', () => finish('end'))
      socket.on('error', () => finish('reset'))
      socket.on('close', () => finish('reset'))
    })
  }

  static async connect(options: TcpClientOptions): Promise<TcpClient> {
    const { port, host = '127.0.0.1', path, ca, allowHalfOpen = false } = options
    let socket: Socket
    if (ca !== undefined) socket = connectTls({ port: port ?? 0, host, ca, servername: 'localhost' })
    else if (path !== undefined) socket = connect({ path, allowHalfOpen })
    else {
      const { localAddress } = options
      socket = connect({
        port: port ?? 0,
        host,
        allowHalfOpen,
        noDelay: true,
        ...(localAddress !== undefined && { localAddress }),
      })
    }
    if (options.isPaused === true) socket.pause()
    await once(socket, ca === undefined ? 'connect' : 'secureConnect')
    const client = new TcpClient(socket)
    if (options.isPaused !== true) client.startReading()
    return client
  }

  startReading(): void {
    this.socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk)
      this.#length += chunk.length
      this.#wake?.()
    })
    this.socket.resume()
  }

  /** How many bytes have arrived and were not taken. */
  get available(): number {
    return this.#length
  }

  /** Writes; resolves when the system has taken it, or the connection is gone. */
  async write(bytes: string | Uint8Array): Promise<void> {
    if (!this.socket.writable) return
    await new Promise<void>((resolve) => {
      this.socket.once('close', resolve)
      this.socket.write(bytes, () => {
        this.socket.off('close', resolve)
        resolve()
      })
    })
  }

  /** Writes so that the server reads at most `size` bytes at a time; gives up when the server has ended the connection. */
  async writeInChops(bytes: Uint8Array, size: number): Promise<void> {
    for (let i = 0; i < bytes.length && this.#ended === undefined; i += size) {
      await this.write(bytes.subarray(i, i + size))
      // Two turns: one in which the bytes arrive at the server, one for what it does about them.
      await nextTurn()
      await nextTurn()
    }
  }

  /** The next `count` bytes. */
  async take(count: number): Promise<Buffer> {
    await this.#until(() => this.#length >= count, `${count} bytes`)
    return this.#cut(count)
  }

  /** All bytes up to and including the marker. */
  async takeThrough(marker: string): Promise<Buffer> {
    let position = -1
    await this.#until(() => (position = this.#joined().indexOf(marker)) !== -1, JSON.stringify(marker))
    return this.#cut(position + marker.length)
  }

  /** Everything until the server ends its side, however it does. */
  async takeRest(): Promise<Buffer> {
    await this.#until(() => this.#ended !== undefined, 'the end of the connection')
    return this.#cut(this.#length)
  }

  /** Ends this side; the server's stays as it is. */
  end(): void {
    this.socket.end()
  }

  /** Ends both sides as a vanished process does, with a reset. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Ends both sides; resolves when the connection is gone from this process. */
  async close(): Promise<void> {
    if (this.socket.closed) return
    const closed = once(this.socket, 'close')
    this.socket.destroy()
    await closed
  }

  async #until(isDone: () => boolean, wanted: string): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!isDone()) {
      if (this.#ended !== undefined)
        throw new Error(`Wanted ${wanted}, but the connection has ended (${this.#ended}) ${this.#state()}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now())
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      if (Date.now() >= deadline && !isDone())
        throw new Error(`Waited in vain for ${wanted} ${this.#state()}`)
    }
  }

  #joined(): Buffer {
    if (this.#received.length > 1) this.#received = [Buffer.concat(this.#received)]
    return this.#received[0] ?? Buffer.alloc(0)
  }

  #cut(count: number): Buffer {
    const all = this.#joined()
    this.#received = [all.subarray(count)]
    this.#length -= count
    return all.subarray(0, count)
  }

  #state(): string {
    const bytes = this.#joined()
    return `after ${showBytes(bytes)} = ${JSON.stringify(bytes.toString('latin1', 0, 400))}`
  }
}

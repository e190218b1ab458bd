import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { parseChunks, type ParserEvent } from '../../unit/websocket/parse-stream.ts'

/** A server as its clients know it. */
interface ClientsServer {
  readonly port: number
  readonly clients: Socket[]
}

/** A client that sends bytes as it is told and reads what comes. */
export class RawClient {
  readonly socket: Socket
  /** Resolves when the connection is closed, however. */
  readonly closed: Promise<void>
  #received = Buffer.alloc(0)
  #wake: () => void = () => {}

  /** The server ends what is left of its clients when it stops. */
  constructor(server: ClientsServer) {
    this.socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    server.clients.push(this.socket)
    this.socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    this.socket.on('end', () => this.#wake())
    this.socket.on('error', () => this.#wake())
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#wake()
        resolve()
      })
    })
  }

  /** A client whose handshake was accepted. */
  static async open(server: ClientsServer, path = '/'): Promise<RawClient> {
    const client = new RawClient(server)
    client.write(handshake({ path }))
    await client.head()
    return client
  }

  write(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
  }

  /** Everything received so far, as latin1. */
  get text(): string {
    return this.#received.toString('latin1')
  }

  /** Waits until what was received is as wanted, or nothing more can come. */
  async until(isEnough: (client: this) => boolean): Promise<void> {
    while (!isEnough(this)) {
      if (this.socket.readableEnded || this.socket.destroyed) {
        throw new Error(`the connection ended before; received: ${JSON.stringify(this.text.slice(0, 500))}`)
      }
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** The answer's status line and headers. */
  async head(): Promise<string> {
    await this.until(({ text }) => text.includes('\r\n\r\n'))
    return this.text.slice(0, this.text.indexOf('\r\n\r\n') + 2)
  }

  /** What the frames behind the answer say, so far. */
  get events(): ParserEvent[] {
    const start = this.text.indexOf('\r\n\r\n')
    if (start === -1) return []
    return parseChunks([this.#received.subarray(start + 4)], {
      sender: 'server',
      maxPayloadBytes: 1 << 30,
      takesDeflated: true,
    })
  }

  async untilEvents(count: number): Promise<ParserEvent[]> {
    await this.until(({ events }) => events.length >= count)
    return this.events
  }

  /** Waits for the server to end its side. */
  async ended(): Promise<void> {
    if (!this.socket.readableEnded && !this.socket.destroyed) {
      await Promise.race([once(this.socket, 'end'), this.closed])
    }
  }
}

/** Headers of a handshake; `undefined` leaves one out. */
export interface HandshakeOptions {
  readonly path?: string
  readonly method?: string
  readonly version?: string
  readonly headers?: Readonly<Record<string, string | undefined>>
}

export function handshake({
  path = '/',
  method = 'GET',
  version = '1.1',
  headers = {},
}: HandshakeOptions = {}): string {
  const all: Record<string, string | undefined> = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    ...headers,
  }
  let text = `${method} ${path} HTTP/${version}\r\n`
  for (const [name, value] of Object.entries(all)) if (value !== undefined) text += `${name}: ${value}\r\n`
  return `${text}\r\n`
}

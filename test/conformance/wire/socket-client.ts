import { createHash } from 'node:crypto'
import { clientFrame, closePayload } from './frames.ts'
import { takeResponse, type HttpResponse } from './http-response.ts'
import { TcpClient, type TcpClientOptions } from './tcp-client.ts'

/** The key of the example in RFC 6455 section 1.3. */
export const SAMPLE_KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** A frame that the server sent. */
export interface ReceivedFrame {
  /** FIN, RSV1 to RSV3 and opcode. */
  readonly first: number
  readonly payload: Buffer
}

/** A raw WebSocket client: what it sends is up to the test, what it reads must be well-formed. */
export class SocketClient {
  readonly tcp: TcpClient
  readonly response: HttpResponse

  constructor(tcp: TcpClient, response: HttpResponse) {
    this.tcp = tcp
    this.response = response
  }

  /** Connects and shakes hands; throws unless the server accepts. */
  static async open(
    options: TcpClientOptions & { readonly target?: string; readonly headers?: readonly string[] },
  ): Promise<SocketClient> {
    const tcp = await TcpClient.connect({ ...options, isPaused: false })
    await tcp.write(handshakeRequest(options.target ?? '/echo', options.headers))
    const response = await takeResponse(tcp)
    if (response.status !== 101)
      throw new Error(`Refused with ${response.status}: ${response.body.toString()}`)
    const accept = createHash('sha1')
      .update(`${SAMPLE_KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64')
    if (response.header('sec-websocket-accept') !== accept) throw new Error('Wrong Sec-WebSocket-Accept')
    return new SocketClient(tcp, response)
  }

  /** Sends a masked frame. */
  send(first: number, payload?: Uint8Array): Promise<void> {
    return this.tcp.write(clientFrame(first, payload))
  }

  sendText(text: string): Promise<void> {
    return this.send(0x81, Buffer.from(text))
  }

  sendClose(code?: number, reason?: string): Promise<void> {
    return this.send(0x88, code === undefined ? undefined : closePayload(code, Buffer.from(reason ?? '')))
  }

  /** The next frame; checks that it is not masked and that its length has the shortest form. */
  async takeFrame(): Promise<ReceivedFrame> {
    const [first, second] = (await this.tcp.take(2)) as unknown as [number, number]
    if ((second & 0x80) !== 0) throw new Error('A frame from the server is masked')
    let length = second & 0x7f
    if (length === 126) {
      length = (await this.tcp.take(2)).readUInt16BE()
      if (length < 126) throw new Error(`A length of ${length} in 16 bits`)
    } else if (length === 127) {
      length = Number((await this.tcp.take(8)).readBigUInt64BE())
      if (length < 65_536) throw new Error(`A length of ${length} in 64 bits`)
    }
    return { first, payload: await this.tcp.take(length) }
  }

  async takeText(): Promise<string> {
    const { first, payload } = await this.takeFrame()
    if (first !== 0x81)
      throw new Error(`Wanted a text message, got a frame that begins with ${first.toString(16)}`)
    return payload.toString('utf8')
  }

  /** Code of the close frame that must come next; 1005 when it has none. */
  async takeClose(): Promise<number> {
    const { first, payload } = await this.takeFrame()
    if (first !== 0x88)
      throw new Error(
        `Wanted a close frame, got one that begins with ${first.toString(16)}: ${payload.toString('latin1', 0, 100)}`,
      )
    if (payload.length === 1 || payload.length > 125)
      throw new Error(`A close frame of ${payload.length} bytes`)
    return payload.length === 0 ? 1005 : payload.readUInt16BE()
  }

  /** Closes with 1000, reads up to the server's close frame and the end of the connection. */
  async close(): Promise<void> {
    await this.sendClose(1000)
    let frame = await this.takeFrame()
    while (frame.first !== 0x88) frame = await this.takeFrame()
    await this.tcp.takeRest()
    await this.tcp.close()
  }
}

/** An opening handshake as a browser sends it, with further header lines. */
export function handshakeRequest(target = '/echo', headers: readonly string[] = []): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: localhost',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${SAMPLE_KEY}`,
    'Sec-WebSocket-Version: 13',
    ...headers,
    '',
    '',
  ].join('\r\n')
}

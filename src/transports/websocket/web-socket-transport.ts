import type { Transport } from '../../realtime/transport.ts'
import type { Socket } from '../../websocket/socket.ts'

/** A channel connection over a WebSocket: groups are the socket's topics, so that all of one turn leaves in one write. */
export class WebSocketTransport implements Transport {
  readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  get bufferedAmount(): number {
    return this.socket.bufferedAmount
  }

  send(text: string): void {
    this.socket.send(text)
  }

  join(group: string): void {
    this.socket.subscribe(group)
  }

  leave(group: string): void {
    this.socket.unsubscribe(group)
  }

  close(code: number, reason: string): void {
    this.socket.close(code, reason)
  }
}

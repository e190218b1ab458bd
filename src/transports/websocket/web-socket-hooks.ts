import { DISCONNECT } from '../../protocol/disconnect-codes.ts'
import type { RealtimeConnection } from '../../realtime/realtime-connection.ts'
import type { RealtimeLimits } from '../../realtime/realtime-limits.ts'
import type { RealtimeNode } from '../../realtime/realtime-node.ts'
import type { SocketHooks, SocketOptions } from '../../websocket/socket-hooks.ts'
import type { Socket, SocketMessage } from '../../websocket/socket.ts'
import { WebSocketTransport } from './web-socket-transport.ts'

/** Subprotocols that the transport speaks; clients may also offer none. */
export const WEB_SOCKET_SUBPROTOCOLS: readonly string[] = ['centrifuge-json']

/**
 * Connects WebSockets with a node: one for all sockets of an app.
 *
 * Before `open`, the socket's `data` is what the node's handlers get as `request`; from then on it is the connection.
 */
export class WebSocketHooks<Request> implements SocketHooks {
  readonly #node: RealtimeNode<Request>

  constructor(node: RealtimeNode<Request>) {
    this.#node = node
  }

  open(socket: Socket): void {
    socket.data = this.#node.accept(new WebSocketTransport(socket), socket.data as Request)
  }

  message(socket: Socket, message: SocketMessage): void {
    const connection = socket.data as RealtimeConnection
    if (typeof message === 'string') connection.receive(message)
    else {
      const { code, reason } = DISCONNECT.INAPPROPRIATE_PROTOCOL
      connection.disconnect(code, reason)
    }
  }

  /** The protocol has a code of its own for it, which says that the client is to connect again; commands are answered before. */
  shutdown(socket: Socket): Promise<void> | undefined {
    const connection = socket.data as RealtimeConnection
    return connection.retire(DISCONNECT.SHUTDOWN.code, DISCONNECT.SHUTDOWN.reason)
  }

  close(socket: Socket, code: number, reason: string): void {
    const connection = socket.data as RealtimeConnection
    connection.closed(code, reason)
  }

  /** Breaches of RFC 6455 have closed the socket already; they concern nobody else. */
  error(): void {}
}

/** How sockets of channel connections differ from raw ones: heartbeats and rates are the protocol's own. */
export function webSocketOptions(limits: Required<RealtimeLimits>): SocketOptions {
  return {
    maxPayloadBytes: limits.frameBytes,
    pingIntervalMs: 0,
    maxBackpressureBytes: limits.bufferedBytes,
    backpressurePolicy: 'close',
    backpressureCloseCode: DISCONNECT.SLOW.code,
  }
}

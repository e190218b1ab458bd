import type { BunWebSocket, BunWebSocketHandlers } from './bun-api.ts'
import type { BunSocket } from './bun-socket.ts'
import type { BunWebSocketRegistry } from './bun-web-socket-registry.ts'

/** What a turn may bring for a socket for which nothing waits. */
const TURN_BYTES = 2_097_152

/** What `Bun.serve` calls for the sockets of a server. */
export function webSocketHandlers({ dispatcher }: BunWebSocketRegistry): BunWebSocketHandlers {
  const { maxPayloadBytes, maxBackpressureBytes } = dispatcher.socketCeilings()
  return {
    // Larger messages Bun refuses on their header; those of routes that take less are refused when they are there.
    maxPayloadLength: maxPayloadBytes,
    // The limits of routes hold, see BunSocket; this one bounds the pongs for peers that read nothing.
    backpressureLimit: maxBackpressureBytes + TURN_BYTES,
    // So does their heartbeat. Bun still ends a connection whose peer does not close it, after about 4 s.
    idleTimeout: 0,
    sendPings: false,
    // Offered to all; routes without compression have the client's offer taken out of the request.
    perMessageDeflate: true,
    open(native) {
      native.binaryType = 'uint8array'
      socketOf(native).opened(native)
    },
    message: (native, message) => socketOf(native).received(message),
    ping: (native, payload) => socketOf(native).pinged(payload),
    pong: (native, payload) => socketOf(native).ponged(payload),
    drain: (native) => socketOf(native).drained(),
    close: (native, code, reason) => socketOf(native).ended(code, reason),
  }
}

function socketOf(native: BunWebSocket): BunSocket {
  return native.data as BunSocket // Each upgrade gives one.
}

import type { SocketMessage } from '../../websocket/socket.ts'

/** What a mask adds to a frame of a client (RFC 6455 section 5.2). */
export const MASK_BYTES = 4

/** Bytes of a message on the wire, before any compression. */
export function messageBytes(message: SocketMessage): number {
  return typeof message === 'string' ? Buffer.byteLength(message) : message.length
}

/** Bytes of a server's frame with so long a payload (RFC 6455 section 5.2). */
export function frameBytes(payloadBytes: number): number {
  return payloadBytes + (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10)
}

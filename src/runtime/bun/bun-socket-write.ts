import type { BunWebSocket } from './bun-api.ts'
import { PingMessage, type Outgoing } from './bun-socket-outbox.ts'

// What `writeCorked` is to write: module variables, since a closure for each write would be garbage.
let target: BunWebSocket | undefined
let queue: readonly Outgoing[] = []
let minBytesCompressed = Infinity
let dropped = 0

/**
 * Sends several messages in one write.
 *
 * @param thresholdBytes messages with fewer bytes are not compressed.
 * @returns how many of them Bun did not take.
 */
export function writeMessages(
  native: BunWebSocket,
  messages: readonly Outgoing[],
  thresholdBytes: number,
): number {
  target = native
  queue = messages
  minBytesCompressed = thresholdBytes
  dropped = 0
  native.cork(writeCorked)
  target = undefined
  return dropped
}

function writeCorked(): void {
  const native = target
  if (native === undefined) return
  for (const message of queue) if (writeMessage(native, message, minBytesCompressed) === 0) dropped++
}

/**
 * Sends one message.
 *
 * @returns its bytes, at least 1; negative when it waits for the peer, which is not known while it is corked; 0 when Bun has not
 * taken it.
 */
export function writeMessage(native: BunWebSocket, message: Outgoing, thresholdBytes: number): number {
  if (typeof message === 'string')
    return native.sendText(message, message.length >= thresholdBytes) || Number(message.length === 0)
  if (message instanceof PingMessage)
    return native.ping(message.payload) || Number(message.payload.length === 0)
  return native.sendBinary(message, message.length >= thresholdBytes) || Number(message.length === 0)
}

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
 * @returns negative when it waits for the peer, which is not known while it is corked; 0 when Bun has not taken it.
 */
export function writeMessage(native: BunWebSocket, message: Outgoing, thresholdBytes: number): number {
  let result: number
  let isEmpty: boolean
  if (message instanceof PingMessage) {
    result = native.ping(message.payload)
    isEmpty = message.payload.length === 0
  } else {
    const isCompressed = message.length >= thresholdBytes
    isEmpty = message.length === 0
    if (typeof message === 'string') result = native.sendText(message, isCompressed)
    else result = native.sendBinary(message, isCompressed)
  }
  // Bun counts bytes.
  return result === 0 && isEmpty ? 1 : result
}

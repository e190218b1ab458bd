import { GoWebError } from '../errors/goweb-error.ts'
import { assertMessage } from './assert-message.ts'
import type { SocketMessage } from './socket.ts'

/** What a control frame may carry (RFC 6455 section 5.5). */
const MAX_CONTROL_BYTES = 125

/**
 * The payload of a ping as bytes.
 *
 * @throws `PING_TOO_LONG`, `SOCKET_MESSAGE_INVALID`
 */
export function pingPayload(payload: SocketMessage): Uint8Array {
  assertMessage(payload)
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
  if (bytes.length <= MAX_CONTROL_BYTES) return bytes
  throw new GoWebError(
    'PING_TOO_LONG',
    `The payload of a ping may have ${MAX_CONTROL_BYTES} bytes, this one has ${bytes.length}`,
  )
}

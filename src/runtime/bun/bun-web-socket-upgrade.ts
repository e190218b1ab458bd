import type { Dispatcher } from '../../app/dispatcher.ts'
import type { Reply } from '../../http/reply.ts'
import type { BunHttpServer } from './bun-api.ts'
import type { BunRequest } from './bun-request.ts'
import type { BunWebSocketRegistry } from './bun-web-socket-registry.ts'

/** A request that asks for a WebSocket, and who decides on it. */
export interface BunUpgrade {
  readonly request: BunRequest
  readonly server: BunHttpServer
  readonly dispatcher: Dispatcher
  readonly registry: BunWebSocketRegistry
}

/**
 * Checks the handshake, asks the dispatcher, and accepts or answers.
 *
 * @returns the ordinary HTTP answer; undefined when the connection has become a socket.
 */
export function upgradeOnBun({
  request,
  dispatcher,
}: BunUpgrade): Reply | undefined | Promise<Reply | undefined> {
  return dispatcher.dispatch(request)
}

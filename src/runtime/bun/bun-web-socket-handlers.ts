import type { BunWebSocketHandlers } from './bun-api.ts'
import type { BunWebSocketRegistry } from './bun-web-socket-registry.ts'

/** What `Bun.serve` calls for the sockets of a server. */
export function webSocketHandlers(_registry: BunWebSocketRegistry): BunWebSocketHandlers {
  return { message: () => {} }
}

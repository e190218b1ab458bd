/**
 * A handler of events that may carry more than the client asks for, as those of every WebSocket do.
 *
 * Written as a method, since TypeScript would otherwise refuse a property whose handlers ask for more.
 */
type Handler<Event> = { handle(event: Event): void }['handle'] | null

/** What the client uses of a WebSocket: every browser's, Node's, Bun's and that of the package `ws` have it. */
export interface WebSocketLike {
  onopen: Handler<never>
  onmessage: Handler<{ readonly data: unknown }>
  onclose: Handler<{ readonly code: number; readonly reason: string }>
  onerror: Handler<never>
  send(text: string): void
  close(code?: number, reason?: string): void
}

/** Opens a {@link WebSocketLike}. */
export type WebSocketConstructor = new (url: string) => WebSocketLike

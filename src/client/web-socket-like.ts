/** What the client uses of a WebSocket: every browser's, Node's, Bun's and that of the package `ws` have it. */
export interface WebSocketLike {
  onopen: ((event: never) => void) | null
  onmessage: ((event: { readonly data: unknown }) => void) | null
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null
  onerror: ((event: never) => void) | null
  send(text: string): void
  close(code?: number, reason?: string): void
}

/** Opens a {@link WebSocketLike}. */
export type WebSocketConstructor = new (url: string) => WebSocketLike

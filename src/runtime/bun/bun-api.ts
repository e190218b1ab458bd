import type { CertificateOptions } from '../../app/runtime-port.ts'

/**
 * The part of Bun's API that this runtime uses.
 *
 * Not `@types/bun`: that package changes the types of a whole program, and every user of GoWeb would need it.
 */
export interface BunApi {
  serve(options: BunServeOptions): BunHttpServer
  /** A file as a body; opened when it is sent. */
  file(path: string): Blob
}

/** What `Bun.serve` takes. */
export interface BunServeOptions {
  readonly port?: number
  readonly hostname?: string
  readonly unix?: string
  readonly reusePort?: boolean
  /** The first for hosts that are not named. */
  readonly tls?: readonly BunTlsOptions[]
  /** Whole seconds up to 255 after which a connection without traffic is closed; 0 for never. */
  readonly idleTimeout?: number
  readonly maxRequestBodySize?: number
  readonly development?: boolean
  /** null: the server takes no part in reloading with `--hot`. */
  readonly id?: null
  readonly fetch: BunFetch
  readonly error?: (error: unknown) => Response
  readonly websocket?: BunWebSocketHandlers
}

/** One certificate of a server. */
export interface BunTlsOptions extends CertificateOptions {
  /** Host that it is for, `*.` before it for one more label. */
  readonly serverName?: string
}

/** Answers a request; undefined when the connection was upgraded. */
export type BunFetch = (
  request: Request,
  server: BunHttpServer,
) => Response | undefined | Promise<Response | undefined>

/** A listening server of Bun. */
export interface BunHttpServer {
  /** Undefined on a UNIX socket. */
  readonly port: number | undefined
  /** What it is bound to; null where it is none. */
  readonly address: { readonly address: string; readonly port: number; readonly family: string } | null
  readonly pendingRequests: number
  readonly pendingWebSockets: number
  /**
   * Stops listening, and closes connections without a request; resolves when the others are gone too.
   *
   * @param closeActiveConnections ends those at once.
   */
  stop(closeActiveConnections?: boolean): Promise<void>
  closeIdleConnections(): number
  /** null when the peer has gone, or is on a UNIX socket. */
  requestIP(request: Request): { readonly address: string; readonly port: number } | null
  /** Time without traffic after which the connection of a request is closed, from now on; 0 for never. */
  timeout(request: Request, seconds: number): void
  upgrade(request: Request, options: { readonly data: unknown; readonly headers?: Headers }): boolean
  publish(topic: string, message: string | Uint8Array, compress?: boolean): number
  subscriberCount(topic: string): number
}

/** A WebSocket of Bun. */
export interface BunWebSocket {
  data: unknown
  /** What binary messages and the payloads of pings and pongs are. */
  binaryType: 'nodebuffer' | 'arraybuffer' | 'uint8array'
  readonly remoteAddress: string
  readonly readyState: 0 | 1 | 2 | 3
  /** Bytes written; -1 when they wait for the peer, 0 when they were dropped. */
  send(message: string | Uint8Array, compress?: boolean): number
  sendText(message: string, compress?: boolean): number
  sendBinary(message: Uint8Array, compress?: boolean): number
  ping(payload?: Uint8Array): number
  pong(payload?: Uint8Array): number
  close(code?: number, reason?: string): void
  terminate(): void
  cork(run: (socket: BunWebSocket) => void): void
  subscribe(topic: string): boolean
  unsubscribe(topic: string): boolean
  publish(topic: string, message: string | Uint8Array, compress?: boolean): number
  getBufferedAmount(): number
  /** Reads nothing more until `resume`. */
  pause(): void
  resume(): void
}

/** The hooks and limits of all WebSockets of a server. */
export interface BunWebSocketHandlers {
  open?(socket: BunWebSocket): void
  message(socket: BunWebSocket, message: string | Uint8Array): void
  ping?(socket: BunWebSocket, payload: Uint8Array): void
  pong?(socket: BunWebSocket, payload: Uint8Array): void
  drain?(socket: BunWebSocket): void
  close?(socket: BunWebSocket, code: number, reason: string): void
  readonly maxPayloadLength?: number
  readonly backpressureLimit?: number
  readonly closeOnBackpressureLimit?: boolean
  readonly idleTimeout?: number
  readonly publishToSelf?: boolean
  readonly sendPings?: boolean
  readonly perMessageDeflate?:
    | boolean
    | { readonly compress?: string | boolean; readonly decompress?: string | boolean }
}

/** Bun, which this runtime runs on. */
export function bunApi(): BunApi {
  return (globalThis as unknown as { readonly Bun: BunApi }).Bun
}

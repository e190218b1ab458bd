import type { Socket, SocketMessage } from './socket.ts'

/**
 * What an app does with the sockets of one route; every hook is optional.
 *
 * What a hook returns is not used, except that a promise is watched, and that of `shutdown` waited for. A hook that throws or rejects is told to `error`, and without one to the app's error handler, which closes the socket with the
 * error's close code. Messages of one socket are handed over in order; a hook that returns a promise is not awaited before the
 * next message.
 */
export interface SocketHooks<Data = unknown> {
  open?(socket: Socket<Data>): unknown
  message?(socket: Socket<Data>, message: SocketMessage): unknown
  /** After a ping was answered; the pong is sent for you (RFC 6455 section 5.5.2). */
  ping?(socket: Socket<Data>, payload: Uint8Array): unknown
  pong?(socket: Socket<Data>, payload: Uint8Array): unknown
  /** When a socket whose `send` returned `queued` has taken everything. */
  drain?(socket: Socket<Data>): unknown
  /**
   * The server closes: the place for last words, and for another close code than 1001, with `socket.close`.
   *
   * A promise is waited for, as long as the server's time to close allows, and messages still come meanwhile. Called once, and
   * not for sockets that are closing already.
   */
  shutdown?(socket: Socket<Data>): unknown
  /**
   * Once, after `open`, however the connection ended.
   *
   * @param code the peer's close code, 1005 when its close frame had none, 1006 when the connection was lost without one
   * (RFC 6455 section 7.1.5), or the code this side failed the connection with.
   */
  close?(socket: Socket<Data>, code: number, reason: string): unknown
  /** A hook threw, or the peer broke the protocol (a `GoWebError`; the socket is closed already). */
  error?(socket: Socket<Data>, error: unknown): unknown
}

/** The limits that a platform has to allow for, where it has limits of its own. */
export type SocketCeilings = Required<Pick<SocketOptions, 'maxPayloadBytes' | 'maxBackpressureBytes'>>

/** Limits and timing of the sockets of one route, each with a default. */
export interface SocketOptions {
  /** Largest message in bytes, after reassembly. At most 512 MiB. Default: 1 MiB. Beyond it the socket fails with 1009. */
  readonly maxPayloadBytes?: number
  /** A ping after this long without a frame from the peer; 0 turns it off. Default: 30,000 ms. */
  readonly pingIntervalMs?: number
  /** The connection is ended when nothing came for this long after a ping. Default: 10,000 ms. */
  readonly pongTimeoutMs?: number
  /** How long the peer may take to answer a close frame before the connection is ended. Default: 5,000 ms. */
  readonly closeTimeoutMs?: number
  /** Bytes that may wait for a slow peer. Default: 16 MiB. */
  readonly maxBackpressureBytes?: number
  /** What happens beyond it: the socket is closed, or the message is dropped. Default: `close`. */
  readonly backpressurePolicy?: 'close' | 'drop'
  /** Close code of the policy `close`. Default: 1013. */
  readonly backpressureCloseCode?: number
  /**
   * Messages a second that the peer may send; 0 is no limit. Default: 1,000,000. Beyond it the socket is closed with 1008.
   *
   * A fragment of less than 1 KiB counts as a message; a larger one is a matter of `bytesPerSecond`.
   */
  readonly messagesPerSecond?: number
  /** Messages that may come at once. Default: twice `messagesPerSecond`. */
  readonly messageBurst?: number
  /** Bytes a second that the peer may send, headers of frames included; 0 is no limit, and the default. Beyond it: 1008. */
  readonly bytesPerSecond?: number
  /** Bytes that may come at once. Default: the larger of twice `bytesPerSecond` and twice `maxPayloadBytes`. */
  readonly byteBurst?: number
  /** Pings, pongs and close frames a second, twice as many at once; 0 is no limit. Default: 10,000. Beyond it: 1008. */
  readonly controlFramesPerSecond?: number
  /** Most fragments of a message; 0 is no limit. Default: 131,072. Beyond it: 1008. */
  readonly maxFragments?: number
}

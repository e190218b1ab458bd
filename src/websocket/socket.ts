/** What became of a message given to `send`. */
export type SendResult = 'sent' | 'queued' | 'dropped'

/** Options of `Socket.publish`. */
export interface PublishOptions {
  /** Whether the publishing socket gets the message too, if it is subscribed. Default: false. */
  readonly toSelf?: boolean
}

/** A message as received or sent: text as a string, binary as bytes. */
export type SocketMessage = string | Uint8Array

/**
 * One raw WebSocket connection (RFC 6455), the same on every runtime.
 *
 * Everything that is sent to it in one turn of the event loop leaves in one write.
 */
export interface Socket<Data = unknown> {
  /** What the `upgrade` hook returned; yours to change. */
  data: Data
  /** The subprotocol chosen in the handshake; `''` when none was. */
  readonly protocol: string
  /** Address of the peer; `''` where the platform does not tell. */
  readonly ip: string
  /** `open` until a close frame was sent or received, then `closing`, then `closed`. */
  readonly state: 'open' | 'closing' | 'closed'
  /** Bytes accepted by `send` that the operating system has not taken yet. */
  readonly bufferedAmount: number
  /**
   * Queues a message.
   *
   * @param message bytes must not be changed until they are sent: those of 16 KiB and more are not copied.
   * @returns `sent` while the peer keeps up, `queued` when it does not (wait for `drain`), `dropped` when the socket is no
   * longer open or the policy of `maxBackpressureBytes` says so.
   * @throws `SOCKET_MESSAGE_INVALID`
   */
  send(message: SocketMessage): SendResult
  /**
   * Calls a function; what it sends leaves in one write.
   *
   * For code that comes from Bun or uWebSockets: here that is so without it, for all that is sent in one turn of the event loop. It
   * does not write when the function returns, but at the end of the turn, so that messages of several calls still share a write.
   * More than 1 MiB in a turn leaves in several.
   *
   * @returns what the function returns; what it throws is thrown.
   */
  cork<Result>(send: (socket: this) => Result): Result
  /**
   * Starts the closing handshake (RFC 6455 section 7.1.2); later messages are dropped.
   *
   * Nothing when it is closing already.
   *
   * @param code 1000 (default) to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455 section 7.4, IANA registry).
   * @param reason at most 123 bytes of UTF-8.
   * @throws `CLOSE_CODE_INVALID`, `CLOSE_REASON_TOO_LONG`
   */
  close(code?: number, reason?: string): void
  /** Ends the connection at once, without a closing handshake. */
  terminate(): void
  /**
   * Sends a ping (RFC 6455 section 5.5.2); the peer's pong comes to the hook `pong`.
   *
   * @param payload at most 125 bytes.
   * @throws `PING_TOO_LONG`
   */
  ping(payload?: SocketMessage): SendResult
  /** Subscribes to a topic of this server; again is no error. */
  subscribe(topic: string): void
  unsubscribe(topic: string): void
  isSubscribed(topic: string): boolean
  /** The topics it is subscribed to. */
  readonly topics: Iterable<string>
  /**
   * Sends a message to the sockets subscribed to the topic, except to itself.
   *
   * Encoded once; all that is published to a topic in one turn reaches each subscriber as one write.
   */
  publish(topic: string, message: SocketMessage, options?: PublishOptions): void
}

import type { IncomingRequest } from '../http/incoming-request.ts'
import type { Reply } from '../http/reply.ts'
import type { CompressionSettings } from '../websocket/compression-options.ts'
import type { SocketCeilings, SocketHooks, SocketOptions } from '../websocket/socket-hooks.ts'
import type { SocketGate } from '../websocket/socket-gate.ts'
import type { Socket } from '../websocket/socket.ts'
import type { TopicHub } from '../websocket/topic-hub.ts'

/** An upgrade that passed the chain: what the socket needs for its whole life, and nothing of the request. */
export interface AcceptedUpgrade {
  readonly hooks: SocketHooks
  readonly options: Required<SocketOptions>
  /** How messages are compressed if the client offers it; undefined for not at all. */
  readonly compression: CompressionSettings | undefined
  /** What the `upgrade` hook returned; becomes `socket.data`. */
  readonly data: unknown
  /** The chosen subprotocol; `''` for none. */
  readonly protocol: string
  /** Extra lines of the 101 answer, such as `set-cookie`; let go once it is made. */
  headers: Iterable<readonly [name: string, value: string]> | undefined
  /** The pattern of the route, for error reports. */
  readonly route: string
}

/**
 * The app as a runtime sees it: requests in, replies out. Made once by `app.listen` or `app.fetch`.
 *
 * No method throws or rejects: what handlers throw has become a reply.
 */
export interface Dispatcher {
  /** Topics shared by all sockets of the app. */
  readonly hub: TopicHub
  /** What all sockets of the app may do together. */
  readonly gate: SocketGate
  /** The address that a request is from, as far as the proxies in front can be believed; limits go by it before the chain runs. */
  clientAddress(request: IncomingRequest): string
  /** The largest limits of all routes of sockets and of channel connections that there are now, and at least the defaults. */
  socketCeilings(): SocketCeilings
  dispatch(request: IncomingRequest): Reply | Promise<Reply>
  /** Whether a handshake would find a route for sockets at the path of a request; for runtimes on which looking at a header costs. */
  mayUpgrade(request: IncomingRequest): boolean
  /**
   * Runs the chain for a WebSocket handshake whose headers the runtime has checked (RFC 6455 section 4.2.1).
   *
   * @returns the accepted upgrade, or the ordinary HTTP answer that refuses it.
   */
  upgrade(request: IncomingRequest): AcceptedUpgrade | Reply | Promise<AcceptedUpgrade | Reply>
  /** Gives an error thrown in a hook to the route's `error` hook or the app's error handler; never throws. */
  socketError(socket: Socket, accepted: AcceptedUpgrade, error: unknown): void
  /** Turns an error of the runtime itself (a body over the limit, a malformed request) into its reply. */
  errorReply(error: unknown): Reply
}

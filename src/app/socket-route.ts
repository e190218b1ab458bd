import type { RouteMatchers } from '../router/route.ts'
import type { CompressionOptions } from '../websocket/compression-options.ts'
import type { SocketHooks, SocketOptions } from '../websocket/socket-hooks.ts'
import type { RouteContext, SocketData } from './route-types.ts'

/** Hooks, limits and handshake of the sockets of one route. */
export interface SocketRoute<Pattern extends string, State, Upgrade, Name extends string = string>
  extends SocketHooks<SocketData<Upgrade>>, SocketOptions {
  /**
   * Decides on the handshake, after the chain: what it returns becomes `socket.data`; a `Reply`, a `Response` or a thrown
   * error refuses. Write it before the other hooks, so that they see its type.
   */
  readonly upgrade?: (c: RouteContext<Pattern, State>) => Upgrade
  /** Subprotocols in order of preference, or a choice among what the client offers. Default: none. */
  readonly protocols?:
    | readonly string[]
    | ((offered: readonly string[], c: RouteContext<Pattern, State>) => string | undefined)
  /** Compresses messages where the client can (permessage-deflate, RFC 7692). Default: false. */
  readonly compression?: boolean | CompressionOptions
  /** Origins that may connect besides the server's own; `*` for all. Default: the app's `allowedOrigins`. */
  readonly allowedOrigins?: readonly string[] | '*'
  /** Name for `app.url(name, params)`. */
  readonly name?: Name
  /** Further conditions: host, scheme, headers, query. */
  readonly match?: RouteMatchers
}

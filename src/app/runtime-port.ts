import type { Dispatcher } from './dispatcher.ts'

/** Options of `app.listen`; all optional. */
export interface ListenOptions {
  /** TCP port; 0 picks a free one. Default: 8080. */
  readonly port?: number
  /** Host name or address to listen on. Default: all addresses, IPv6 and IPv4. */
  readonly host?: string
  /** UNIX domain socket (or Windows pipe) instead of a port. A stale socket file is replaced. */
  readonly path?: string
  /** Length of the queue of connections that are not accepted yet. Default: 511. */
  readonly backlog?: number
  /** Serves https and wss with this certificate. */
  readonly tls?: TlsOptions
  /** Closes the server, gracefully, when aborted. */
  readonly signal?: AbortSignal
  /** How long all headers of a request may take. Default: 15,000 ms; then 408. */
  readonly headersTimeoutMs?: number
  /** How long a whole request may take to arrive. Default: 120,000 ms; then 408. */
  readonly requestTimeoutMs?: number
  /** How long an idle connection is kept for another request. Default: 65,000 ms. */
  readonly keepAliveTimeoutMs?: number
  /** Size of all headers of a request in bytes. Default: 16 KiB; then 431. */
  readonly maxHeaderBytes?: number
  /** How long `close()` waits for requests and sockets before it ends them. Default: 10,000 ms. */
  readonly closeTimeoutMs?: number
}

/** Certificate and key, PEM text or bytes. */
export interface TlsOptions {
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  readonly passphrase?: string
  /** Certificate authorities for client certificates. */
  readonly ca?: string | Uint8Array
}

/** A listening server. */
export interface Server {
  /** The real port, also when 0 was asked for; 0 on a UNIX socket. */
  readonly port: number
  /** The real address; the path on a UNIX socket. */
  readonly host: string
  /** Where it is reached from this machine, such as `http://localhost:8080`; `unix:PATH` on a UNIX socket. */
  readonly url: string
  /**
   * Stops: no new connections, requests in flight finish, sockets are closed with 1001, or as their `shutdown` hook says; what is left after `timeoutMs` is ended.
   *
   * @param timeoutMs default: the `closeTimeoutMs` of `listen`. Calling again returns the same promise.
   */
  close(timeoutMs?: number): Promise<void>
  /** Resolves when it has stopped, whoever stopped it. */
  readonly closed: Promise<void>
}

/** What a runtime implements; `index` picks one by detection. */
export interface RuntimePort {
  serve(dispatcher: Dispatcher, options: ListenOptions): Promise<Server>
}

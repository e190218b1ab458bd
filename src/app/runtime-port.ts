import type { Dispatcher } from './dispatcher.ts'
import type { DrainOptions } from './drain-options.ts'
import type { ProcessEnding } from './process-ending.ts'

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
  /**
   * Has SIGTERM and SIGINT drain the server, and then end the process: with 0, or with 1 if it did not stop within `timeoutMs`.
   * A second signal, half a second later or more, ends it at once, with 128 and the signal's number. Default: false, signals are the app's.
   */
  readonly drain?: boolean | DrainOptions
}

/** What a runtime gets of {@link ListenOptions}; the rest is the app's. */
export type ServeOptions = Omit<ListenOptions, 'drain'>

/** Certificate and key of one or several hosts, PEM text or bytes. */
export interface CertificateOptions {
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  readonly passphrase?: string
  /** Certificate authorities for client certificates. */
  readonly ca?: string | Uint8Array
}

/** The certificate of a server, and those of hosts that have another. */
export interface TlsOptions extends CertificateOptions {
  /**
   * Certificates by host name (SNI, RFC 6066 section 3): `www.example.com`, or `*.example.com` for one more label.
   * An exact name goes before a wildcard; other hosts, and clients that name none, get `cert`.
   */
  readonly hosts?: Readonly<Record<string, CertificateOptions>>
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
   * Stops: no new connections, requests in flight finish, sockets are closed with 1001, or as their `shutdown` hook says, event streams end; what is left after `timeoutMs` is ended.
   *
   * @param timeoutMs default: the `closeTimeoutMs` of `listen`. Calling again returns the same promise.
   */
  close(timeoutMs?: number): Promise<void>
  /**
   * Stops without losing anyone: no new connections, sockets are told in batches to go elsewhere, requests and channel commands in flight
   * finish; what is left near the end of `timeoutMs` is ended. Resolves when it has stopped.
   *
   * @param options default: those that `listen` was given. Calling again returns the same promise; `close()` has all that are not told yet told at once.
   * @throws `OPTION_INVALID`
   */
  drain(options?: DrainOptions): Promise<void>
  /**
   * Has new connections get these certificates; those that are open go on.
   *
   * @throws `TLS_RELOAD_FAILED`, with the reason as its cause: the server then goes on with the certificates that it has.
   */
  reloadTls(tls: TlsOptions): Promise<void>
  /** Resolves when it has stopped, whoever stopped it. */
  readonly closed: Promise<void>
}

/** A WebSocket of a server that drains. */
export interface LeavingSocket {
  readonly state: 'open' | 'closing' | 'closed'
  /** Calls the `shutdown` hook, waits for its promise, then closes with this code unless the hook has closed it. Once; again is nothing. */
  shutDown(code: number): void
  /** Ends the connection without a closing handshake. */
  terminate(): void
}

/** A server as a runtime makes it. */
export interface RuntimeServer {
  readonly port: number
  readonly host: string
  readonly url: string
  readonly closed: Promise<void>
  /** As {@link Server.close}; also after `stopAccepting`. */
  close(timeoutMs?: number): Promise<void>
  /**
   * Lets go of the address. Connections that are there go on, but serve their last request, and handshakes are refused with 503.
   *
   * @param withinMs how long may be waited for a good moment.
   */
  stopAccepting(withinMs: number): Promise<void>
  /** Sockets that are not closed; a copy. */
  sockets(): readonly LeavingSocket[]
  /** Takes all certificates, or throws why not and keeps those that it has. */
  reloadTls(tls: TlsOptions): void | Promise<void>
}

/** What a runtime implements; `index` picks one by detection. */
export interface RuntimePort {
  /** How the process ends in order. */
  readonly ending: ProcessEnding
  serve(dispatcher: Dispatcher, options: ServeOptions): Promise<RuntimeServer>
}

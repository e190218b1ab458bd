import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as HttpsServer } from 'node:https'
import { Server as NetServer } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Dispatcher } from '../../app/dispatcher.ts'
import type { LeavingSocket, RuntimeServer, TlsOptions } from '../../app/runtime-port.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { Reply } from '../../http/reply.ts'
import { answerClientError, isAnswering, refuseConnection, rememberResponse } from './client-error.ts'
import type { BoundAddress } from '../bound-address.ts'
import { assertValidNow } from '../certificate.ts'
import { assertTls, type ResolvedListenOptions } from '../listen-options.ts'
import { bind } from './bind.ts'
import { NewConnections } from './new-connections.ts'
import { NodeRequest } from './node-request.ts'
import { requestProblem } from './request-problem.ts'
import { stopListening } from './stop-listening.ts'
import { TlsContexts } from './tls-contexts.ts'
import { WebSocketRegistry } from './web-socket-registry.ts'
import { handleUpgrade, shouldUpgrade } from './web-socket-upgrade.ts'
import { writeReply } from './write-reply.ts'

/** How often a server that closes looks for connections that have become idle. */
const SWEEP_MS = 50
/**
 * How long idle connections of a server that drains may still bring a request, whose answer then says that it is the last.
 *
 * A proxy may be sending one as the connection is ended, and must not repeat every kind. Those that it uses often have got theirs by then.
 */
const LAST_REQUEST_MS = 500
/** A timer that is set to more fires at once. */
const MAX_TIMEOUT_MS = 2_147_483_647

/** A server of Node's http module around a dispatcher. */
export class NodeServer implements RuntimeServer {
  readonly closed: Promise<void>
  readonly #http: HttpServer
  readonly #dispatcher: Dispatcher
  readonly #options: ResolvedListenOptions
  readonly #sockets: WebSocketRegistry
  readonly #new: NewConnections
  #address: BoundAddress = { port: 0, host: '', url: '' }
  #resolveClosed: () => void = () => {}
  #closing: Promise<void> | undefined
  /** Whether connections serve no request after the one that they are at. */
  #isLeaving = false
  /** Until when idle connections are left alone, by `performance.now()`. */
  #lastRequestMs = 0
  #tls: TlsContexts | undefined

  constructor(dispatcher: Dispatcher, options: ResolvedListenOptions) {
    this.#dispatcher = dispatcher
    this.#options = options
    this.#sockets = new WebSocketRegistry(dispatcher)
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
    const settings = {
      headersTimeout: options.headersTimeoutMs,
      requestTimeout: options.requestTimeoutMs,
      keepAliveTimeout: options.keepAliveTimeoutMs,
      maxHeaderSize: options.maxHeaderBytes,
      // How often Node looks for requests that are late.
      connectionsCheckingInterval: Math.max(50, Math.min(5_000, options.headersTimeoutMs / 4)),
      noDelay: true,
      // No stream for a body that does not come. Node before 24.12 and 25.1 does not know the option.
      optimizeEmptyRequests: true,
      // Other protocols than WebSocket are not upgraded to; Node before 22.21 does not know the option, see `ignoreUpgrade`.
      shouldUpgradeCallback: shouldUpgrade,
    }
    this.#tls = options.tls && new TlsContexts(options.tls)
    this.#http =
      this.#tls === undefined
        ? createServer(settings)
        : createTlsServer({
            ...settings,
            ...this.#tls.fallback,
            // Not `addContext`: what it has added cannot be taken away again.
            SNICallback: (name, give) => give(null, this.#tls?.find(name)),
            // The handshake comes before the headers, and is as quick.
            ...(options.headersTimeoutMs > 0 && { handshakeTimeout: options.headersTimeoutMs }),
          })
    this.#new = new NewConnections(this.#http)
    this.#http
      .on('request', (req, res) => this.#onRequest(req, res, false))
      .on('checkContinue', (req, res) => this.#onRequest(req, res, true))
      .on('upgrade', (req, socket, head) => this.#onUpgrade(req, socket, head))
      .on('connect', (req, socket) => this.#onConnect(req, socket))
      .on('clientError', (error, socket) => answerClientError(error, socket, dispatcher))
      .on('tlsClientError', (_error, socket) => socket.destroy())
  }

  get port(): number {
    return this.#address.port
  }

  get host(): string {
    return this.#address.host
  }

  get url(): string {
    return this.#address.url
  }

  async listen(): Promise<void> {
    this.#address = await bind(this.#http, this.#options)
  }

  close(timeoutMs: number = this.#options.closeTimeoutMs): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  async stopAccepting(withinMs: number): Promise<void> {
    // As long as it listens, it serves as ever.
    await stopListening(this.#http, withinMs)
    if (this.#closing !== undefined) return
    this.#isLeaving = true
    this.#lastRequestMs = performance.now() + LAST_REQUEST_MS
    this.#sockets.refuseUpgrades()
  }

  sockets(): readonly LeavingSocket[] {
    return this.#sockets.sockets()
  }

  reloadTls(tls: TlsOptions): void {
    if (!(this.#http instanceof HttpsServer)) throw new GoWebError('OPTION_INVALID', 'This server has no TLS')
    assertTls(tls)
    assertValidNow(tls)
    const contexts = new TlsContexts(tls)
    this.#http.setSecureContext(contexts.fallback)
    this.#tls = contexts
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#isLeaving = true
    const httpClosed = new Promise<void>((resolve) => {
      NetServer.prototype.close.call(this.#http, () => resolve())
    })
    const closeIdle = (): void => {
      if (performance.now() < this.#lastRequestMs) return
      this.#http.closeIdleConnections()
      this.#new.endSilent()
    }
    closeIdle()
    // Answers whose head said keep-alive may end at any time; their connections are idle from then on.
    const sweep = setInterval(closeIdle, SWEEP_MS)
    const deadline = setTimeout(
      () => {
        this.#sockets.terminateAll()
        this.#http.closeAllConnections()
        this.#new.endAll()
      },
      Math.min(timeoutMs, MAX_TIMEOUT_MS),
    )
    await Promise.all([httpClosed, this.#sockets.closeAll(1001)])
    clearTimeout(deadline)
    clearInterval(sweep)
    // Ends the timer by which http looks for requests that are late.
    this.#http.close()
    this.#sockets.forget()
    this.#resolveClosed()
  }

  #onRequest(req: IncomingMessage, res: ServerResponse, awaitsContinue: boolean): void {
    if (rememberResponse(req.socket, res)) this.#new.delete(req.socket)
    // A connection that served its last request must not wait for another one while the server closes.
    if (this.#isLeaving) res.shouldKeepAlive = false
    const isHead = req.method === 'HEAD'
    const problem = requestProblem(req)
    if (problem !== undefined) {
      // What such a message contains cannot be told from a next request.
      if (problem.status > 500) res.shouldKeepAlive = false
      return writeReply(res, this.#dispatcher.errorReply(problem), isHead)
    }
    const reply = this.#dispatcher.dispatch(new NodeRequest(req, res, awaitsContinue))
    if (reply instanceof Promise) void reply.then((late) => this.#write(res, late, isHead))
    else writeReply(res, reply, isHead)
  }

  #write(res: ServerResponse, reply: Reply, isHead: boolean): void {
    if (this.#isLeaving) res.shouldKeepAlive = false
    writeReply(res, reply, isHead)
  }

  #onConnect(req: IncomingMessage, socket: Duplex): void {
    // Node has taken its parser and listeners off: an answer that is still due cannot be waited for.
    if (isAnswering(req.socket)) socket.destroy()
    else refuseConnection(socket, this.#dispatcher, 'METHOD_NOT_IMPLEMENTED')
  }

  #onUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#new.delete(req.socket)
    handleUpgrade({
      req,
      socket,
      head,
      dispatcher: this.#dispatcher,
      registry: this.#sockets,
      server: this.#http,
    })
  }
}

import type { Dispatcher } from '../../app/dispatcher.ts'
import type { LeavingSocket, RuntimeServer, TlsOptions } from '../../app/runtime-port.ts'
import { toResponse } from '../../http/to-response.ts'
import { pathAddress, type BoundAddress } from '../bound-address.ts'
import type { ResolvedListenOptions } from '../listen-options.ts'
import { BodyDeadlines } from './body-deadlines.ts'
import type { BunServeOptions } from './bun-api.ts'
import { bunFetch } from './bun-fetch.ts'
import { BunListener } from './bun-listener.ts'
import { claimHeaderBytes } from './claim-header-bytes.ts'
import { webSocketHandlers } from './bun-web-socket-handlers.ts'
import { BunWebSocketRegistry } from './bun-web-socket-registry.ts'

/** How often a server that closes looks for connections that have become idle. */
const SWEEP_MS = 50
/** A timer that is set to more fires at once. */
const MAX_TIMEOUT_MS = 2_147_483_647
/** What Bun takes at most as `idleTimeout`. */
const MAX_IDLE_SECONDS = 255

/** A server of `Bun.serve` around a dispatcher. */
export class BunServer implements RuntimeServer {
  readonly closed: Promise<void>
  readonly #options: ResolvedListenOptions
  readonly #sockets: BunWebSocketRegistry
  readonly #listener: BunListener
  #address: BoundAddress = pathAddress('')
  #resolveClosed: () => void = () => {}
  #closing: Promise<void> | undefined

  constructor(dispatcher: Dispatcher, options: ResolvedListenOptions) {
    this.#options = options
    this.#sockets = new BunWebSocketRegistry(dispatcher)
    this.#listener = new BunListener(serveOptions(dispatcher, this.#sockets, options), options)
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve))
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
    const release = claimHeaderBytes(this.#options.maxHeaderBytes)
    void this.closed.then(release)
    try {
      this.#address = await this.#listener.listen()
    } catch (error) {
      release()
      throw error
    }
  }

  close(timeoutMs: number = this.#options.closeTimeoutMs): Promise<void> {
    this.#closing ??= this.#close(timeoutMs)
    return this.#closing
  }

  async stopAccepting(): Promise<void> {
    this.#sockets.refuseUpgrades()
    void this.#listener.stop()
  }

  sockets(): readonly LeavingSocket[] {
    return this.#sockets.sockets()
  }

  reloadTls(tls: TlsOptions): void {
    this.#listener.reloadTls(tls)
  }

  async #close(timeoutMs: number): Promise<void> {
    const httpClosed = this.#listener.stop()
    // Answers whose head said keep-alive may end at any time; their connections are idle from then on.
    const sweep = setInterval(() => this.#listener.endIdle(), SWEEP_MS)
    const deadline = setTimeout(
      () => {
        this.#sockets.terminateAll()
        this.#listener.endAll()
      },
      Math.min(timeoutMs, MAX_TIMEOUT_MS),
    )
    await Promise.all([httpClosed, this.#sockets.closeAll(1001)])
    clearTimeout(deadline)
    clearInterval(sweep)
    this.#sockets.forget()
    this.#resolveClosed()
  }
}

function serveOptions(
  dispatcher: Dispatcher,
  registry: BunWebSocketRegistry,
  { tls, keepAliveTimeoutMs, requestTimeoutMs }: ResolvedListenOptions,
): BunServeOptions {
  const idleSeconds = Math.min(Math.ceil(keepAliveTimeoutMs / 1000), MAX_IDLE_SECONDS)
  return {
    idleTimeout: idleSeconds,
    // The limits of routes hold; Bun's own would have an answer without a body. Without a reader it keeps no more than a part of a body.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    id: null,
    fetch: bunFetch({
      dispatcher,
      registry,
      facts: {
        scheme: tls === undefined ? 'http' : 'https',
        deadlines: new BodyDeadlines(requestTimeoutMs),
        idleSeconds,
      },
    }),
    error: (error) => toResponse(dispatcher.errorReply(error), false),
    websocket: webSocketHandlers(registry),
  }
}

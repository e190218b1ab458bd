import type { TlsOptions } from '../../app/runtime-port.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import type { BoundAddress } from '../bound-address.ts'
import { assertValidNow } from '../certificate.ts'
import { assertTls, type ResolvedListenOptions } from '../listen-options.ts'
import { bunApi, type BunHttpServer, type BunServeOptions, type BunTlsOptions } from './bun-api.ts'
import { bindBun, type BunPlace } from './bun-bind.ts'

/** An address that servers of Bun listen at, one after the other: each has its certificates for life. */
export class BunListener {
  readonly #settings: BunServeOptions
  readonly #options: ResolvedListenOptions
  #current: BunHttpServer | undefined
  #place: BunPlace = {}
  #tls: readonly BunTlsOptions[] | undefined
  /** Servers that do not listen any more, but may have connections. */
  readonly #stopped: { readonly server: BunHttpServer; readonly ended: Promise<void> }[] = []

  /** @param settings without certificates. */
  constructor(settings: BunServeOptions, options: ResolvedListenOptions) {
    this.#settings = settings
    this.#options = options
    this.#tls = options.tls && bunTls(options.tls)
  }

  /** @throws `LISTEN_ADDRESS_IN_USE`, `LISTEN_FAILED`, `LISTEN_OPTIONS_INVALID` for a certificate that is not usable. */
  async listen(): Promise<BoundAddress> {
    const { server, place, address } = await bindBun(this.#settingsWith(this.#tls), this.#options)
    this.#current = server
    this.#place = place
    return address
  }

  /**
   * Has another server listen in the place of the one that does, which keeps its connections but those that are idle.
   *
   * `Bun.serve` cannot exchange the certificates of a server. All of it happens in one go, so that hardly a connection can come in between.
   */
  reloadTls(tls: TlsOptions): void {
    if (this.#tls === undefined) throw new GoWebError('OPTION_INVALID', 'This server has no TLS')
    assertTls(tls)
    assertValidNow(tls)
    const next = bunTls(tls)
    // Elsewhere first: what Bun does not take must not cost the place.
    void bunApi()
      .serve({ ...this.#settingsWith(next), hostname: '127.0.0.1', port: 0 })
      .stop(true)
    if (this.#current === undefined) return
    void this.stop()
    try {
      this.#current = bunApi().serve({ ...this.#settingsWith(next), ...this.#place })
      this.#tls = next
    } catch (error) {
      this.#current = bunApi().serve({ ...this.#settingsWith(this.#tls), ...this.#place })
      throw error
    }
  }

  /** Lets go of the address, and of idle connections; resolves when the others have ended. */
  stop(): Promise<void> {
    const server = this.#current
    this.#current = undefined
    if (server !== undefined) this.#stopped.push({ server, ended: server.stop() })
    return Promise.all(this.#stopped.map(({ ended }) => ended)).then(() => undefined)
  }

  /**
   * Ends connections that have become idle since they were told to stop.
   *
   * Bun waits for those on which a part of a request has come. They go when they are all that is left.
   */
  endIdle(): void {
    for (const { server } of this.#stopped) {
      const isUnused = server.pendingRequests === 0 && server.pendingWebSockets === 0
      if (isUnused) void server.stop(true)
      else server.closeIdleConnections()
    }
  }

  /** Ends all connections at once. */
  endAll(): void {
    for (const { server } of this.#stopped) void server.stop(true)
  }

  #settingsWith(tls: readonly BunTlsOptions[] | undefined): BunServeOptions {
    // In production Bun shares a port with whoever else does, unless it is told not to.
    return { ...this.#settings, ...(tls && { tls }), reusePort: false }
  }
}

function bunTls({ hosts = {}, ...certificate }: TlsOptions): BunTlsOptions[] {
  const all: BunTlsOptions[] = [certificate]
  for (const [host, options] of Object.entries(hosts))
    all.push({ ...options, serverName: host.toLowerCase() })
  return all
}

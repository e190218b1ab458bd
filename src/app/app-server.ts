import { GoWebError } from '../errors/goweb-error.ts'
import { type DrainOptions, type DrainSettings, resolveDrain } from './drain-options.ts'
import { drainServer, GOING_AWAY } from './drain-server.ts'
import type { LeavingSocket, RuntimeServer, Server, TlsOptions } from './runtime-port.ts'

/** What an app has to do with one of its servers. */
export interface ServerOwner {
  /** How it drains unless it is told otherwise. */
  readonly drain: DrainSettings
  /** What else has to be told to go when it drains. */
  leaving(): readonly LeavingSocket[]
  /** It begins to stop. */
  stopping(): void
  /** It has stopped. */
  stopped(): Promise<void>
}

/** A runtime's server whose end includes the app's stop callbacks. */
export class AppServer implements Server {
  readonly port: number
  readonly host: string
  readonly url: string
  readonly closed: Promise<void>
  readonly #server: RuntimeServer
  readonly #owner: ServerOwner
  #isStopping = false
  #closing: Promise<void> | undefined
  #draining: Promise<void> | undefined

  constructor(server: RuntimeServer, owner: ServerOwner) {
    this.#server = server
    this.#owner = owner
    this.port = server.port
    this.host = server.host
    this.url = server.url
    this.closed = server.closed.then(() => {
      this.#stop()
      return owner.stopped()
    })
  }

  close(timeoutMs?: number): Promise<void> {
    if (this.#closing !== undefined) return this.#closing
    this.#stop()
    for (const one of this.#owner.leaving()) one.shutDown(GOING_AWAY)
    this.#closing = this.#end(this.#server.close(timeoutMs))
    return this.#closing
  }

  drain(options?: DrainOptions): Promise<void> {
    if (this.#draining !== undefined) return this.#draining
    let settings = this.#owner.drain
    try {
      if (options !== undefined) settings = resolveDrain(options, 'OPTION_INVALID')
    } catch (error) {
      return Promise.reject(error)
    }
    this.#stop()
    this.#draining = this.#end(drainServer(this.#server, settings, { leaving: () => this.#owner.leaving() }))
    return this.#draining
  }

  async reloadTls(tls: TlsOptions): Promise<void> {
    try {
      await this.#server.reloadTls(tls)
    } catch (cause) {
      throw new GoWebError(
        'TLS_RELOAD_FAILED',
        `The server goes on with the certificates that it has: ${reasonOf(cause)}`,
        {
          cause,
        },
      )
    }
  }

  #stop(): void {
    if (this.#isStopping) return
    this.#isStopping = true
    this.#owner.stopping()
  }

  async #end(ending: Promise<void>): Promise<void> {
    await ending
    await this.closed
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

import { GoWebError } from '../errors/goweb-error.ts'
import type { BodyLimits } from '../http/body-reader.ts'
import { FetchRequest } from '../http/fetch-request.ts'
import { toResponse } from '../http/to-response.ts'
import { SocketGate } from '../websocket/socket-gate.ts'
import { TopicHub } from '../websocket/topic-hub.ts'
import { AppDispatcher } from './app-dispatcher.ts'
import { AppServer } from './app-server.ts'
import { AppRealtime } from './channels/app-realtime.ts'
import { checkCall } from './channels/check-call.ts'
import { checkChannel } from './channels/check-channel.ts'
import { appStats, type AppStats } from './app-stats.ts'
import type { RouteInfo, RouteOptions } from './route-types.ts'
import { detectedRuntime } from './runtime-registry.ts'
import type { ListenOptions, Server } from './runtime-port.ts'
import { Scope } from './scope.ts'
import { limit, resolveSettings, type GoWebOptions, type Settings } from './settings.ts'
import type { Topics } from './topics.ts'

/** What is behind a `GoWeb`: its scope, its dispatcher and its life cycle, free of its type parameters. */
export class AppCore {
  readonly settings: Settings
  readonly scope: Scope
  readonly topics: Topics
  readonly realtime: AppRealtime
  readonly #dispatcher: AppDispatcher
  readonly #hub: TopicHub = new TopicHub()
  #starting: Promise<void> | undefined
  #started: Scope[] = []
  #servers = 0

  constructor(options: GoWebOptions) {
    this.settings = resolveSettings(options)
    this.scope = new Scope({ trailingSlash: options.trailingSlash ?? 'strict' })
    this.topics = this.#hub
    this.realtime = new AppRealtime(this.scope, this.settings, this.#hub)
    const gate = new SocketGate(this.settings.sockets, this.#hub.counters)
    this.#dispatcher = new AppDispatcher(this.scope, this.settings, {
      hub: this.#hub,
      gate,
      realtime: this.realtime,
    })
  }

  mount(prefix: string, child: AppCore | undefined): void {
    if (child === undefined) {
      throw new GoWebError('MOUNT_INVALID', `mount('${prefix}', app): expected an app made by new GoWeb()`)
    }
    this.scope.mount(prefix, child.scope)
  }

  addChannel(pattern: unknown, definition: unknown): void {
    this.scope.define(checkChannel(pattern, definition))
  }

  addCall(name: unknown, options: unknown, handler: unknown): void {
    this.scope.define(checkCall(name, options, handler))
  }

  limitsFor(options: RouteOptions): BodyLimits {
    if (options.bodyLimitBytes === undefined) return this.settings.limits
    return { ...this.settings.limits, bodyLimitBytes: limit('bodyLimitBytes', options.bodyLimitBytes) }
  }

  routes(): readonly RouteInfo[] {
    return Array.from(this.scope.router.routes(), ({ method, pattern, name }) => ({ method, pattern, name }))
  }

  stats(): AppStats {
    return appStats(this.#hub, this.realtime.stats)
  }

  async fetch(request: Request, info: { readonly ip?: string } = {}): Promise<Response> {
    const reply = await this.#dispatcher.dispatch(new FetchRequest(request, info))
    return toResponse(reply, request.method === 'HEAD')
  }

  async listen(options: ListenOptions): Promise<Server> {
    const runtime = await detectedRuntime()
    await this.start()
    this.#servers++
    try {
      const server = await runtime.serve(this.#dispatcher, options)
      return new AppServer(server, () => this.#serverClosed())
    } catch (error) {
      await this.#serverClosed()
      throw error
    }
  }

  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async stop(): Promise<void> {
    if (this.#starting !== undefined) {
      await this.#starting.catch(() => undefined)
      this.#starting = undefined
      const scopes = this.#started.toReversed()
      this.#started = []
      for (const scope of scopes) await this.#runStop(scope)
    }
    // Channels may have been used without a start.
    await this.#stopRealtime()
  }

  async #start(): Promise<void> {
    try {
      if (!this.scope.commands.isEmpty) await this.realtime.start()
    } catch (error) {
      this.#starting = undefined
      throw error
    }
    for (const scope of this.scope.all()) {
      this.#started.push(scope)
      for (const callback of scope.startCallbacks) {
        try {
          await callback()
        } catch (cause) {
          await this.#startFailed(cause)
        }
      }
    }
  }

  async #startFailed(cause: unknown): Promise<never> {
    const scopes = this.#started.toReversed()
    this.#started = []
    this.#starting = undefined
    for (const scope of scopes) await this.#runStop(scope)
    await this.#stopRealtime()
    throw new GoWebError('PLUGIN_START_FAILED', 'A start callback failed, so the app did not start', {
      cause,
    })
  }

  async #runStop(scope: Scope): Promise<void> {
    for (const callback of scope.stopCallbacks.toReversed()) {
      try {
        await callback()
      } catch (error) {
        this.settings.report(error, 'stop callback')
      }
    }
  }

  async #stopRealtime(): Promise<void> {
    try {
      await this.realtime.stop()
    } catch (error) {
      this.settings.report(error, 'broker')
    }
  }

  async #serverClosed(): Promise<void> {
    this.#servers--
    if (this.#servers === 0) await this.stop()
  }
}

import { GoWebError } from '../errors/goweb-error.ts'
import type { BodyLimits } from '../http/body-reader.ts'
import { FetchRequest } from '../http/fetch-request.ts'
import { toResponse } from '../http/to-response.ts'
import { SocketGate } from '../websocket/socket-gate.ts'
import { TopicHub } from '../websocket/topic-hub.ts'
import { AppDispatcher } from './app-dispatcher.ts'
import { AppServer } from './app-server.ts'
import { closeOnAbort } from './close-on-abort.ts'
import { type DrainSettings, resolveDrain } from './drain-options.ts'
import { listenUntilSignal } from './listen-until-signal.ts'
import { AppRealtime } from './channels/app-realtime.ts'
import { checkCall } from './channels/check-call.ts'
import { checkChannel } from './channels/check-channel.ts'
import { appStats, type AppStats } from './app-stats.ts'
import type { RouteInfo, RouteOptions } from './route-types.ts'
import { detectedRuntime } from './runtime-registry.ts'
import type { ListenOptions, RuntimePort, ServeOptions, Server } from './runtime-port.ts'
import { Scope } from './scope.ts'
import { limit, resolveSettings, type GoWebOptions, type Settings } from './settings.ts'
import type { Topics } from './topics.ts'

/** Whether an app can be given work, and if not, why. */
export type Readiness = 'ready' | 'starting' | 'draining' | 'broker not connected'

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
  #isStarting = false
  /** Whether a start is at its first step, which leaves nothing behind when the process ends meanwhile. */
  #isConnecting = false
  #stopping = 0

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

  get readiness(): Readiness {
    if (this.#stopping > 0) return 'draining'
    if (this.#isStarting) return 'starting'
    return this.realtime.isConnected ? 'ready' : 'broker not connected'
  }

  async listen({ drain = false, ...options }: ListenOptions): Promise<Server> {
    const settings = resolveDrain(typeof drain === 'boolean' ? {} : drain, 'LISTEN_OPTIONS_INVALID')
    const runtime = await detectedRuntime()
    if (drain === false) return this.#open(runtime, options, settings, () => false) as Promise<AppServer>
    return listenUntilSignal(
      {
        open: (isUnwanted) => this.#open(runtime, options, settings, isUnwanted),
        isConnecting: () => this.#isConnecting,
        report: this.settings.report,
      },
      runtime.ending,
      settings,
    )
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

  /** Undefined when the server turned out not to be wanted; what had started is stopped then. */
  async #open(
    runtime: RuntimePort,
    options: ServeOptions,
    settings: DrainSettings,
    isUnwanted: () => boolean,
  ): Promise<AppServer | undefined> {
    const server = await this.#serve(runtime, options, settings, isUnwanted)
    if (server !== undefined && options.signal !== undefined) await closeOnAbort(server, options.signal)
    return server
  }

  async #serve(
    runtime: RuntimePort,
    options: ServeOptions,
    settings: DrainSettings,
    isUnwanted: () => boolean,
  ): Promise<AppServer | undefined> {
    this.#servers++
    try {
      await this.start()
      if (isUnwanted()) {
        await this.#serverClosed()
        return undefined
      }
      const server = new AppServer(await runtime.serve(this.#dispatcher, options), {
        drain: settings,
        // They are the app's: while another server serves, nobody knows whose they are.
        leaving: () => (this.#stopping < this.#servers ? [] : this.settings.eventStreams.leaving()),
        stopping: () => this.#stopping++,
        stopped: async () => {
          await this.#serverClosed()
          this.#stopping--
        },
      })
      if (!isUnwanted()) return server
      await server.close(0)
      return undefined
    } catch (error) {
      await this.#serverClosed()
      throw error
    }
  }

  async #start(): Promise<void> {
    this.#isStarting = true
    try {
      await this.#connect()
      await this.#runStarts()
    } finally {
      this.#isStarting = false
    }
  }

  async #connect(): Promise<void> {
    if (this.scope.commands.isEmpty) return
    this.#isConnecting = true
    try {
      await this.realtime.start()
    } catch (error) {
      this.#starting = undefined
      throw error
    } finally {
      this.#isConnecting = false
    }
  }

  async #runStarts(): Promise<void> {
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

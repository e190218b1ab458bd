import type { ChannelAccess, ChannelParams } from '../chain/channel-access.ts'
import { AppCore } from './app-core.ts'
import type { AppStats } from './app-stats.ts'
import type { RouteInfo } from './route-types.ts'
import type { ListenOptions, Server } from './runtime-port.ts'
import type { GoWebOptions } from './settings.ts'
import type { Topics } from './topics.ts'

/** What an app is to those who serve it: everything that does not depend on the types of what was added. */
export class ServedApp {
  /** Raw topics of this app's sockets, to publish from outside a socket. */
  readonly topics: Topics
  /**
   * Answers a standard `Request` as the server would, on any platform; never rejects. Bound, so it can be handed on as it is.
   *
   * WebSockets need a server. Start callbacks do not run: call `start()` first where there are some.
   */
  readonly fetch: (request: Request, info?: { readonly ip?: string }) => Promise<Response>
  /** Where a channel is now; the same as `app.channels.position`. */
  readonly position: ChannelAccess['position']
  readonly #core: AppCore

  constructor(options: GoWebOptions = {}) {
    const core = new AppCore(options)
    this.#core = core
    this.topics = core.topics
    this.fetch = (request, info) => core.fetch(request, info)
    const { channels } = core.realtime
    this.position = (channel: string, params?: ChannelParams) => channels.position(channel, params)
  }

  /** Runs before the first server listens; what it rejects with stops the start. */
  onStart(callback: () => unknown): this {
    this.#core.scope.startCallbacks.push(callback)
    return this
  }

  /** Runs after the last server has closed, in reverse order of registration. */
  onStop(callback: () => unknown): this {
    this.#core.scope.stopCallbacks.push(callback)
    return this
  }

  /** All routes, those of mounted apps included. */
  routes(): readonly RouteInfo[] {
    return this.#core.routes()
  }

  /**
   * What the sockets of this app's servers did so far, and how many there are now: plain numbers, taken at this moment.
   *
   * Those of apps mounted into it are its own. Cheap enough for every second; it walks the open sockets once.
   */
  stats(): AppStats {
    return this.#core.stats()
  }

  /**
   * Listens, by default on port 8080 of all addresses; the runtime is detected.
   *
   * @throws `LISTEN_ADDRESS_IN_USE`, `LISTEN_FAILED`, `LISTEN_OPTIONS_INVALID`, `PLUGIN_START_FAILED`, `RUNTIME_UNSUPPORTED`
   */
  listen(options: number | ListenOptions = {}): Promise<Server> {
    return this.#core.listen(typeof options === 'number' ? { port: options } : options)
  }

  /** Runs the start callbacks once; `listen` does it for you. */
  start(): Promise<void> {
    return this.#core.start()
  }

  /** Runs the stop callbacks once after a start; closing the last server does it for you. */
  stop(): Promise<void> {
    return this.#core.stop()
  }

  /** For the layers that serve an app. */
  static coreOf(app: ServedApp): AppCore {
    return app.#core
  }
}

/** What is behind an app, for the layers that serve it. */
export function coreOf(app: ServedApp): AppCore {
  return ServedApp.coreOf(app)
}

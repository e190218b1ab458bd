import type { Kind } from '../chain/base-context.ts'
import type { Step } from '../chain/compose.ts'
import type { Middleware, MiddlewareReturn, Next } from '../chain/middleware.ts'
import type { Plugin } from '../chain/plugin.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { Reply } from '../http/reply.ts'
import type { RequestContext } from '../http/request-context.ts'
import { toReply } from '../http/to-reply.ts'
import { assertMiddleware } from '../http/define-middleware.ts'
import { AppCore } from './app-core.ts'
import type { AppStats } from './app-stats.ts'
import { checkRoute } from './check-route.ts'
import { compileHandler } from './compile-handler.ts'
import { compileSocketRoute, toUpgradeResult } from './compile-socket-route.ts'
import { pluginOptions } from './plugin-options.ts'
import type {
  ErrorHandler,
  HandlerResult,
  KnownOptions,
  NamedPatterns,
  NameOf,
  OutputOf,
  PartInput,
  PrefixedRoutes,
  RouteContext,
  RouteInfo,
  RouteOptions,
  RouteType,
  ScopeContext,
  UrlArguments,
} from './route-types.ts'
import type { ListenOptions, Server } from './runtime-port.ts'
import type { GoWebOptions } from './settings.ts'
import type { SocketRoute } from './socket-route.ts'
import type { Topics } from './topics.ts'

type Handler = (c: RequestContext) => unknown

/**
 * An app: one router, one middleware chain and one set of types for HTTP, WebSockets and channels.
 *
 * An app is a scope: what is added to it holds for what is defined on it afterwards and for apps mounted into it afterwards, and never
 * leaks to its parent. Every method returns the same app with the addition in its type, so chain the calls and keep the result.
 *
 * @example
 * const app = new GoWeb()
 *   .get('/hello/{name}', (c) => c.json({ hello: c.params.name }))
 *   .ws('/echo', { message: (socket, message) => void socket.send(message) })
 * await app.listen(8080)
 */
export class GoWeb<Routes = {}, Channels = {}, Calls = {}, State = {}, Needs = {}, HttpState = {}> {
  /** For the compiler only: what typed clients read from the app's type. */
  declare readonly '~types'?: { readonly routes: Routes; readonly channels: Channels; readonly calls: Calls }
  /** For the compiler only: what a parent must have added before this app is mounted. */
  declare readonly '~needs'?: (state: Needs) => void
  /** Adds a route for GET, and for HEAD unless that has its own. */
  declare readonly get: RouteMethod<'GET', Routes, Channels, Calls, State, Needs, HttpState>
  /** Adds a route for POST. */
  declare readonly post: RouteMethod<'POST', Routes, Channels, Calls, State, Needs, HttpState>
  /** Adds a route for PUT. */
  declare readonly put: RouteMethod<'PUT', Routes, Channels, Calls, State, Needs, HttpState>
  /** Adds a route for PATCH. */
  declare readonly patch: RouteMethod<'PATCH', Routes, Channels, Calls, State, Needs, HttpState>
  /** Adds a route for DELETE. */
  declare readonly delete: RouteMethod<'DELETE', Routes, Channels, Calls, State, Needs, HttpState>
  /** Adds a route for OPTIONS instead of the automatic answer. */
  declare readonly options: RouteMethod<'OPTIONS', Routes, Channels, Calls, State, Needs, HttpState>
  /** Adds a route for HEAD instead of the answer that the GET route gives. */
  declare readonly head: RouteMethod<'HEAD', Routes, Channels, Calls, State, Needs, HttpState>
  /** Adds a route for every method that has no route of its own at this path. */
  declare readonly all: RouteMethod<'*', Routes, Channels, Calls, State, Needs, HttpState>

  /** Raw topics of this app's sockets, to publish from outside a socket. */
  readonly topics: Topics
  /**
   * Answers a standard `Request` as the server would, on any platform; never rejects. Bound, so it can be handed on as it is.
   *
   * WebSockets need a server. Start callbacks do not run: call `start()` first where there are some.
   */
  readonly fetch: (request: Request, info?: { readonly ip?: string }) => Promise<Response>
  readonly #core: AppCore

  static {
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', '*']) {
      const name = method === '*' ? 'all' : method.toLowerCase()
      const add = function (
        this: GoWeb,
        pattern: string,
        first: RouteOptions | Handler,
        second?: Handler,
      ): GoWeb {
        return this.#addRoute(method, pattern, first, second)
      }
      Object.defineProperty(GoWeb.prototype, name, { value: add, configurable: true, writable: true })
    }
  }

  constructor(options: GoWebOptions = {}) {
    const core = new AppCore(options)
    this.#core = core
    this.topics = core.topics
    this.fetch = (request, info) => core.fetch(request, info)
  }

  /**
   * Adds a middleware for what is defined afterwards.
   *
   * It runs for the kinds it declares (`defineMiddleware`), or those given here, or all. What it gives to `next` is in the context,
   * and in its type, of everything of these kinds that is defined afterwards.
   *
   * @throws `OPTION_INVALID` for what is no middleware.
   */
  use<Adds extends object = {}>(
    middleware: Middleware<Adds, HttpContext & State & HttpState, Reply> & {
      readonly kinds: readonly 'http'[]
    },
  ): GoWeb<Routes, Channels, Calls, State, Needs, HttpState & Adds>
  use<const K extends 'http' | 'upgrade', Adds extends object = {}>(
    middleware: Middleware<Adds, HttpContext & State> & { readonly kinds: readonly K[] },
  ): GoWeb<Routes, Channels, Calls, 'http' extends K ? State & Adds : State, Needs, HttpState>
  use<Adds extends object = {}>(
    middleware: Middleware<Adds, ScopeContext<State>>,
  ): GoWeb<Routes, Channels, Calls, State & Adds, Needs, HttpState>
  use<Adds extends object = {}>(
    kinds: readonly 'http'[],
    middleware: (c: HttpContext & State & HttpState, next: Next<Reply>) => MiddlewareReturn<Adds>,
  ): GoWeb<Routes, Channels, Calls, State, Needs, HttpState & Adds>
  use<const K extends 'http' | 'upgrade', Adds extends object = {}>(
    kinds: readonly K[],
    middleware: (c: HttpContext & State, next: Next) => MiddlewareReturn<Adds>,
  ): GoWeb<Routes, Channels, Calls, 'http' extends K ? State & Adds : State, Needs, HttpState>
  use(first: object, second?: object): unknown {
    const step = (second ?? first) as Step<RequestContext> & { readonly kinds?: readonly Kind[] }
    const kinds = second === undefined ? step?.kinds : (first as readonly Kind[])
    assertMiddleware(step, kinds)
    this.#core.scope.use({ step, kinds })
    return this
  }

  /** Adds a WebSocket endpoint: its handshake passes the same chain as a request. */
  ws<const Pattern extends string, Upgrade = undefined, const Name extends string = never>(
    pattern: Pattern,
    route: SocketRoute<Pattern, State, Upgrade, Name>,
  ): GoWeb<
    Routes & {
      readonly [K in `WEBSOCKET ${Pattern}`]: RouteType<Pattern, Name, undefined, undefined, never>
    },
    Channels,
    Calls,
    State,
    Needs,
    HttpState
  > {
    const compiled = compileSocketRoute(
      pattern,
      route as never, // Called with the contexts that its types name.
      this.#core.settings,
    )
    this.#core.scope.addRoute({
      method: 'WEBSOCKET',
      kind: 'upgrade',
      pattern,
      name: route.name,
      match: route.match,
      limits: this.#core.settings.limits,
      handler: compiled,
      normalize: toUpgradeResult,
    })
    return this as never // The route exists in the type only.
  }

  /**
   * Adds another app's routes, channels and calls under a prefix: routes `/admin/…`, channels `admin/…`, calls `admin.…`.
   *
   * The middleware added here so far runs before the app's own. `/` of the mounted app is the prefix itself. At the prefix `/`
   * it shares the paths of this app, whose `onNotFound` answers for both. Its own `trailingSlash` and `report` hold only where it is
   * served by itself.
   *
   * @throws `MOUNT_INVALID`, `PATTERN_INVALID`, `ROUTE_CONFLICT`, `ROUTE_NAME_TAKEN`, `PLUGIN_REGISTERED_TWICE`
   */
  mount<
    const Prefix extends string,
    MountedRoutes,
    MountedChannels,
    MountedCalls,
    MountedState,
    MountedHttpState,
  >(
    prefix: Prefix,
    app: GoWeb<MountedRoutes, MountedChannels, MountedCalls, MountedState, State, MountedHttpState>,
  ): GoWeb<Routes & PrefixedRoutes<Prefix, MountedRoutes>, Channels, Calls, State, Needs, HttpState> {
    const isApp = typeof app === 'object' && app !== null && #core in app
    this.#core.mount(prefix, isApp ? app.#core : undefined)
    return this as never // The prefixed routes exist in the type only.
  }

  /**
   * Adds a plugin with its checked options.
   *
   * @throws `PLUGIN_REGISTERED_TWICE`, `PLUGIN_OPTIONS_INVALID`
   */
  register<PluginRoutes, PluginChannels, PluginCalls, PluginState, PluginHttpState, Options, Input>(
    plugin: Plugin<
      GoWeb<{}, {}, {}, State, {}, HttpState>,
      GoWeb<PluginRoutes, PluginChannels, PluginCalls, PluginState, {}, PluginHttpState>,
      Options,
      Input
    >,
    ...options: undefined extends Input ? [options?: Input] : [options: Input]
  ): GoWeb<
    Routes & PluginRoutes,
    Channels & PluginChannels,
    Calls & PluginCalls,
    State & PluginState,
    Needs,
    HttpState & PluginHttpState
  > {
    const checked = pluginOptions(plugin, options[0])
    this.#core.scope.addPlugin(plugin.name)
    plugin.setup(this as never, checked as Options) // The plugin sees the app without what others added to its type.
    return this as never
  }

  /**
   * Turns errors of this app and of apps mounted into it into answers.
   *
   * The innermost handler is asked first; one that returns nothing leaves the error to the next outer one, and one that throws gives
   * its own error to it. What it returns without a status (not a `Reply` or `Response`) is sent with that of the error. Without any,
   * the answer is problem details (RFC 9457) and errors from 500 on are reported. Of several handlers of one app the last counts.
   */
  onError(handler: ErrorHandler<State & HttpState>): this {
    this.#core.scope.errorHandler = handler as never // Called with the contexts that the type names.
    return this
  }

  /**
   * Answers requests under this app's prefix that no route matches; they pass its chain first.
   *
   * What it returns without a status (not a `Reply` or `Response`) is sent with 404; returning nothing leaves the request to the next
   * outer app. Of several handlers of one app the last counts.
   */
  onNotFound(handler: (c: HttpContext & State & HttpState) => unknown): this {
    this.#core.scope.notFoundHandler = handler as never // Called with this scope's context.
    return this
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

  /**
   * Builds the path of a named route, percent-encoded; with options also its query, or the whole URL.
   *
   * @throws `ROUTE_NAME_UNKNOWN`, `ROUTE_PARAM_INVALID`
   */
  url<Name extends keyof NamedPatterns<Routes> & string>(
    name: Name,
    ...[params, options]: UrlArguments<NamedPatterns<Routes>[Name] & string>
  ): string {
    return this.#core.scope.router.url(name, params, options)
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

  #addRoute(
    method: string,
    pattern: string,
    first: RouteOptions | Handler,
    second: Handler | undefined,
  ): this {
    const isBare = typeof first === 'function' && second === undefined
    const options = isBare ? {} : (first as RouteOptions)
    const handler = isBare ? first : (second as Handler)
    checkRoute(`${method} ${pattern}`, options, handler)
    this.#core.scope.addRoute({
      method,
      kind: 'http',
      pattern,
      name: options.name,
      match: options.match,
      limits: this.#core.limitsFor(options),
      handler: compileHandler(options, handler),
      normalize: toReply,
    })
    return this
  }
}

/**
 * One way to add routes: with or without options before the handler.
 *
 * The parts of a `RouteType` are spelt out here, so that editors show them resolved and not as the options they came from.
 */
export interface RouteMethod<Method extends string, Routes, Channels, Calls, State, Needs, HttpState> {
  <const Pattern extends string, const Result>(
    pattern: Pattern,
    handler: (c: RouteContext<Pattern, State & HttpState>) => Result,
  ): GoWeb<
    Routes & {
      readonly [K in `${Method} ${Pattern}`]: RouteType<
        Pattern,
        never,
        undefined,
        undefined,
        OutputOf<{}, Result>
      >
    },
    Channels,
    Calls,
    State,
    Needs,
    HttpState
  >
  <
    const Pattern extends string,
    const Options extends RouteOptions,
    const Result extends HandlerResult<Options>,
  >(
    pattern: Pattern,
    options: KnownOptions<Options>,
    handler: (c: RouteContext<Pattern, State & HttpState, Options>) => Result,
  ): GoWeb<
    Routes & {
      readonly [K in `${Method} ${Pattern}`]: RouteType<
        Pattern,
        NameOf<Options>,
        PartInput<Options, 'query'>,
        PartInput<Options, 'body'>,
        OutputOf<Options, Result>
      >
    },
    Channels,
    Calls,
    State,
    Needs,
    HttpState
  >
}

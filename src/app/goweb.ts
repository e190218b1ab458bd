import type { Kind } from '../chain/base-context.ts'
import type { Step } from '../chain/compose.ts'
import type { Middleware, MiddlewareReturn, Next } from '../chain/middleware.ts'
import type { Plugin } from '../chain/plugin.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { Reply } from '../http/reply.ts'
import type { RequestContext } from '../http/request-context.ts'
import { toReply } from '../http/to-reply.ts'
import { assertMiddleware } from '../http/define-middleware.ts'
import type { AppChannels } from './channels/app-channels.ts'
import type { Authenticate } from './channels/authenticate.ts'
import type { CallAnswer, CallInput, CallOptions, CallResult, CallSent } from './channels/call-definition.ts'
import type { DefinitionFor, EventDefinitions, EventTypes } from './channels/channel-definition.ts'
import type { CallType, ChannelType, DeliveryMode } from '../protocol/app-contract.ts'
import type { PrefixedCalls, PrefixedChannels } from './channels/prefixed-types.ts'
import type { CallContext } from './channels/command-context.ts'
import type { DefinedChannel } from './channels/define-channel.ts'
import { checkRoute } from './check-route.ts'
import { compileHandler } from './compile-handler.ts'
import { compileSocketRoute, socketOptions, toUpgradeResult } from './compile-socket-route.ts'
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
  RouteOptions,
  RouteType,
  ScopeContext,
  UrlArguments,
} from './route-types.ts'
import { coreOf, ServedApp } from './served-app.ts'
import type { GoWebOptions } from './settings.ts'
import type { SocketRoute } from './socket-route.ts'

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
export class GoWeb<
  Routes = {},
  Channels = {},
  Calls = {},
  State = {},
  Needs = {},
  HttpState = {},
  UpgradeState = {},
> extends ServedApp {
  /** For the compiler only: what typed clients read from the app's type. */
  declare readonly '~types'?: { readonly routes: Routes; readonly channels: Channels; readonly calls: Calls }
  /** For the compiler only: what a parent must have added before this app is mounted. */
  declare readonly '~needs'?: (state: Needs) => void
  /** Adds a route for GET, and for HEAD unless that has its own. */
  declare readonly get: RouteMethod<'GET', Routes, Channels, Calls, State, Needs, HttpState, UpgradeState>
  /** Adds a route for POST. */
  declare readonly post: RouteMethod<'POST', Routes, Channels, Calls, State, Needs, HttpState, UpgradeState>
  /** Adds a route for PUT. */
  declare readonly put: RouteMethod<'PUT', Routes, Channels, Calls, State, Needs, HttpState, UpgradeState>
  /** Adds a route for PATCH. */
  declare readonly patch: RouteMethod<'PATCH', Routes, Channels, Calls, State, Needs, HttpState, UpgradeState>
  /** Adds a route for DELETE. */
  declare readonly delete: RouteMethod<
    'DELETE',
    Routes,
    Channels,
    Calls,
    State,
    Needs,
    HttpState,
    UpgradeState
  >
  /** Adds a route for OPTIONS instead of the automatic answer. */
  declare readonly options: RouteMethod<
    'OPTIONS',
    Routes,
    Channels,
    Calls,
    State,
    Needs,
    HttpState,
    UpgradeState
  >
  /** Adds a route for HEAD instead of the answer that the GET route gives. */
  declare readonly head: RouteMethod<'HEAD', Routes, Channels, Calls, State, Needs, HttpState, UpgradeState>
  /** Adds a route for every method that has no route of its own at this path. */
  declare readonly all: RouteMethod<'*', Routes, Channels, Calls, State, Needs, HttpState, UpgradeState>

  /** Channels of this app, seen from the server: publish, history, presence, and what concerns a user. */
  readonly channels: AppChannels<Channels>
  /** Where a channel of this app is now; the same as `app.channels.position`. */
  declare readonly position: AppChannels<Channels>['position']

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
    super(options)
    this.channels = coreOf(this).realtime.channels as never // Checks at run time what its type says.
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
  ): GoWeb<Routes, Channels, Calls, State, Needs, HttpState & Adds, UpgradeState>
  use<const K extends 'http' | 'upgrade', Adds extends object = {}>(
    middleware: Middleware<Adds, HttpContext & State> & { readonly kinds: readonly K[] },
  ): GoWeb<
    Routes,
    Channels,
    Calls,
    State,
    Needs,
    'http' extends K ? HttpState & Adds : HttpState,
    'upgrade' extends K ? UpgradeState & Adds : UpgradeState
  >
  use<Adds extends object = {}>(
    middleware: Middleware<Adds, ScopeContext<State>>,
  ): GoWeb<Routes, Channels, Calls, State & Adds, Needs, HttpState, UpgradeState>
  use<Adds extends object = {}>(
    kinds: readonly 'http'[],
    middleware: (c: HttpContext & State & HttpState, next: Next<Reply>) => MiddlewareReturn<Adds>,
  ): GoWeb<Routes, Channels, Calls, State, Needs, HttpState & Adds, UpgradeState>
  use<const K extends 'http' | 'upgrade', Adds extends object = {}>(
    kinds: readonly K[],
    middleware: (c: HttpContext & State, next: Next) => MiddlewareReturn<Adds>,
  ): GoWeb<
    Routes,
    Channels,
    Calls,
    State,
    Needs,
    'http' extends K ? HttpState & Adds : HttpState,
    'upgrade' extends K ? UpgradeState & Adds : UpgradeState
  >
  use(
    kinds: readonly Kind[],
    middleware: (c: ScopeContext<State>, next: Next) => MiddlewareReturn<{}>,
  ): GoWeb<Routes, Channels, Calls, State, Needs, HttpState, UpgradeState>
  use(first: object, second?: object): unknown {
    const step = (second ?? first) as Step<RequestContext> & { readonly kinds?: readonly Kind[] }
    const kinds = second === undefined ? step?.kinds : (first as readonly Kind[])
    assertMiddleware(step, kinds)
    coreOf(this).scope.use({ step, kinds })
    return this
  }

  /** Adds a WebSocket endpoint: its handshake passes the same chain as a request. */
  ws<const Pattern extends string, Upgrade = undefined, const Name extends string = never>(
    pattern: Pattern,
    route: SocketRoute<Pattern, State & UpgradeState, Upgrade, Name>,
  ): GoWeb<
    Routes & {
      readonly [K in `WEBSOCKET ${Pattern}`]: RouteType<Pattern, Name, undefined, undefined, never>
    },
    Channels,
    Calls,
    State,
    Needs,
    HttpState,
    UpgradeState
  > {
    // Called with the contexts that its types name.
    const compiled = compileSocketRoute(pattern, route as never, coreOf(this).settings)
    coreOf(this).scope.define({
      method: 'WEBSOCKET',
      kind: 'upgrade',
      pattern,
      name: route.name,
      match: route.match,
      limits: coreOf(this).settings.limits,
      ceilings: socketOptions(pattern, route as never),
      handler: compiled,
      normalize: toUpgradeResult,
    })
    return this as never // The route exists in the type only.
  }

  /**
   * Adds a channel pattern: what it promises, what it keeps, its events, and who may do what.
   *
   * Its rules and handlers pass the chain, once for each command. Clients connect at `/connection/websocket`.
   *
   * @throws `OPTION_INVALID`, `PATTERN_INVALID`, `CHANNEL_CONFLICT`
   * @example
   * app.channel('rooms/{room}', {
   *   delivery: 'replay',
   *   events: { message: z.object({ text: z.string().max(2_000) }) },
   *   subscribe: (c) => c.user.canRead(c.params.room),
   *   on: { message: (c, data) => ({ ...data, from: c.user.name }) },
   * })
   */
  channel<
    const Pattern extends string,
    const D extends DeliveryMode,
    const Events extends EventDefinitions = {},
    Handlers extends { readonly [Name in keyof Events]?: unknown } = {},
  >(
    pattern: Pattern,
    definition: DefinitionFor<Pattern, State, D, Events, Handlers>,
  ): GoWeb<
    Routes,
    Channels & { readonly [K in Pattern]: ChannelType<Pattern, D, EventTypes<Events, Handlers>> },
    Calls,
    State,
    Needs,
    HttpState,
    UpgradeState
  >
  channel<const Pattern extends string, D extends DeliveryMode, Events>(
    channel: DefinedChannel<ChannelType<Pattern, D, Events>>,
  ): GoWeb<
    Routes,
    Channels & { readonly [K in Pattern]: ChannelType<Pattern, D, Events> },
    Calls,
    State,
    Needs,
    HttpState,
    UpgradeState
  >
  channel(first: string | DefinedChannel<unknown>, second?: unknown): unknown {
    const isDefined = second === undefined && typeof first === 'object'
    coreOf(this).addChannel(isDefined ? first.pattern : first, isDefined ? first.definition : second)
    return this
  }

  /**
   * Adds a call: a question of a channel connection that is answered once.
   *
   * At most once, unless declared `idempotent`. The handler's `c.signal` is aborted when the caller has gone.
   *
   * @throws `OPTION_INVALID`, `CALL_CONFLICT`
   * @example
   * app.call('users.rename', { input: Rename, output: User }, (c, input) => users.rename(c.connection.user, input))
   */
  call<const Name extends string, const Options extends CallOptions, Result extends CallResult<Options>>(
    name: Name,
    options: Options,
    handler: (c: CallContext & State, input: CallInput<Options>) => Result,
  ): GoWeb<
    Routes,
    Channels,
    Calls & { readonly [K in Name]: CallType<CallSent<Options>, CallAnswer<Options, Result>> },
    State,
    Needs,
    HttpState,
    UpgradeState
  > {
    coreOf(this).addCall(name, options, handler)
    return this as never // The call exists in the type only.
  }

  /**
   * Says who opens a channel connection; without it everyone is anonymous, `''`.
   *
   * Commands of kind `connect` pass the middleware that there is now, and this hook sees what it added. Of several the last counts; only the
   * app that listens has one.
   *
   * @throws `MOUNT_INVALID` on a mounted app.
   */
  authenticate(hook: Authenticate<State>): this {
    coreOf(this).scope.setAuthenticate(hook as never) // Called with the context that its type names.
    return this
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
    MountedUpgradeState,
  >(
    prefix: Prefix,
    app: GoWeb<
      MountedRoutes,
      MountedChannels,
      MountedCalls,
      MountedState,
      State,
      MountedHttpState,
      MountedUpgradeState
    >,
  ): GoWeb<
    Routes & PrefixedRoutes<Prefix, MountedRoutes>,
    Channels & PrefixedChannels<Prefix, MountedChannels>,
    Calls & PrefixedCalls<Prefix, MountedCalls>,
    State,
    Needs,
    HttpState,
    UpgradeState
  > {
    coreOf(this).mount(prefix, app instanceof ServedApp ? coreOf(app) : undefined)
    return this as never // The prefixed routes exist in the type only.
  }

  /**
   * Adds a plugin with its checked options.
   *
   * @throws `PLUGIN_REGISTERED_TWICE`, `PLUGIN_OPTIONS_INVALID`
   */
  register<
    PluginRoutes,
    PluginChannels,
    PluginCalls,
    PluginState,
    PluginHttpState,
    PluginUpgradeState,
    Options,
    Input,
  >(
    plugin: Plugin<
      GoWeb<{}, {}, {}, State, {}, HttpState, UpgradeState>,
      GoWeb<PluginRoutes, PluginChannels, PluginCalls, PluginState, {}, PluginHttpState, PluginUpgradeState>,
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
    HttpState & PluginHttpState,
    UpgradeState & PluginUpgradeState
  > {
    const checked = pluginOptions(plugin, options[0])
    coreOf(this).scope.addPlugin(plugin.name)
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
  onError(handler: ErrorHandler<State & HttpState & UpgradeState>): this {
    coreOf(this).scope.errorHandler = handler as never // Called with the contexts that the type names.
    return this
  }

  /**
   * Answers requests under this app's prefix that no route matches; they pass its chain first.
   *
   * What it returns without a status (not a `Reply` or `Response`) is sent with 404; returning nothing leaves the request to the next
   * outer app. Of several handlers of one app the last counts.
   */
  onNotFound(handler: (c: HttpContext & State & HttpState) => unknown): this {
    coreOf(this).scope.notFoundHandler = handler as never // Called with this scope's context.
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
    return coreOf(this).scope.router.url(name, params, options)
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
    coreOf(this).scope.define({
      method,
      kind: 'http',
      pattern,
      name: options.name,
      match: options.match,
      limits: coreOf(this).limitsFor(options),
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
export interface RouteMethod<
  Method extends string,
  Routes,
  Channels,
  Calls,
  State,
  Needs,
  HttpState,
  UpgradeState,
> {
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
    HttpState,
    UpgradeState
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
    HttpState,
    UpgradeState
  >
}

import { registerRuntime } from './app/runtime-registry.ts'
import { GoWebError } from './errors/goweb-error.ts'

registerRuntime(async () => {
  const { versions } = globalThis.process ?? {}
  // Bun tells a version of Node, too.
  if (versions?.bun !== undefined) {
    const { bunRuntime } = await import('./runtime/bun/bun-runtime.ts')
    return bunRuntime
  }
  if (versions?.node === undefined) {
    throw new GoWebError(
      'RUNTIME_UNSUPPORTED',
      'app.listen needs Node >= 22.18 or Bun >= 1.4; elsewhere serve app.fetch',
    )
  }
  const { nodeRuntime } = await import('./runtime/node/node-runtime.ts')
  return nodeRuntime
})

export type { AppChannels } from './app/channels/app-channels.ts'
export type { Authenticate, Authentication } from './app/channels/authenticate.ts'
export type { CallOptions } from './app/channels/call-definition.ts'
export type {
  ChannelDefinition,
  ChannelHistorySettings,
  DefinitionFor,
  EventDefinition,
  EventDefinitions,
  EventTypes,
  KeyArguments,
  KeySettings,
  PresenceSettings,
  Rule,
  SubscribeGranted,
} from './app/channels/channel-definition.ts'
export type {
  CallContext,
  ConnectContext,
  PublishContext,
  SubscribeContext,
} from './app/channels/command-context.ts'
export { defineChannel, type DefinedChannel } from './app/channels/define-channel.ts'
export type { Duration } from './app/channels/duration.ts'
export type { PrefixedCalls, PrefixedChannels } from './app/channels/prefixed-types.ts'
export type { DrainOptions } from './app/drain-options.ts'
export { health, type HealthOptions } from './app/health.ts'
export { createScope } from './app/create-scope.ts'
export type { AppStats } from './app/app-stats.ts'
export { GoWeb, type RouteMethod } from './app/goweb.ts'
export type { ChannelSettings, GoWebOptions } from './app/settings.ts'
export type { ProxyOptions } from './http/proxy-trust.ts'
export { definePlugin, type Plugin } from './chain/plugin.ts'
export type { CertificateOptions, ListenOptions, Server, TlsOptions } from './app/runtime-port.ts'
export type {
  ErrorContext,
  ErrorHandler,
  PrefixedRoutes,
  RouteContext,
  RouteInfo,
  RouteOptions,
  RouteType,
  SocketData,
} from './app/route-types.ts'
export type { SocketRoute } from './app/socket-route.ts'
export type { Topics } from './app/topics.ts'
export type { BaseContext, Kind } from './chain/base-context.ts'
export type {
  ChannelAccess,
  ChannelHistory,
  ChannelHistoryOptions,
  ChannelMember,
  ChannelMessage,
  ChannelParams,
  ChannelPosition,
  ChannelPublishOptions,
  ChannelValues,
  CommandConnection,
  DisconnectOptions,
  Positioned,
  WithPositionOptions,
} from './chain/channel-access.ts'
export type { Middleware, MiddlewareReturn, Next, Passed } from './chain/middleware.ts'
export { ERROR_CODES, type ErrorCode } from './errors/codes.ts'
export { GoWebError, isGoWebError, type InputIssue } from './errors/goweb-error.ts'
export type { BodyLimits, BodyReader } from './http/body-reader.ts'
export type { Cookies } from './http/cookies.ts'
export { encodeSseEvent, type EncodedSseEvent, type SseEvent } from './http/encode-sse-event.ts'
export type { FileOptions } from './http/file-reply.ts'
export { defineMiddleware } from './http/define-middleware.ts'
export type { HttpContext } from './http/http-context.ts'
export type { HttpMiddleware } from './http/http-middleware.ts'
export { html, rawHtml, type Html } from './http/html.ts'
export type { CookieOptions } from './http/serialize-cookie.ts'
export type { RequestHeaders } from './http/request-headers.ts'
export { Reply, type Sent } from './http/reply.ts'
export { lastEventId, sse, type SseOptions } from './http/sse.ts'
export { SseStream, type SseStreamOptions } from './http/sse-stream.ts'
export type { StandardSchema } from './internal/standard-schema.ts'
export type { Params } from './internal/pattern-types.ts'
export type { UrlOptions } from './router/url.ts'
export type { CompressionOptions } from './websocket/compression-options.ts'
export type { CallType, ChannelType, DeliveryMode, EventType } from './protocol/app-contract.ts'
export type { Broker } from './realtime/broker.ts'
export type { RealtimeLimits } from './realtime/realtime-limits.ts'
export type { SocketLimits } from './websocket/socket-gate.ts'
export type { PublishOptions, SendResult, Socket, SocketMessage } from './websocket/socket.ts'

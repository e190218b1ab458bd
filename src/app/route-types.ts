import type { BaseContext } from '../chain/base-context.ts'
import type { BodyReader } from '../http/body-reader.ts'
import type { HttpContext } from '../http/http-context.ts'
import type { Reply, ReplyOutput } from '../http/reply.ts'
import type { RequestHeaders } from '../http/request-headers.ts'
import type { SchemaInput, SchemaOutput, StandardSchema } from '../internal/standard-schema.ts'
import type { Params, UrlParams } from '../internal/pattern-types.ts'
import type { RouteMatchers } from '../router/route.ts'
import type { UrlOptions } from '../router/url.ts'
import type {
  CallContext,
  ConnectContext,
  PublishContext,
  SubscribeContext,
} from './channels/command-context.ts'
import type { Socket } from '../websocket/socket.ts'

/** Options of a route, given between its pattern and its handler. */
export interface RouteOptions {
  /** Name for `app.url(name, params)`; unique in the app. */
  readonly name?: string
  /** Further conditions: host, scheme, headers, query. */
  readonly match?: RouteMatchers
  /** Schema of the path variables, which are strings. */
  readonly params?: StandardSchema
  /** Schema of the query: strings, or arrays of them where a name occurs more than once. */
  readonly query?: StandardSchema
  /** Schema of the request headers, names in lower case. */
  readonly headers?: StandardSchema
  /** Schema of the body, JSON or an urlencoded form. */
  readonly body?: StandardSchema
  /** Schema of what is answered with a status of 200 to 299; what does not fit is a 500, `RESPONSE_INVALID`. */
  readonly response?: StandardSchema
  /** Largest body in bytes. Default: the app's `bodyLimitBytes`. */
  readonly bodyLimitBytes?: number
}

type PartOutput<Options, Part extends keyof RouteOptions, Fallback> = Options extends {
  readonly [K in Part]: infer Schema extends StandardSchema
}
  ? SchemaOutput<Schema>
  : Fallback

/** What a route takes for a part: the input of its schema; undefined without one. */
export type PartInput<Options, Part extends keyof RouteOptions> = Options extends {
  readonly [K in Part]: infer Schema extends StandardSchema
}
  ? SchemaInput<Schema>
  : undefined

/** Path variables of a pattern together with those of its host pattern. */
export type RouteParams<Pattern extends string, Options> = Options extends {
  readonly match: { readonly host: infer Host extends string }
}
  ? Params<Pattern> & Params<Host>
  : Params<Pattern>

/** The context of a handler: typed by its pattern, its schemas and the middleware before it. */
export type RouteContext<Pattern extends string, State, Options = {}> = HttpContext<
  PartOutput<Options, 'params', RouteParams<Pattern, Options>>,
  PartOutput<Options, 'query', URLSearchParams>,
  PartOutput<Options, 'headers', RequestHeaders>,
  PartOutput<Options, 'body', BodyReader>
> &
  State

/** The options themselves, or an error at each name that no option has. */
export type KnownOptions<Options> = Options & {
  readonly [K in Exclude<keyof Options, keyof RouteOptions>]: never
}

/**
 * What a handler may return: the response schema's input where there is one, otherwise anything that can be sent.
 *
 * A `Response` and a redirect pass without being checked; throw a `GoWebError` to answer with another status.
 */
export type HandlerResult<Options> = Options extends {
  readonly response: infer Schema extends StandardSchema
}
  ? MaybePromise<DeepReadonly<SchemaInput<Schema>> | Reply<DeepReadonly<SchemaInput<Schema>>> | Response>
  : unknown

export type MaybePromise<T> = T | Promise<T>

type Atom =
  | string
  | number
  | bigint
  | boolean
  | symbol
  | null
  | undefined
  | Date
  | ((...args: never[]) => unknown)

/** What is only read may be read-only: `c.json()` infers literals and tuples. */
type DeepReadonly<T> = unknown extends T
  ? T
  : T extends Atom
    ? T
    : { readonly [K in keyof T]: DeepReadonly<T[K]> }

/** What the app's type records of a route, for typed clients and URLs: what goes in and what comes out. */
export interface RouteType<Pattern extends string, Name extends string, Query, Body, Output> {
  readonly pattern: Pattern
  readonly name: Name
  readonly query: Query
  readonly body: Body
  readonly output: Output
}

/** The name in a route's options. */
export type NameOf<Options> = Options extends { readonly name: infer Name extends string } ? Name : never

/** What a route answers with: what its response schema gives, or what its handler returns. */
export type OutputOf<Options, Result> = PartOutput<Options, 'response', Returned<Awaited<Result>>>

type Returned<Result> = Result extends Reply ? ReplyOutput<Result> : Result

/** The routes of a mounted app under its prefix. */
export type PrefixedRoutes<Prefix extends string, Routes> = {
  readonly [
    K in keyof Routes as K extends `${infer Method} ${infer Path}`
      ? `${Method} ${JoinedPath<Prefix, Path>}`
      : never
  ]: Routes[K] extends RouteType<infer Pattern, infer Name, infer Query, infer Body, infer Output>
    ? RouteType<JoinedPath<Prefix, Pattern>, Name, Query, Body, Output>
    : never
}

type JoinedPath<Prefix extends string, Path extends string> = Prefix extends '/'
  ? Path
  : Path extends '/'
    ? Prefix
    : `${Prefix}${Path}`

/** The pattern of each named route. */
export type NamedPatterns<Routes> = {
  [
    K in keyof Routes as Routes[K] extends { readonly name: infer Name extends string } ? Name : never
  ]: Routes[K] extends {
    readonly pattern: infer Pattern extends string
  }
    ? Pattern
    : never
}

/** What `app.url` takes besides the name: values for the variables if the pattern has some, then options. */
export type UrlArguments<Pattern extends string> = keyof UrlParams<Pattern> extends never
  ? [params?: Readonly<Record<string, never>>, options?: UrlOptions]
  : [params: Readonly<UrlParams<Pattern>>, options?: UrlOptions]

/** What `socket.data` is, given what the `upgrade` hook returns: all that is no refusal. */
export type SocketData<Upgrade> = Exclude<Awaited<Upgrade>, Reply | Response>

/** Where an error came from, for error handlers: a request, a channel command, or a hook of an open socket. */
export type ErrorContext<State> =
  | (HttpContext & { readonly kind: 'http' } & Partial<State>)
  | (HttpContext & { readonly kind: 'upgrade' } & Partial<State>)
  | ((ConnectContext | SubscribeContext | PublishContext | CallContext) & Partial<State>)
  | {
      readonly kind: 'socket'
      /** The pattern of the socket's route. */
      readonly route: string
      readonly socket: Socket
    }

/**
 * Turns an error into an answer; `undefined` means that the next outer handler decides.
 *
 * Sockets and commands are told by the error's code: what is returned there says only that the error needs no report.
 */
export type ErrorHandler<State> = (error: unknown, c: ErrorContext<State>) => unknown

/** A middleware's context in a scope: the base and what was added before it. */
export type ScopeContext<State> = BaseContext & State

/** A route as `app.routes()` lists it. */
export interface RouteInfo {
  /** Method, `*` for all, `WEBSOCKET` for a WebSocket endpoint. */
  readonly method: string
  /** The pattern with its mount prefix. */
  readonly pattern: string
  readonly name: string | undefined
}

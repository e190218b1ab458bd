import type { GoWeb } from './goweb.ts'
import type { HandlerResult, KnownOptions, RouteContext, RouteOf, RouteOptions } from './route-types.ts'

/** One way to add routes: with or without options before the handler. */
export interface RouteMethod<Method extends string, Routes, Channels, Calls, State, Needs, HttpState> {
  <const Pattern extends string, const Result>(
    pattern: Pattern,
    handler: (c: RouteContext<Pattern, State & HttpState>) => Result,
  ): GoWeb<
    Routes & { readonly [K in `${Method} ${Pattern}`]: RouteOf<Pattern, {}, Result> },
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
    Routes & { readonly [K in `${Method} ${Pattern}`]: RouteOf<Pattern, Options, Result> },
    Channels,
    Calls,
    State,
    Needs,
    HttpState
  >
}

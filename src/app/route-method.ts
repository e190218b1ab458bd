import type { GoWeb } from './goweb.ts'
import type {
  HandlerResult,
  KnownOptions,
  RouteContext,
  NameOf,
  OutputOf,
  PartInput,
  RouteOptions,
  RouteType,
} from './route-types.ts'

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

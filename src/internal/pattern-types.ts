/**
 * Names of the parameters of a pattern, as a union: `'id' | 'rest'` for `/{id:[0-9]{4}}/{rest...}`.
 *
 * Reads host patterns too. `string` for a pattern that is not known at compile time.
 */
export type ParamNames<P extends string> = string extends P ? string : NamesOf<P>

/** The params of a pattern: each a string, under its name. */
export type Params<P extends string> = string extends P
  ? Record<string, string>
  : { [Name in NamesOf<P>]: string }

/** What building the URL of a pattern takes: numbers are fine too. */
export type UrlParams<P extends string> = string extends P
  ? Record<string, string | number | bigint>
  : { [Name in NamesOf<P>]: string | number | bigint }

/** From each opening brace: the name, then on behind the closing one. */
type NamesOf<P extends string> = P extends `${string}{${infer Body}}${infer After}`
  ? Body extends `${infer Name}:${infer Start}`
    ? Name | NamesOf<BehindRegExp<Start, After>>
    : RestName<Body> | NamesOf<After>
  : never

type RestName<Body extends string> = Body extends `${infer Name}...` ? Name : Body

/** What follows the regular expression: as long as the text before a closing brace opens one, it is not the last. */
type BehindRegExp<Start extends string, After extends string> = Start extends `${string}{${string}`
  ? After extends `${infer Next}}${infer Rest}`
    ? BehindRegExp<Next, Rest>
    : ''
  : After

import type { ParamNames, Params, UrlParams } from '../../src/internal/pattern-types.ts'

/** Whether each of two types is assignable to the other. */
type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
function same<A, B>(_isSame: Equal<A, B>): void {}

// Names, wherever the braces stand.
same<ParamNames<'/'>, never>(true)
same<ParamNames<'/users'>, never>(true)
same<ParamNames<'/users/{id}'>, 'id'>(true)
same<ParamNames<'/users/{id}/posts/{post}'>, 'id' | 'post'>(true)
same<ParamNames<'/files/{name}.{ext}'>, 'name' | 'ext'>(true)
same<ParamNames<'/{a}-{b}'>, 'a' | 'b'>(true)
same<ParamNames<'/static/{path...}'>, 'path'>(true)

// Regular expressions, with braces and colons of their own.
same<ParamNames<'/users/{id:[0-9]+}'>, 'id'>(true)
same<ParamNames<'/v{major:[0-9]+}/x'>, 'major'>(true)
same<ParamNames<'/{date:[0-9]{4}}'>, 'date'>(true)
same<ParamNames<'/{date:[0-9]{4}-[0-9]{2}}'>, 'date'>(true)
same<ParamNames<'/a/{id}/{date:[0-9]{4}-[0-9]{2}}/{rest...}'>, 'id' | 'date' | 'rest'>(true)
same<ParamNames<'/{a:x{1}y{2}z{3}}/{b:x{1}}{c:y}'>, 'a' | 'b' | 'c'>(true)
same<ParamNames<'/{time:[0-9]{2}:[0-9]{2}}/{id}'>, 'time' | 'id'>(true)
same<ParamNames<'/{kind:(?:a|b)}/{id}'>, 'kind' | 'id'>(true)

// Hosts.
same<ParamNames<'example.com'>, never>(true)
same<ParamNames<'{tenant}.example.com'>, 'tenant'>(true)
same<ParamNames<'{tenant:[a-z]{2,9}}.{region}.example.com'>, 'tenant' | 'region'>(true)

// Params.
same<Params<'/users/{id}'>, { id: string }>(true)
same<Params<'/users/{id:[0-9]{1,9}}/{path...}'>, { id: string; path: string }>(true)
same<Params<string>, Record<string, string>>(true)
same<ParamNames<string>, string>(true)
same<Params<'/a/{x}' | '/b/{y}'>, { x: string; y: string }>(true)
same<Params<`{tenant}.example.com` | '/users/{id}'>, { tenant: string; id: string }>(true)
same<Params<`/${string}/{id}`>, { id: string }>(true)
same<UrlParams<'/{year:[0-9]{4}}'>, { year: string | number | bigint }>(true)

// The check itself tells types apart.
same<Params<'/users/{id}'>, { name: string }>(false)
same<ParamNames<'/users/{id}'>, string>(false)

export function readParams(params: Params<'/users/{id}'>): string {
  // @ts-expect-error There is no such parameter.
  void params.name
  return params.id
}

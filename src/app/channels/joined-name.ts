/** A channel's pattern or a call's name under a mount prefix: `/a/b` and `x` are `a/b/x` or, for calls, `a.b.x`. */
export type JoinedName<
  Prefix extends string,
  Name extends string,
  Separator extends string,
> = Prefix extends '/'
  ? Name
  : Prefix extends `/${infer Rest}`
    ? `${Separated<Rest, Separator>}${Separator}${Name}`
    : never

type Separated<Path extends string, Separator extends string> = Separator extends '/'
  ? Path
  : Path extends `${infer First}/${infer Rest}`
    ? `${First}${Separator}${Separated<Rest, Separator>}`
    : Path

/** As the type of the same name; the prefix is `''` for an app mounted at `/`. */
export function joinedName(prefix: string, name: string, separator: '/' | '.'): string {
  if (prefix === '') return name
  return `${prefix.slice(1).replaceAll('/', separator)}${separator}${name}`
}

import { ClientError } from './client-error.ts'

/** Values for the variables of a pattern. */
export type ChannelParams = Readonly<Record<string, string | number | bigint>>

/**
 * The name of a channel: its pattern with values for the variables, in the one spelling that servers accept.
 *
 * @throws `OPTION_INVALID` when a value is missing or empty.
 */
export function channelName(pattern: string, params: ChannelParams): string {
  let name = ''
  let position = 0
  while (position < pattern.length) {
    const open = pattern.indexOf('{', position)
    name += encode(open < 0 ? pattern.slice(position) : pattern.slice(position, open))
    if (open < 0) break
    // The regular expression of a variable may have braces of its own.
    let depth = 1
    position = open + 1
    while (depth > 0 && position < pattern.length) {
      const character = pattern[position++]
      depth += character === '{' ? 1 : character === '}' ? -1 : 0
    }
    const [, variable = '', rest] = /^(\w+)(\.\.\.)?/.exec(pattern.slice(open + 1)) ?? []
    const value = String(params[variable] ?? '')
    if (value === '' && !rest) throw new ClientError('OPTION_INVALID', `${pattern}: ${variable} has no value`)
    name += rest ? encode(value) : encode(value).replaceAll('/', '%2F')
  }
  return name
}

function encode(text: string): string {
  return encodeURI(text).replaceAll('?', '%3F').replaceAll('#', '%23')
}

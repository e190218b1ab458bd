import { channelName as spellName } from '../protocol/channel-name.ts'
import { ClientError } from './client-error.ts'

/** Values for the variables of a pattern. */
export type ChannelParams = Readonly<Record<string, string | number | bigint>>

/**
 * The name of a channel: its pattern with values for the variables, in the one spelling that servers accept.
 *
 * @throws `OPTION_INVALID` when a value is missing or empty.
 */
export function channelName(pattern: string, params: ChannelParams): string {
  return spellName(pattern, (variable, isRest) => {
    const value = String(params[variable] ?? '')
    if (value !== '' || isRest) return value
    throw new ClientError('OPTION_INVALID', `${pattern}: ${variable} has no value`)
  })
}

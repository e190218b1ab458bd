import type { ChannelParams } from '../../chain/channel-access.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import { channelName } from '../../protocol/channel-name.ts'

/**
 * The name of a channel: as it is, or its pattern with values for the variables, encoded.
 *
 * @throws `CHANNEL_PARAM_INVALID` for a variable without a value.
 */
export function nameOfPattern(channel: string, params: ChannelParams | undefined): string {
  if (params === undefined) return channel
  return channelName(channel, (variable, isRest) => {
    const value = String(params[variable] ?? '')
    if (value !== '' || isRest) return value
    throw new GoWebError('CHANNEL_PARAM_INVALID', `${channel}: ${variable} has no value`)
  })
}

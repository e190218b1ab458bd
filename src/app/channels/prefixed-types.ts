import type { ChannelType } from '../../protocol/app-contract.ts'
import type { JoinedName } from './joined-name.ts'

/** The channels of a mounted app under its prefix. */
export type PrefixedChannels<Prefix extends string, Channels> = {
  readonly [
    K in keyof Channels as K extends string ? JoinedName<Prefix, K, '/'> : never
  ]: Channels[K] extends ChannelType<infer Pattern, infer D, infer Events>
    ? ChannelType<JoinedName<Prefix, Pattern, '/'>, D, Events>
    : never
}

/** The calls of a mounted app under its prefix. */
export type PrefixedCalls<Prefix extends string, Calls> = {
  readonly [K in keyof Calls as K extends string ? JoinedName<Prefix, K, '.'> : never]: Calls[K]
}

import type { ChannelPolicy } from '../../realtime/realtime-handlers.ts'
import type { AnyChannelDefinition } from './channel-definition.ts'

/** A channel as it was defined, checked, before any chain is put around it. */
export interface ChannelEntry {
  readonly kind: 'channel'
  readonly pattern: string
  readonly definition: AnyChannelDefinition
  /** All but the pattern, which a mount changes. */
  readonly policy: Omit<ChannelPolicy, 'pattern'>
}

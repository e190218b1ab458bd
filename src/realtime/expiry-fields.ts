import { secondsUntil } from './seconds-until.ts'
import type { Subscription } from './subscription.ts'

/** The first fields of a `SubscribeResult`: when the subscription ends, where it does. */
export function expiryFields({ expiresAtMs }: Subscription, nowMs: number): string[] {
  return expiresAtMs > 0 ? [`"expires":true,"ttl":${secondsUntil(expiresAtMs, nowMs)}`] : []
}

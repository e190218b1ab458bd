/**
 * Codes with which a server ends a subscription, as Centrifugo names them.
 *
 * From 2500 on the client subscribes again by itself; below it does not.
 */
export const UNSUBSCRIBE = {
  SERVER: { code: 2000, reason: 'server unsubscribe' },
  INSUFFICIENT_STATE: { code: 2500, reason: 'insufficient state' },
  EXPIRED: { code: 2501, reason: 'subscription expired' },
} as const

import type { RealtimeLimits } from '../../src/realtime/realtime-limits.ts'

/** Limits of the lab's servers: times so short that a schedule of twenty seconds meets all of them. */
export const LAB_LIMITS = {
  pingIntervalMs: 5_000,
  pongTimeoutMs: 2_000,
  presenceTtlMs: 12_000,
  commandTimeoutMs: 5_000,
  connectTimeoutMs: 3_000,
} as const satisfies RealtimeLimits

/** Of the lab's memory brokers: more than any schedule needs. */
export const LAB_BROKER_LIMITS = {
  maxChannels: 100,
  maxChannelBytes: 1e7,
  maxBytes: 1e8,
  maxKeys: 100_000,
} as const

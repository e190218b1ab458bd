import type { ClientSettings } from './client-settings.ts'

/** Milliseconds to wait before a repetition: anything up to twice as long each time ("full jitter"), within the bounds of the settings. */
export function backoffMs(settings: ClientSettings, attempt: number): number {
  const { clock, minReconnectDelayMs: min, maxReconnectDelayMs: max } = settings
  const ceiling = Math.min(max, 5 * min * 2 ** Math.min(attempt, 20))
  return min + clock.random() * Math.max(0, ceiling - min)
}

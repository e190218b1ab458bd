import { GoWebError } from '../../errors/goweb-error.ts'

/** A span of time with its unit: `'500ms'`, `'30s'`, `'2m'`, `'24h'`, `'7d'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** @returns milliseconds. @throws `OPTION_INVALID` naming the option. */
export function parseDuration(option: string, duration: unknown): number {
  const [, count = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(duration)) ?? []
  const ms = Math.round(Number(count) * (UNIT_MS[unit] ?? Number.NaN))
  if (typeof duration === 'string' && Number.isSafeInteger(ms) && ms > 0) return ms
  throw new GoWebError(
    'OPTION_INVALID',
    `${option}: expected a time with its unit, such as '24h' (ms, s, m, h, d), got ${JSON.stringify(duration)}`,
  )
}

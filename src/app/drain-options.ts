import type { ErrorCode } from '../errors/codes.ts'
import { GoWebError } from '../errors/goweb-error.ts'

/** How a server is drained; all optional. */
export interface DrainOptions {
  /**
   * For so long everything is still served, but readiness says no: time for a load balancer to notice. Default: 0 ms, for those that
   * notice a closed port.
   */
  readonly noticeMs?: number
  /** Sockets that are told at once to go elsewhere; more where `spreadMs` would not do otherwise. Default: 200. */
  readonly batchSize?: number
  /** Time between two batches. Default: 100 ms. */
  readonly batchIntervalMs?: number
  /** The longest that it takes until all are told. Default: 3,000 ms, or half of the time there is when that is less. */
  readonly spreadMs?: number
  /**
   * The longest that all of it takes, from the signal to the end. Default: 9,000 ms, since `docker stop` kills after 10 s.
   *
   * Connections get what is left of it but for 2 s, or a quarter when that is less: that is for the app's `onStop` callbacks.
   */
  readonly timeoutMs?: number
  /** Signals that begin it, for `listen`. Default: SIGTERM and SIGINT. */
  readonly signals?: readonly string[]
}

/** {@link DrainOptions} with their defaults, and when connections are ended. */
export interface DrainSettings extends Required<DrainOptions> {
  readonly connectionsMs: number
}

const DEFAULTS = { noticeMs: 0, batchSize: 200, batchIntervalMs: 100, timeoutMs: 9_000 } as const
const SPREAD_MS = 3_000
const SIGNALS: readonly string[] = ['SIGTERM', 'SIGINT']
const NAMES = [...Object.keys(DEFAULTS), 'spreadMs', 'signals']
const LEAST: Readonly<Record<string, number>> = { batchSize: 1, batchIntervalMs: 1, timeoutMs: 1 }
/** What stop callbacks get. */
const STOP_MS = 2_000
/** More no timer takes. */
const MOST = 2_147_483_647

/** @throws an error of this code that names the option. */
export function resolveDrain(
  options: DrainOptions,
  code: ErrorCode & ('OPTION_INVALID' | 'LISTEN_OPTIONS_INVALID'),
): DrainSettings {
  const invalid = (problem: string): GoWebError => new GoWebError(code, `drain: ${problem}`)
  if (typeof options !== 'object' || options === null) throw invalid('expected true or options')
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  for (const [name, value] of Object.entries(given)) {
    if (!NAMES.includes(name)) throw invalid(`${name}: no such option; there are ${NAMES.join(', ')}`)
    if (name === 'signals') continue
    const least = LEAST[name] ?? 0
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > MOST) {
      throw invalid(`${name}: expected a whole number from ${least} to ${MOST}, got ${String(value)}`)
    }
  }
  const { signals = SIGNALS, ...numbers } = given as DrainOptions
  if (!Array.isArray(signals) || !signals.every((name) => /^SIG[A-Z\d]+$/.test(String(name)))) {
    throw invalid(`signals: expected names such as SIGTERM, got ${JSON.stringify(signals)}`)
  }
  const resolved = { ...DEFAULTS, ...numbers }
  const { noticeMs, timeoutMs } = resolved
  const connectionsMs = timeoutMs - Math.min(STOP_MS, Math.floor(timeoutMs / 4))
  const leftMs = connectionsMs - noticeMs
  const { spreadMs = Math.max(0, Math.min(SPREAD_MS, Math.floor(leftMs / 2))) } = numbers
  if (leftMs < spreadMs) {
    throw invalid(
      `timeoutMs: ${timeoutMs} leaves connections ${connectionsMs} ms, less than noticeMs and spreadMs together (${noticeMs + spreadMs})`,
    )
  }
  return { ...resolved, spreadMs, signals, connectionsMs }
}

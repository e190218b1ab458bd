import type { ListenOptions } from '../../app/runtime-port.ts'
import { GoWebError } from '../../errors/goweb-error.ts'

const DEFAULTS = {
  port: 8080,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 120_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 16_384,
  closeTimeoutMs: 10_000,
} as const

/** {@link ListenOptions} with their defaults. */
export type ResolvedListenOptions = ListenOptions & { readonly [K in keyof typeof DEFAULTS]: number }

/** @throws `LISTEN_OPTIONS_INVALID` naming the option. */
export function resolveListenOptions(options: ListenOptions): ResolvedListenOptions {
  const resolved = { ...DEFAULTS, ...options }
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = resolved[name]
    const most = name === 'port' ? 65_535 : 2_147_483_647
    if (!Number.isInteger(value) || value < 0 || value > most) {
      throw invalid(`${name}: expected a whole number from 0 to ${most}, got ${String(value)}`)
    }
  }
  if (options.path !== undefined && (options.port !== undefined || options.host !== undefined)) {
    throw invalid('path: a UNIX socket has no port or host; give one or the other')
  }
  if (options.path === '') throw invalid('path: expected the path of a UNIX socket, got an empty string')
  if (resolved.headersTimeoutMs > resolved.requestTimeoutMs && resolved.requestTimeoutMs !== 0) {
    throw invalid(
      'headersTimeoutMs: must not be more than requestTimeoutMs, since the headers are a part of the request',
    )
  }
  return resolved
}

function invalid(message: string): GoWebError {
  return new GoWebError('LISTEN_OPTIONS_INVALID', `listen: ${message}`)
}

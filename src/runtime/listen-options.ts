import type { ServeOptions, TlsOptions } from '../app/runtime-port.ts'
import { GoWebError } from '../errors/goweb-error.ts'

const DEFAULTS = {
  port: 8080,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 120_000,
  keepAliveTimeoutMs: 65_000,
  maxHeaderBytes: 16_384,
  closeTimeoutMs: 10_000,
} as const
const OTHERS = ['host', 'path', 'backlog', 'tls', 'signal']
/** RFC 1123 section 2.1; a wildcard stands for one label, the first. */
const HOST_NAME = /^(?:\*\.)?(?:[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.)*[a-z\d_](?:[a-z\d_-]*[a-z\d_])?$/i
const MOST: Readonly<Record<string, number>> = { port: 65_535 }

/** {@link ServeOptions} with their defaults; what was given as undefined is missing. */
export type ResolvedListenOptions = ServeOptions & { readonly [K in keyof typeof DEFAULTS]: number }

/** @throws `LISTEN_OPTIONS_INVALID` naming the option. */
export function resolveListenOptions(options: ServeOptions): ResolvedListenOptions {
  const given: ServeOptions = Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  )
  for (const name of Object.keys(given)) {
    if (!(name in DEFAULTS) && !OTHERS.includes(name)) {
      throw invalid(`${name}: no such option; there are ${[...Object.keys(DEFAULTS), ...OTHERS].join(', ')}`)
    }
  }
  const resolved = { ...DEFAULTS, ...given }
  for (const name of Object.keys(DEFAULTS)) checkNumber(name, resolved[name as keyof typeof DEFAULTS])
  checkPlace(given)
  if (given.backlog !== undefined) checkNumber('backlog', given.backlog)
  if (given.signal !== undefined && !(given.signal instanceof AbortSignal)) {
    throw invalid('signal: expected an AbortSignal')
  }
  if (given.tls !== undefined) assertTls(given.tls)
  return { ...resolved, headersTimeoutMs: headersTimeout(resolved, given) }
}

function checkNumber(name: string, value: unknown): void {
  const most = MOST[name] ?? 2_147_483_647
  if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > most) {
    throw invalid(`${name}: expected a whole number from 0 to ${most}, got ${String(value)}`)
  }
}

function checkPlace({ host, path, port }: ServeOptions): void {
  for (const [name, value] of Object.entries({ host, path })) {
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw invalid(`${name}: expected a string with something in it, got ${JSON.stringify(value)}`)
    }
  }
  if (path !== undefined && (port !== undefined || host !== undefined)) {
    throw invalid('path: a UNIX socket has no port or host; give one or the other')
  }
}

/** @throws `LISTEN_OPTIONS_INVALID` for what is no certificate or key, or no name of a host. */
export function assertTls(tls: TlsOptions): void {
  if (typeof tls !== 'object' || tls === null) throw invalid('tls: expected a certificate and a key')
  assertCertificate('tls', tls)
  const hosts: unknown = tls.hosts ?? {}
  if (typeof hosts !== 'object' || hosts === null) throw invalid('tls.hosts: expected certificates by host')
  for (const [host, certificate] of Object.entries(hosts)) {
    if (!HOST_NAME.test(host)) {
      throw invalid(
        `tls.hosts: ${JSON.stringify(host)} is no host name in ASCII, such as www.example.com or *.example.com`,
      )
    }
    assertCertificate(`tls.hosts['${host}']`, certificate)
  }
}

function assertCertificate(name: string, certificate: unknown): void {
  for (const part of ['cert', 'key'] as const) {
    const value = (certificate as Partial<TlsOptions> | null | undefined)?.[part]
    const isGiven = typeof value === 'string' || value instanceof Uint8Array
    if (!isGiven || value.length === 0) throw invalid(`${name}.${part}: expected PEM as text or bytes`)
  }
}

/** The headers are a part of the request: their default gives way to a shorter time for all of it. */
function headersTimeout(resolved: ResolvedListenOptions, given: ServeOptions): number {
  const { headersTimeoutMs, requestTimeoutMs } = resolved
  if (headersTimeoutMs <= requestTimeoutMs || requestTimeoutMs === 0) return headersTimeoutMs
  if (given.headersTimeoutMs === undefined) return requestTimeoutMs
  throw invalid(
    'headersTimeoutMs: must not be more than requestTimeoutMs, since the headers are a part of the request',
  )
}

function invalid(message: string): GoWebError {
  return new GoWebError('LISTEN_OPTIONS_INVALID', `listen: ${message}`)
}

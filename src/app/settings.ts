import { isThenable } from '../chain/compose.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { DEFAULT_BODY_LIMITS, type BodyLimits } from '../http/body-reader.ts'
import { ProxyTrust, type ProxyOptions } from '../http/proxy-trust.ts'
import type { Broker } from '../realtime/broker.ts'
import { resolveLimits, type RealtimeLimits } from '../realtime/realtime-limits.ts'
import type { RouterOptions } from '../router/router.ts'
import type { SocketLimits } from '../websocket/socket-gate.ts'
import { EventStreams } from './event-streams.ts'

/** Options of an app; all have defaults. Those of a mounted app hold for its own routes. */
export interface GoWebOptions extends RouterOptions, Partial<BodyLimits> {
  /**
   * Origins that may open WebSockets besides the server's own, such as `https://app.example.com`; `*` for all.
   * Default: none, so only pages of the same origin, and clients that send no Origin.
   */
  readonly allowedOrigins?: readonly string[] | '*'
  /**
   * Proxies in front that are believed when they say for whom they speak: `c.ip`, `c.scheme`, `c.host` and `c.url` are then what reached
   * the outermost of them, for routes, origins, cookies and limits too. Default: none is believed. Of mounted apps it means nothing.
   */
  readonly proxy?: ProxyOptions
  /** Limits on all sockets of the app's servers together. Default: none. */
  readonly sockets?: SocketLimits
  /** Where channels keep what they must not forget; one for all nodes of the app. Default: this process's memory. */
  readonly broker?: Broker
  /** Where channel connections are opened, and what they may cost. */
  readonly channels?: ChannelSettings
  /**
   * Where errors go that no handler took: statuses from 500 on and errors in hooks.
   *
   * Default: `console.error`, without those of requests that a `logger()` writes.
   */
  readonly report?: (error: unknown, where: string) => void
}

/** Settings of an app's channels. */
export interface ChannelSettings {
  /** Path of the endpoint for channel connections over WebSocket. Default: `/connection/websocket`. */
  readonly path?: string
  /** What connections, channels and messages may cost. */
  readonly limits?: RealtimeLimits
}

/** {@link GoWebOptions} with every default filled in, and what belongs to one app besides. */
export interface Settings {
  readonly limits: BodyLimits
  readonly allowedOrigins: readonly string[] | '*'
  readonly proxy: ProxyTrust | undefined
  readonly sockets: Required<SocketLimits>
  readonly broker: Broker | undefined
  readonly channels: { readonly path: string; readonly limits: RealtimeLimits }
  readonly report: (error: unknown, where: string) => void
  /** Whether the app was given none. */
  readonly isReportDefault: boolean
  /** Those that are being sent now. */
  readonly eventStreams: EventStreams
}

const KNOWN: ReadonlySet<string> = new Set([
  'trailingSlash',
  'bodyLimitBytes',
  'jsonDepth',
  'formFields',
  'allowedOrigins',
  'proxy',
  'sockets',
  'broker',
  'channels',
  'report',
] satisfies (keyof GoWebOptions)[])

/** @throws `OPTION_INVALID` naming the option. */
export function resolveSettings(options: GoWebOptions): Settings {
  for (const name of Object.keys(options)) {
    if (!KNOWN.has(name)) throw invalid(`new GoWeb: there is no option ${name}, but ${[...KNOWN].join(', ')}`)
  }
  const { allowedOrigins = [], report = reportToConsole } = options
  if (allowedOrigins !== '*' && !Array.isArray(allowedOrigins)) {
    throw invalid(`allowedOrigins: expected a list of origins or '*', got ${String(allowedOrigins)}`)
  }
  if (typeof report !== 'function') throw invalid(`report: expected a function, got ${typeof report}`)
  return {
    limits: {
      bodyLimitBytes: limit('bodyLimitBytes', options.bodyLimitBytes ?? DEFAULT_BODY_LIMITS.bodyLimitBytes),
      jsonDepth: limit('jsonDepth', options.jsonDepth ?? DEFAULT_BODY_LIMITS.jsonDepth),
      formFields: limit('formFields', options.formFields ?? DEFAULT_BODY_LIMITS.formFields),
    },
    allowedOrigins,
    proxy: options.proxy === undefined ? undefined : new ProxyTrust(options.proxy),
    sockets: socketLimits(options.sockets),
    broker: brokerOf(options.broker),
    channels: channelSettings(options.channels),
    report: (error, where) => attemptReport(report, error, where),
    isReportDefault: options.report === undefined,
    eventStreams: new EventStreams(),
  }
}

function brokerOf(broker: Broker | undefined): Broker | undefined {
  if (broker === undefined || typeof broker?.connect === 'function') return broker
  throw invalid('broker: expected a broker, such as memoryBroker() of goweb/brokers/memory')
}

function channelSettings(given: ChannelSettings = {}): Settings['channels'] {
  if (typeof given !== 'object' || given === null) throw invalid('channels: expected settings')
  for (const name of Object.keys(given)) {
    if (name !== 'path' && name !== 'limits')
      throw invalid(`channels: there is no setting ${name}, but path, limits`)
  }
  const { path = '/connection/websocket', limits = {} } = given
  if (typeof path !== 'string' || !/^\/[!-~]*$/.test(path) || /[{}?#]/.test(path)) {
    throw invalid(`channels.path: expected a path such as /connection/websocket, got ${JSON.stringify(path)}`)
  }
  resolveLimits(limits)
  return { path, limits }
}

const SOCKET_LIMITS = ['maxSockets', 'maxSocketsPerAddress', 'messagesPerSecond', 'bytesPerSecond'] as const

function socketLimits(given: SocketLimits = {}): Required<SocketLimits> {
  if (typeof given !== 'object' || given === null) throw invalid(`sockets: expected an object of limits`)
  for (const name of Object.keys(given)) {
    if (!SOCKET_LIMITS.some((known) => known === name)) {
      throw invalid(`sockets: there is no limit ${name}, but ${SOCKET_LIMITS.join(', ')}`)
    }
  }
  const resolved = { maxSockets: 0, maxSocketsPerAddress: 0, messagesPerSecond: 0, bytesPerSecond: 0 }
  for (const name of SOCKET_LIMITS) resolved[name] = limit(`sockets.${name}`, given[name] ?? 0)
  return resolved
}

/** Errors are reported where nobody could take another one. */
function attemptReport(report: Settings['report'], error: unknown, where: string): void {
  const failed = (reason: unknown): void => {
    reportToConsole(error, where)
    reportToConsole(reason, 'report')
  }
  try {
    const result: unknown = report(error, where)
    if (isThenable(result)) result.then(undefined, failed)
  } catch (reason) {
    failed(reason)
  }
}

/** @throws `OPTION_INVALID` unless it is a whole number from 0 on. */
export function limit(name: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw invalid(`${name}: expected a whole number from 0 on, got ${String(value)}`)
  }
  return value
}

function invalid(message: string): GoWebError {
  return new GoWebError('OPTION_INVALID', message)
}

function reportToConsole(error: unknown, where: string): void {
  // oxlint-disable-next-line no-console -- where errors go until the app names another place
  console.error(`goweb: ${where}:`, error)
}

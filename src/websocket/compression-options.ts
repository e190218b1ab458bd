import { GoWebError } from '../errors/goweb-error.ts'

/**
 * How messages of a route are compressed (permessage-deflate, RFC 7692).
 *
 * What the client asks for in the handshake holds where it costs less: it may turn takeover off and ask for smaller windows.
 */
export interface CompressionOptions {
  /** Messages with fewer bytes are sent as they are. Default: 1,024. */
  readonly thresholdBytes?: number
  /** From 1 (fast) to 9 (small). Default: 6. */
  readonly level?: number
  /** Memory of one compression, from 1 to 9: at most 2^(memLevel + 9) bytes, while it runs. Default: 8. */
  readonly memLevel?: number
  /**
   * Whether each message to the client is compressed by itself. Default: true.
   *
   * With false a message may refer to those before it: smaller, for 2^serverMaxWindowBits bytes a connection.
   */
  readonly serverNoContextTakeover?: boolean
  /**
   * Whether the client must compress each message by itself. Default: true.
   *
   * With false the client may refer to earlier messages, for 2^clientMaxWindowBits bytes a connection.
   */
  readonly clientNoContextTakeover?: boolean
  /** How far back messages to the client may refer: 2 to this power bytes, from 8 to 15. Default: 15 (32 KiB). */
  readonly serverMaxWindowBits?: number
  /**
   * How far back messages of the client may refer: 2 to this power bytes, from 8 to 15. Default: 15 (32 KiB).
   *
   * Below 15, clients that cannot be told so (RFC 7692 section 7.1.2.2) are not compressed with.
   */
  readonly clientMaxWindowBits?: number
}

/** {@link CompressionOptions} with every default filled in. */
export type CompressionSettings = Required<CompressionOptions>

const DEFAULTS: CompressionSettings = {
  thresholdBytes: 1_024,
  level: 6,
  memLevel: 8,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 15,
  clientMaxWindowBits: 15,
}

const RANGES: Readonly<Record<string, readonly [from: number, to: number]>> = {
  thresholdBytes: [0, Number.MAX_SAFE_INTEGER],
  level: [1, 9],
  memLevel: [1, 9],
  serverMaxWindowBits: [8, 15],
  clientMaxWindowBits: [8, 15],
}

/**
 * Fills in the defaults; undefined when compression is off.
 *
 * @param where names the option in errors.
 * @throws `OPTION_INVALID`
 */
export function resolveCompression(where: string, value: unknown): CompressionSettings | undefined {
  if (value === undefined || value === false) return undefined
  if (value === true) return DEFAULTS
  if (typeof value !== 'object' || value === null) {
    throw invalid(where, `expected true, false or an object, got ${value === null ? 'null' : typeof value}`)
  }
  const given = Object.entries(value).filter(([, setting]) => setting !== undefined)
  for (const [name, setting] of given) checkOption(where, name, setting)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}

function checkOption(where: string, name: string, value: unknown): void {
  if (!Object.hasOwn(DEFAULTS, name)) {
    throw invalid(where, `there is no option ${name}, but ${Object.keys(DEFAULTS).join(', ')}`)
  }
  const range = RANGES[name]
  if (range === undefined) {
    if (typeof value !== 'boolean')
      throw invalid(`${where}.${name}`, `expected a boolean, got ${String(value)}`)
    return
  }
  const [from, to] = range
  if (!Number.isSafeInteger(value) || (value as number) < from || (value as number) > to) {
    const numbers =
      name === 'thresholdBytes' ? 'a whole number from 0 on' : `a whole number from ${from} to ${to}`
    throw invalid(`${where}.${name}`, `expected ${numbers}, got ${String(value)}`)
  }
}

function invalid(where: string, problem: string): GoWebError {
  return new GoWebError('OPTION_INVALID', `${where}: ${problem}`)
}

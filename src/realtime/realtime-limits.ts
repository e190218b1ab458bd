import { GoWebError } from '../errors/goweb-error.ts'

/** What channel connections may cost, each with a default. `docs/protocol.md` says what happens beyond each. */
export interface RealtimeLimits {
  /** Largest frame of a client in bytes; a frame may hold several commands. Default: 256 KiB. Beyond: close code 1009. */
  readonly frameBytes?: number
  /** Largest command in bytes, its data included. Default: 64 KiB. Beyond: error 106. */
  readonly messageBytes?: number
  /** Longest channel name in bytes of UTF-8. Default: 255. Beyond: error 107. */
  readonly channelNameBytes?: number
  /** Commands in one frame. Default: 1,000. Beyond: disconnect 3501. */
  readonly commandsPerFrame?: number
  /** Commands a second of one connection; 0 is no limit. Default: 10,000. Beyond: error 111, and disconnect 3013 for who goes on. */
  readonly commandsPerSecond?: number
  /** Commands that may come at once. Default: twice `commandsPerSecond`. */
  readonly commandBurst?: number
  /** Commands of one connection that may be under way or wait for others. Default: 1,000. Beyond: error 111. */
  readonly pendingCommands?: number
  /** Bytes of those commands, each character counted as one. Default: 1 MiB. Beyond: error 111. */
  readonly pendingBytes?: number
  /** How long a command may take; noticed within a ping interval. Default: 30,000 ms. Beyond: error 100. */
  readonly commandTimeoutMs?: number
  /** Subscriptions of one connection. Default: 128. Beyond: error 106. */
  readonly subscriptionsPerConnection?: number
  /** Connections of one user to one node; 0 is no limit. Default: 128. Beyond: disconnect 3504. */
  readonly connectionsPerUser?: number
  /** Channels of one node that have subscribers. Default: 250,000. Beyond: error 106. */
  readonly channelsPerNode?: number
  /** Publications in one recovery. Default: 1,000. Beyond: not recovered, the client reads the history in pages. */
  readonly recoveryPublications?: number
  /** Bytes of publications in one recovery. Default: 512 KiB. Beyond: as above. */
  readonly recoveryBytes?: number
  /** Publications that may arrive in a channel while somebody recovers. Default: 10,000. Beyond: error 100, temporary. */
  readonly backlogPublications?: number
  /** Bytes of such publications, each character counted as one. Default: 16 MiB. Beyond: as above. */
  readonly backlogBytes?: number
  /** Publications in one page of history. Default: 1,000. Beyond: the page ends earlier. */
  readonly historyPublications?: number
  /** Members in one answer about presence. Default: 10,000. Beyond: error 106. */
  readonly presenceMembers?: number
  /** Bytes that may wait for a client that does not read. Default: 1 MiB. Beyond: disconnect 3008. */
  readonly bufferedBytes?: number
  /** How long a connection may be silent before its `connect`. Default: 10,000 ms. Beyond: disconnect 3502. */
  readonly connectTimeoutMs?: number
  /** Time between pings of the server. Default: 25,000 ms. */
  readonly pingIntervalMs?: number
  /** How long a pong may take. Default: 8,000 ms. Beyond: disconnect 3012. */
  readonly pongTimeoutMs?: number
  /** How long a connection or subscription goes on after its authentication ended. Default: 25,000 ms. Beyond: 3005, 2501. */
  readonly expiryGraceMs?: number
  /** How long the entry of a node that is gone stays in presence. Default: 60,000 ms. */
  readonly presenceTtlMs?: number
}

/** What holds where an app says nothing. */
export const DEFAULT_REALTIME_LIMITS: Readonly<Required<RealtimeLimits>> = {
  frameBytes: 262_144,
  messageBytes: 65_536,
  channelNameBytes: 255,
  commandsPerFrame: 1_000,
  commandsPerSecond: 10_000,
  commandBurst: 20_000,
  pendingCommands: 1_000,
  pendingBytes: 1_048_576,
  commandTimeoutMs: 30_000,
  subscriptionsPerConnection: 128,
  connectionsPerUser: 128,
  channelsPerNode: 250_000,
  recoveryPublications: 1_000,
  recoveryBytes: 524_288,
  backlogPublications: 10_000,
  backlogBytes: 16_777_216,
  historyPublications: 1_000,
  presenceMembers: 10_000,
  bufferedBytes: 1_048_576,
  connectTimeoutMs: 10_000,
  pingIntervalMs: 25_000,
  pongTimeoutMs: 8_000,
  expiryGraceMs: 25_000,
  presenceTtlMs: 60_000,
}

const MAY_BE_ZERO: ReadonlySet<string> = new Set(['commandsPerSecond', 'connectionsPerUser', 'expiryGraceMs'])

/**
 * Fills in the defaults.
 *
 * @throws `OPTION_INVALID` for a limit that does not exist or is no whole number, or that contradicts another.
 */
export function resolveLimits(given: RealtimeLimits = {}): Required<RealtimeLimits> {
  const resolved: Record<string, number> = { ...DEFAULT_REALTIME_LIMITS }
  for (const [name, value] of Object.entries(given) as [string, number | undefined][]) {
    if (!Object.hasOwn(DEFAULT_REALTIME_LIMITS, name)) throw invalid(`there is no limit ${name}`)
    if (value === undefined) continue
    const least = MAY_BE_ZERO.has(name) ? 0 : 1
    if (!Number.isSafeInteger(value) || value < least) {
      throw invalid(`${name}: expected a whole number from ${least} on, got ${String(value)}`)
    }
    resolved[name] = value
  }
  if (given.commandBurst === undefined && given.commandsPerSecond !== undefined) {
    resolved['commandBurst'] = Math.max(1, 2 * given.commandsPerSecond)
  }
  const limits = resolved as unknown as Required<RealtimeLimits> // Every name is one of the defaults'.
  if (limits.messageBytes > limits.frameBytes) throw invalid('messageBytes is larger than frameBytes')
  if (limits.presenceTtlMs <= limits.pingIntervalMs) {
    throw invalid('presenceTtlMs is not larger than pingIntervalMs, in which entries are renewed')
  }
  return limits
}

function invalid(problem: string): GoWebError {
  return new GoWebError('OPTION_INVALID', `channels.limits: ${problem}`)
}

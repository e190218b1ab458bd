import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { GoWebError } from '../errors/goweb-error.ts'
import { systemClock, type Clock } from '../internal/clock.ts'
import type { Broker } from '../realtime/broker.ts'
import { SqliteBroker } from './sqlite/sqlite-broker.ts'

/** More than 2^24 entries no Map takes. */
const MAX_ENTRIES = 16_000_000
/** Least that a file of ours can be. */
const MIN_FILE_BYTES = 256 * 1024

/** Places of so many take little memory, and are found again within some 50 ms after a crash. */
const MAX_UNPLACED = 16_384

/** Options of {@link sqliteBroker}. */
export interface SqliteBrokerOptions {
  /** The database file; it is made if there is none, its folder is not. Beside it are `FILE-wal`, `FILE-shm` and `FILE.lock`. */
  readonly file: string | URL
  /**
   * What an acknowledged publication survives. `normal`, the default: the end of the process, however it comes; after a crash of the machine the last
   * ones may be gone, and then all channels have another epoch. `full`: a crash of the machine too, at the cost of a flush of the disk in each turn.
   */
  readonly synchronous?: 'normal' | 'full'
  /** Milliseconds to wait for another process to let go of the file; 30,000 by default. */
  readonly lockTimeoutMs?: number
  /** Channels in the file; 1,000,000 by default. Beyond it, the one that has been without publications for longest and that nobody is subscribed to is forgotten; where there is none, publishing in another channel is refused. */
  readonly maxChannels?: number
  /** Bytes of the file, besides up to about 32 MB of `FILE-wal`; as much as the disk has by default. Beyond it, publishes are refused until publications have expired. */
  readonly maxFileBytes?: number
  /** Bytes of publications that wait for their transaction; 64 MiB by default. Beyond it, publishes are refused. */
  readonly maxQueueBytes?: number
  /** Idempotency keys that are remembered, at about 200 bytes of memory each; 2,000,000 by default, which is 16,000 publishes a second in a window of two minutes. Beyond it, publishing with one is refused. */
  readonly maxKeys?: number
  /** Where the time comes from; the system's clock by default. */
  readonly clock?: Clock
}

/**
 * Makes a broker that keeps channels in a SQLite file: what was acknowledged is there after a restart.
 *
 * The file is opened when the first node connects and closed when the last one leaves. One process at a time uses it: the next one waits for the lock of
 * the operating system, which ends with the process that had it. All that is published in one turn of the event loop is stored in one
 * transaction, then delivered and acknowledged; if that fails, nothing of it is. Presence, and idempotency keys of channels without history, are kept in memory.
 *
 * Connecting throws `BROKER_FILE_LOCKED`, `BROKER_FILE_UNWRITABLE` or `BROKER_FILE_INVALID`; publishing, `BROKER_UNAVAILABLE` as long as the disk is full.
 *
 * @throws `OPTION_INVALID`
 * @example
 * const broker = sqliteBroker({ file: 'data/channels.db' })
 */
export function sqliteBroker(options: SqliteBrokerOptions): Broker {
  const { synchronous = 'normal', lockTimeoutMs = 30_000, clock = systemClock } = options
  const file = pathOf(options.file)
  if (synchronous !== 'normal' && synchronous !== 'full') {
    throw invalid(`synchronous of sqliteBroker is ${String(synchronous)}; give 'normal' or 'full'`)
  }
  const limits = {
    maxChannels: options.maxChannels ?? 1_000_000,
    maxFileBytes: options.maxFileBytes ?? Number.MAX_SAFE_INTEGER,
    maxQueueBytes: options.maxQueueBytes ?? 64 * 1024 * 1024,
    maxKeys: options.maxKeys ?? 2_000_000,
    maxUnplaced: MAX_UNPLACED,
  }
  assertWhole('lockTimeoutMs', lockTimeoutMs, 0, 2 ** 31 - 1)
  assertWhole('maxChannels', limits.maxChannels, 1, Number.MAX_SAFE_INTEGER)
  assertWhole('maxFileBytes', limits.maxFileBytes, MIN_FILE_BYTES, Number.MAX_SAFE_INTEGER)
  assertWhole('maxQueueBytes', limits.maxQueueBytes, 1, Number.MAX_SAFE_INTEGER)
  assertWhole('maxKeys', limits.maxKeys, 1, MAX_ENTRIES)
  return new SqliteBroker({ file, synchronous, lockTimeoutMs, limits, clock, defer: setImmediate })
}

function pathOf(file: unknown): string {
  if (file instanceof URL && file.protocol === 'file:') return fileURLToPath(file)
  if (typeof file === 'string' && file !== '' && file !== ':memory:') return resolve(file)
  const hint = file === ':memory:' ? '; use memoryBroker() to keep nothing' : ''
  throw invalid(`file of sqliteBroker is ${String(file)}; give the path of a file${hint}`)
}

function assertWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return
  throw invalid(`${name} of sqliteBroker is ${value}; give a whole number from ${least} to ${most}`)
}

function invalid(message: string): GoWebError {
  return new GoWebError('OPTION_INVALID', message)
}

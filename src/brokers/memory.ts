import { GoWebError } from '../errors/goweb-error.ts'
import { systemClock, type Clock } from '../internal/clock.ts'
import type { Broker } from '../realtime/broker.ts'
import { MemoryBroker } from './memory/memory-broker.ts'

/** More than 2^24 entries no Map takes. */
const MAX_ENTRIES = 16_000_000

/** Options of {@link memoryBroker}. */
export interface MemoryBrokerOptions {
  /** Channels whose history is kept; 250,000 by default. Beyond it, the one that was unused for longest and that nobody is subscribed to is forgotten. */
  readonly maxChannels?: number
  /** Bytes that the history of one channel may take; 16 MiB by default. Beyond it, its oldest publications are forgotten. */
  readonly maxChannelBytes?: number
  /** Bytes that all histories may take; 256 MiB by default. Beyond it, channels that nobody is subscribed to are forgotten, then the oldest publications of the one that grows. */
  readonly maxBytes?: number
  /** Idempotency keys that are remembered, at about 200 bytes each; 2,000,000 by default, which is 16,000 publishes a second in a window of two minutes. Beyond it, publishing with one is refused. */
  readonly maxKeys?: number
  /** Where the time comes from; the system's clock by default. */
  readonly clock?: Clock
}

/**
 * Makes a broker that keeps everything in the memory of this process.
 *
 * It answers at once and survives nothing: after a restart every channel has another epoch, and its clients are told of a gap. Nodes
 * in one process may share it. Memory is bounded by the options, for which a publication counts its characters and 150 bytes. Forgetting a channel changes its epoch; `BROKER_UNAVAILABLE` is
 * thrown when another channel is asked for while all are in use.
 *
 * @throws `OPTION_INVALID`
 * @example
 * const broker = memoryBroker({ maxChannels: 10_000 })
 */
export function memoryBroker(options: MemoryBrokerOptions = {}): Broker {
  const limits = {
    maxChannels: options.maxChannels ?? 250_000,
    maxChannelBytes: options.maxChannelBytes ?? 16 * 1024 * 1024,
    maxBytes: options.maxBytes ?? 256 * 1024 * 1024,
    maxKeys: options.maxKeys ?? 2_000_000,
  }
  for (const [name, value] of Object.entries(limits)) {
    const most = name.endsWith('ytes') ? Number.MAX_SAFE_INTEGER : MAX_ENTRIES
    if (!Number.isSafeInteger(value) || value < 1 || value > most) {
      throw new GoWebError(
        'OPTION_INVALID',
        `${name} of memoryBroker is ${value}; give a whole number from 1 to ${most}`,
      )
    }
  }
  return new MemoryBroker({ clock: options.clock ?? systemClock, limits })
}

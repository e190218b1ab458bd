import type { FlakyNetwork } from './flaky-network.ts'
import type { NumberedMessage } from './numbered-message.ts'

/** What a driver tells of a client. */
export interface ClientEvents {
  /** It is subscribed, for the first time or again. */
  readonly onReady: () => void
  /** @param offset place in the stream, where the library tells one. */
  readonly onMessage: (message: NumberedMessage, offset?: number) => void
  /** The library says that it has lost something. */
  readonly onGap: () => void
}

/** A client of a library, subscribed to the one channel that there is. */
export interface BenchClient {
  /** Resolves when the server has acknowledged it. */
  publish(message: NumberedMessage): Promise<void>
  close(): void
}

/** A client library over a network that can be cut. */
export interface ClientDriver {
  readonly open: (port: number, network: FlakyNetwork, events: ClientEvents) => BenchClient
}

/** Makes a driver. @param maxReconnectDelayMs how long a client waits at most before it connects again; default: what the library does. */
export type CreateDriver = (maxReconnectDelayMs?: number) => ClientDriver

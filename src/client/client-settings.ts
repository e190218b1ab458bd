import type { Clock } from '../internal/clock.ts'
import { ClientError } from './client-error.ts'
import type { ConnectOptions } from './connect-options.ts'
import type { WebSocketConstructor } from './web-socket-like.ts'

/** {@link ConnectOptions} with defaults. */
export type ClientSettings = Required<Omit<ConnectOptions, 'getToken' | 'data' | 'outbox'>> &
  Pick<ConnectOptions, 'getToken' | 'data' | 'outbox'>

/** Unlike the server's clock, it keeps a process running: one that waits to connect again has work to do. */
const keepAliveClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}

/** Fills in the defaults. @throws `OPTION_INVALID` where no WebSocket is known. */
export function clientSettings(options: ConnectOptions): ClientSettings {
  const platform = globalThis as { readonly WebSocket?: unknown }
  const WebSocket = options.WebSocket ?? (platform.WebSocket as WebSocketConstructor | undefined)
  if (WebSocket === undefined) {
    throw new ClientError('OPTION_INVALID', 'There is no global WebSocket here: give the option WebSocket')
  }
  return {
    timeoutMs: 10_000,
    minReconnectDelayMs: 200,
    maxReconnectDelayMs: 20_000,
    maxOutboxItems: 1_000,
    resendWindowMs: 60_000,
    maxWaitingPublications: 1_000,
    clock: keepAliveClock,
    ...options,
    WebSocket,
    onError(error) {
      try {
        if (options.onError) options.onError(error)
        else reportUncaught(error)
      } catch (worse) {
        reportUncaught(worse)
      }
    },
  }
}

/** As the platform does with what an event listener throws. */
function reportUncaught(error: unknown): void {
  const { reportError } = globalThis as { readonly reportError?: (error: unknown) => void }
  if (reportError !== undefined) reportError(error)
  else {
    queueMicrotask(() => {
      throw error
    })
  }
}

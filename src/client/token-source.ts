import type { ClientSettings } from './client-settings.ts'

/** Longest time that timers of the platforms can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The connection's token: asked for once and kept as long as it holds, so that a storm of reconnects does not reach those who issue tokens. */
export class TokenSource {
  readonly #settings: ClientSettings
  #token: string | undefined
  #staleAtMs = Infinity
  #cancelTimer: (() => void) | undefined

  constructor(settings: ClientSettings) {
    this.#settings = settings
  }

  /** The token; `null` when there is none any more, undefined when the app uses none. Rejects as `getToken` does. */
  async get(): Promise<string | null | undefined> {
    const { clock, getToken } = this.#settings
    if (getToken === undefined) return undefined
    if (this.#token !== undefined && clock.now() < this.#staleAtMs) return this.#token
    this.drop()
    const token = await getToken()
    this.#token = token ?? undefined
    return token
  }

  /** The next one who asks gets a new token. Tells whether there can be one. */
  drop(): boolean {
    this.#token = undefined
    this.#staleAtMs = Infinity
    return this.#settings.getToken !== undefined
  }

  /** Notes how long the token holds, and calls back when nine tenths of that are over. */
  expectExpiry(ttlSeconds: number | undefined, refresh: () => void): void {
    if (ttlSeconds === undefined || ttlSeconds <= 0 || this.#settings.getToken === undefined) return
    this.#staleAtMs = this.#settings.clock.now() + ttlSeconds * 1000
    this.callBack(Math.min(ttlSeconds * 900, MAX_TIMER_MS), refresh)
  }

  callBack(delayMs: number, refresh: () => void): void {
    this.stop()
    this.#cancelTimer = this.#settings.clock.after(delayMs, refresh)
  }

  /** Calls back no more. */
  stop(): void {
    this.#cancelTimer?.()
  }
}

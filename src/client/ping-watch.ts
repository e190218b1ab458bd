import type { ClientSettings } from './client-settings.ts'

/** Notices that the server has fallen silent: one timer a connection, none for what is heard. */
export class PingWatch {
  readonly #settings: ClientSettings
  readonly #onSilence: () => void
  #limitMs = Infinity
  #heardAtMs = 0
  #cancelTimer: (() => void) | undefined

  constructor(settings: ClientSettings, onSilence: () => void) {
    this.#settings = settings
    this.#onSilence = onSilence
  }

  /** @param pingSeconds what the server says that lies between its pings; nothing to watch without. */
  start(pingSeconds: number | undefined): void {
    this.heard()
    this.#limitMs = pingSeconds ? pingSeconds * 1000 + this.#settings.timeoutMs : Infinity
    if (pingSeconds) this.check()
  }

  heard(): void {
    this.#heardAtMs = this.#settings.clock.now()
  }

  /** Looks now whether it has been silent for too long, and again when it will have been. */
  check(): void {
    this.stop()
    const leftMs = this.#limitMs - (this.#settings.clock.now() - this.#heardAtMs)
    if (leftMs <= 0) this.#onSilence()
    else if (leftMs < Infinity) this.#cancelTimer = this.#settings.clock.after(leftMs, () => this.check())
  }

  stop(): void {
    this.#cancelTimer?.()
  }
}

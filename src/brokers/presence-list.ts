import type { PresenceEntry } from '../realtime/broker.ts'

interface Kept {
  readonly entry: PresenceEntry
  readonly expiresAtMs: number
}

/** Who is present in one channel, until when. */
export class PresenceList {
  readonly #byClient = new Map<string, Kept>()

  get isEmpty(): boolean {
    return this.#byClient.size === 0
  }

  /** When the first entry expires; Infinity when there is none. */
  get expiresAtMs(): number {
    let earliest = Infinity
    for (const { expiresAtMs } of this.#byClient.values()) earliest = Math.min(earliest, expiresAtMs)
    return earliest
  }

  set(entry: PresenceEntry, expiresAtMs: number): void {
    this.#byClient.set(entry.client, { entry, expiresAtMs })
  }

  remove(client: string): void {
    this.#byClient.delete(client)
  }

  /** Those that have not expired. */
  list(nowMs: number): PresenceEntry[] {
    const entries: PresenceEntry[] = []
    for (const { entry, expiresAtMs } of this.#byClient.values()) {
      if (expiresAtMs > nowMs) entries.push(entry)
    }
    return entries
  }

  /** Forgets those that have expired. */
  expire(nowMs: number): void {
    for (const [client, { expiresAtMs }] of this.#byClient) {
      if (expiresAtMs <= nowMs) this.#byClient.delete(client)
    }
  }
}

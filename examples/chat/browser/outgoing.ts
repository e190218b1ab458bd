import { ClientError } from 'goweb/client'
import type { ChatMessage } from '../app.ts'

/**
 * What is known of a message of one's own: `waiting` for the connection; `sending`; `unsure` when nobody knows whether it arrived;
 * `failed` when the room does not have it.
 */
export type Outcome = 'waiting' | 'sending' | 'unsure' | 'failed'

/** What an {@link Outgoing} tells the page. */
export interface OutgoingListener {
  /** @param reason why it failed. */
  onPending(message: ChatMessage, outcome: Outcome, reason?: string): void
  /** The message is pending no longer: it is in the room, or was deleted. */
  onSettled(id: string): void
}

/**
 * Messages of one's own that the page does not see in the room yet.
 *
 * The client keeps them while there is no connection, sends them in order when it is back, and again as long as they cannot come
 * twice. What is left to do here is to show it.
 */
export class Outgoing {
  readonly #publish: (message: Pick<ChatMessage, 'id' | 'text'>) => Promise<void>
  readonly #listener: OutgoingListener
  readonly #pending = new Map<string, { message: ChatMessage; outcome: Outcome }>()
  #isOnline = false

  constructor(
    publish: (message: Pick<ChatMessage, 'id' | 'text'>) => Promise<void>,
    listener: OutgoingListener,
  ) {
    this.#publish = publish
    this.#listener = listener
  }

  get isEmpty(): boolean {
    return this.#pending.size === 0
  }

  async send(message: ChatMessage): Promise<void> {
    const { id, text } = message
    this.#set(message, this.#isOnline ? 'sending' : 'waiting')
    try {
      await this.#publish({ id, text })
      this.settle(id)
    } catch (error) {
      if (!this.#pending.has(id)) return
      const isUnsure = error instanceof ClientError && error.code === 'PUBLISH_OUTCOME_UNKNOWN'
      this.#set(message, isUnsure ? 'unsure' : 'failed', error instanceof Error ? error.message : undefined)
    }
  }

  /** The same message: should both arrive, they have one id. */
  retry(id: string): void {
    const pending = this.#pending.get(id)
    if (pending !== undefined) void this.send(pending.message)
  }

  /** The message is in the room, or not wanted any more. */
  settle(id: string): void {
    if (this.#pending.delete(id)) this.#listener.onSettled(id)
  }

  setOnline(isOnline: boolean): void {
    this.#isOnline = isOnline
    for (const { message, outcome } of this.#pending.values()) {
      if (outcome === 'waiting' || outcome === 'sending') this.#set(message, isOnline ? 'sending' : 'waiting')
    }
  }

  /** Forgets all, for a visit that is over. */
  clear(): void {
    this.#pending.clear()
  }

  #set(message: ChatMessage, outcome: Outcome, reason?: string): void {
    this.#pending.set(message.id, { message, outcome })
    this.#listener.onPending(message, outcome, reason)
  }
}

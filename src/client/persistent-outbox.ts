import { ClientError } from './client-error.ts'
import { Emitter } from './emitter.ts'
import type { OutboxDevice } from './outbox-device.ts'
import { storageFailed, type KeptPublish } from './outbox-entry.ts'
import { OutboxSession } from './outbox-session.ts'
import type { OutboxHost, OutboxItem, OutboxStore } from './outbox-store.ts'

/** What a persistent outbox hands to its handlers. */
export interface PersistentOutboxEvents {
  /** `publishes` or `isPersistent` has changed. */
  readonly change: undefined
  /** The server has stored a publish. */
  readonly stored: KeptPublish
  /** A publish is not stored, or nobody knows: `error.code` is what its promise rejects with. */
  readonly failed: { readonly publish: KeptPublish; readonly error: ClientError }
}

/** Bounds of a persistent outbox. */
export interface PersistentOutboxSettings {
  readonly user: string
  readonly maxAgeMs: number
  readonly maxCharacters: number
}

/** Publishes that outlive their page, each taken care of by one page at a time; made by `persistentOutbox`. */
export class PersistentOutbox implements OutboxStore {
  readonly #settings: PersistentOutboxSettings
  readonly #device: OutboxDevice
  readonly #events: Emitter<keyof PersistentOutboxEvents>
  #session: OutboxSession | undefined
  #host: OutboxHost | undefined
  #publishes: readonly KeptPublish[] | undefined
  #isChangeDue = false

  /** @param device where the publishes are kept. */
  constructor(settings: PersistentOutboxSettings, device: OutboxDevice) {
    this.#settings = settings
    this.#device = device
    this.#events = new Emitter((error) => this.#host?.onError(error))
  }

  /** Whose publishes it keeps. */
  get user(): string {
    return this.#settings.user
  }

  /** Resolves when what earlier pages have left was read; the client connects after that. Never rejects. */
  get ready(): Promise<void> {
    return this.#session?.ready ?? Promise.resolve()
  }

  /** Whether what is published survives the page. False before the client starts, and where the device fails. */
  get isPersistent(): boolean {
    return this.#session?.isPersistent ?? false
  }

  /** What waits and is this page's to send, oldest first. The same array until it changes. */
  get publishes(): readonly KeptPublish[] {
    this.#publishes ??= this.#session?.publishes ?? []
    return this.#publishes
  }

  /** Adds a handler; the returned function takes it away. */
  on<Name extends keyof PersistentOutboxEvents>(
    event: Name,
    handler: (value: PersistentOutboxEvents[Name]) => unknown,
  ): () => void {
    return this.#events.on(event, handler)
  }

  /** Resolves when the device has what was published until now, or cannot have it: see `isPersistent`. */
  async written(): Promise<void> {
    await this.#session?.written()
  }

  /**
   * Forgets all publishes of the user, those of other pages too, such as when the user logs out.
   *
   * What waits in a page rejects with `OUTBOX_CLEARED`, or with `PUBLISH_OUTCOME_UNKNOWN` where it was sent. Rejects with `OUTBOX_STORAGE_FAILED`
   * when something may be left.
   */
  async clear(): Promise<void> {
    if (this.#session) return await this.#session.clear()
    try {
      const rows = await this.#device.open()
      try {
        await rows.deleteAll(this.user)
      } finally {
        rows.close()
      }
    } catch (error) {
      throw storageFailed('The outbox could not be cleared', error)
    }
  }

  /** Called by the client. @throws `OPTION_INVALID` when another client uses it. */
  start(host: OutboxHost): void {
    if (this.#session) {
      throw new ClientError('OPTION_INVALID', 'An outbox is used by one client: close that, or make another')
    }
    const { user, maxAgeMs } = this.#settings
    this.#host = host
    this.#session = new OutboxSession(host, {
      user,
      maxAgeMs,
      device: this.#device,
      onChange: () => this.#change(),
      onEnd: (publish, error) => this.#tellEnd(publish, error),
    })
  }

  /** Called by the client. */
  stop(): void {
    void this.#session?.stop()
    this.#session = undefined
    this.#change()
  }

  /** Called by the client. */
  isFull(body: string): boolean {
    return (this.#session?.size ?? 0) + body.length > this.#settings.maxCharacters
  }

  /** Called by the client. */
  save(item: OutboxItem, onSaved?: (error?: ClientError) => void): void {
    this.#session?.save(item, onSaved)
  }

  /** Called by the client. */
  remove(item: OutboxItem, error?: ClientError): void {
    this.#session?.remove(item, error)
  }

  #tellEnd(publish: KeptPublish, error: ClientError | undefined): void {
    if (error === undefined) this.#events.emit('stored', publish)
    else if (this.#events.has('failed') || !publish.isRestored)
      this.#events.emit('failed', { publish, error })
    // Nobody else would ever hear of it.
    else this.#host?.onError(error)
  }

  /** Once for all changes of a turn. */
  #change(): void {
    this.#publishes = undefined
    if (this.#isChangeDue) return
    this.#isChangeDue = true
    queueMicrotask(() => {
      this.#isChangeDue = false
      this.#events.emit('change', undefined)
    })
  }
}

import { randomId } from './random-id.ts'
import type { OutboxDevice, OutboxPages, OutboxRows } from './outbox-device.ts'
import { cleared, expired, storageFailed, type KeptPublish, type OutboxEntry } from './outbox-entry.ts'
import { isOutboxRow, parsePublishBody, type OutboxRow } from './outbox-row.ts'
import type { OutboxHost, OutboxItem } from './outbox-store.ts'
import { OutboxWriter } from './outbox-writer.ts'
import type { ClientError } from './client-error.ts'

/** How long the device may take to open. */
const OPEN_TIMEOUT_MS = 3_000
/** How long to wait for pages that have left something and seem to live: after a reload, the page before this one does for a moment. */
const PAGE_END_MS = 500

/** What a session is told by its outbox. */
export interface SessionSettings {
  readonly user: string
  readonly maxAgeMs: number
  readonly device: OutboxDevice
  onChange(): void
  /** It is known what became of a publish. */
  onEnd(publish: KeptPublish, error: ClientError | undefined): void
}

/** An outbox from the start of its client to the end: one page's part of what the device keeps. */
export class OutboxSession {
  readonly ready: Promise<void>
  /** Characters of all that waits. */
  size = 0
  readonly #id = randomId()
  readonly #host: OutboxHost
  readonly #settings: SessionSettings
  readonly #writer: OutboxWriter
  readonly #entries = new Map<OutboxItem, OutboxEntry>()
  readonly #watched = new Set<string>()
  #rows: OutboxRows | undefined
  #pages: OutboxPages | undefined
  /** What is taken over before the client begins, to be handed to it in one go. */
  #early: OutboxRow[] | undefined = []
  #lastOrder = 0
  #isStopped = false

  constructor(host: OutboxHost, settings: SessionSettings) {
    this.#host = host
    this.#settings = settings
    this.#writer = new OutboxWriter({
      clock: host.clock,
      onError: host.onError,
      onBroken: (error) => this.#giveUp(error),
    })
    this.ready = this.#open()
  }

  get isPersistent(): boolean {
    return this.#rows !== undefined
  }

  /** What waits, oldest first. */
  get publishes(): KeptPublish[] {
    return [...this.#entries.values()].toSorted((a, b) => a.row.order - b.row.order).map(publishOf)
  }

  save(item: OutboxItem, onSaved?: (error?: ClientError) => void): void {
    let entry = this.#entries.get(item)
    if (entry === undefined) {
      const publish = parsePublishBody(item.body)!
      const createdAtMs = this.#host.clock.now()
      const row: OutboxRow = {
        id: publish.id,
        user: this.#settings.user,
        url: this.#host.url,
        owner: this.#id,
        order: this.#nextOrder(),
        body: item.body,
        createdAtMs,
        expiresAtMs: createdAtMs + this.#settings.maxAgeMs,
        sent: undefined,
      }
      entry = this.#enter({ item, publish, row, isRestored: false, place: 'nowhere', isOver: false })
    }
    this.#writer.mark(entry, onSaved)
    this.#settings.onChange()
  }

  remove(item: OutboxItem, error?: ClientError): void {
    const entry = this.#entries.get(item)
    if (entry === undefined) return
    this.#entries.delete(item)
    this.size -= item.body.length
    entry.isOver = true
    this.#writer.mark(entry)
    this.#settings.onEnd(publishOf(entry), error)
    this.#settings.onChange()
  }

  /** Resolves when everything up to now is written. */
  async written(): Promise<void> {
    await this.ready
    await this.#writer.finish()
  }

  /** Rejects with `OUTBOX_STORAGE_FAILED`. */
  async clear(): Promise<void> {
    this.#host.drop(cleared())
    await this.ready
    if (this.#rows === undefined) throw storageFailed('The outbox cannot be cleared', 'there is none')
    try {
      await this.#rows.deleteAll(this.#settings.user)
    } catch (error) {
      throw storageFailed('The outbox could not be cleared', error)
    }
    this.#pages?.tellCleared()
  }

  /** Writes what is to be written, and leaves everything to others. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.written()
    this.#leave()
  }

  /** Whether a row is of this user and for this server. */
  #isOwn(row: unknown): boolean {
    const { url, user } = row as OutboxRow // Or what is left of one.
    return user === this.#settings.user && url === this.#host.url
  }

  #nextOrder(): number {
    this.#lastOrder = Math.max(this.#host.clock.now(), this.#lastOrder + 1)
    return this.#lastOrder
  }

  #enter(entry: OutboxEntry): OutboxEntry {
    this.#entries.set(entry.item, entry)
    this.size += entry.item.body.length
    return entry
  }

  /** Never rejects. */
  async #open(): Promise<void> {
    const { device, user } = this.#settings
    try {
      this.#rows = await this.#inTime(device.open(), (rows) => rows.close())
      this.#pages = await this.#inTime(
        device.join(user, this.#id, {
          onPage: (page) => void this.#watch(page),
          onCleared: () => this.#host.drop(cleared()),
        }),
        (pages) => pages.leave(),
      )
      await this.#takeOver(this.#rows, this.#pages)
    } catch (error) {
      this.#giveUp(error)
    }
    const early = this.#early ?? []
    this.#early = undefined
    this.#restore(early)
  }

  /** Nothing is kept from now on. */
  #giveUp(error: unknown): void {
    this.#leave()
    this.#rows = undefined
    this.#writer.open(undefined)
    this.#host.onError(storageFailed('Publishes are kept in memory only and do not survive the page', error))
    this.#settings.onChange()
  }

  #leave(): void {
    this.#pages?.leave()
    this.#rows?.close()
  }

  async #takeOver(rows: OutboxRows, pages: OutboxPages): Promise<void> {
    const { user } = this.#settings
    const owners = new Set<string>()
    let damaged = 0
    await rows.revise(user, (row) => {
      if (!isOutboxRow(row)) {
        damaged++
        return undefined
      }
      if (this.#isOwn(row)) owners.add(row.owner)
      this.#lastOrder = Math.max(this.#lastOrder, row.order)
      return row
    })
    // What was published meanwhile comes after it, whatever the clock says.
    for (const entry of this.#entries.values()) entry.row = { ...entry.row, order: this.#nextOrder() }
    this.#writer.open(rows)
    if (damaged > 0) {
      this.#host.onError(
        storageFailed(`${damaged} publishes of earlier pages were deleted`, 'they are damaged'),
      )
    }
    // What is one's own is told.
    await rows.deleteExpired(this.#host.clock.now(), (row) => this.#isOwn(row))
    const living = await pages.living()
    const ends = Promise.all(Array.from(owners, (owner) => this.#watch(owner)))
    for (const page of living) void this.#watch(page)
    await this.#atMost(PAGE_END_MS, ends)
  }

  /** Takes over what a page has left, as soon as it lives no more. Never rejects. */
  async #watch(page: string): Promise<void> {
    if (this.#watched.has(page)) return
    this.#watched.add(page)
    try {
      await this.#pages?.afterEnd(page, () => this.#claim(page))
    } catch (error) {
      this.#host.onError(storageFailed('What another page has left could not be taken over', error))
    }
    this.#watched.delete(page)
  }

  async #claim(owner: string): Promise<void> {
    if (this.#isStopped) return
    const claimed: OutboxRow[] = []
    await this.#rows?.revise(this.#settings.user, (row) => {
      if (!isOutboxRow(row) || row.owner !== owner || !this.#isOwn(row)) return row
      const mine = { ...row, owner: this.#id }
      claimed.push(mine)
      return mine
    })
    if (this.#early) this.#early.push(...claimed)
    else this.#restore(claimed)
  }

  #restore(rows: readonly OutboxRow[]): void {
    if (this.#isStopped) return
    const now = this.#host.clock.now()
    const channels = new Map<string, OutboxItem[]>()
    for (const row of rows.toSorted((a, b) => a.order - b.order)) {
      const item: OutboxItem = {
        body: row.body,
        sent: row.sent,
        resolve: nobodyWaits,
        reject: nobodyWaits,
        isInFlight: false,
        cancelTimer: undefined,
      }
      const publish = parsePublishBody(row.body)!
      this.#enter({ item, publish, row, isRestored: true, place: 'device', isOver: false })
      const items = channels.get(publish.channel)
      if (now >= row.expiresAtMs && !row.sent) this.remove(item, expired())
      else if (items) items.push(item)
      else channels.set(publish.channel, [item])
    }
    for (const [channel, items] of channels) this.#host.restore(channel, items)
    this.#settings.onChange()
  }

  /** Waits as long as the device may take. @param discard gets what comes later. */
  async #inTime<T>(promise: Promise<T>, discard: (late: T) => void): Promise<T> {
    let isInTime = false
    const settled = promise.finally(() => {
      isInTime = true
    })
    await this.#atMost(OPEN_TIMEOUT_MS, settled)
    if (isInTime) return await promise
    promise.then(discard, () => {})
    throw storageFailed('The device does not answer', 'time-out')
  }

  #atMost(ms: number, promise: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#host.clock.after(ms, resolve)
      const settle = (): void => {
        cancel()
        resolve()
      }
      promise.then(settle, settle)
    })
  }
}

function publishOf({ item, publish, row, isRestored }: OutboxEntry): KeptPublish {
  const { id, channel, event, data } = publish
  const state = item.sent ? 'sent' : 'queued'
  return { id, channel, event, data, state, createdAtMs: row.createdAtMs, isRestored }
}

function nobodyWaits(): void {}

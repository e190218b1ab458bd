import type { Clock } from '../../internal/clock.ts'
import type {
  BrokerPublishOptions,
  HistoryLimits,
  HistoryOptions,
  HistoryPage,
  KeyedSnapshot,
  MaybePromise,
  PresenceEntry,
  PublishOutcome,
} from '../../realtime/broker.ts'
import { DeliveryQueue } from '../delivery-queue.ts'
import type { EmbeddedHost, EmbeddedNode } from '../embedded-node.ts'
import { ExpiryQueue } from '../expiry-queue.ts'
import { CheckpointThread } from './checkpoint-thread.ts'
import type { FileLock } from './file-lock.ts'
import { readHistory } from './history-reader.ts'
import { loadKeys } from './load-keys.ts'
import { NewestReader } from './newest-reader.ts'
import { openDatabase } from './open-database.ts'
import { Placer } from './placer.ts'
import { SqliteChannels } from './sqlite-channels.ts'
import { toBrokerError } from './sqlite-failure.ts'
import type { SqliteLimits } from './sqlite-limits.ts'
import { SqliteStore, type Synchronous } from './sqlite-store.ts'
import { Sweep } from './sweep.ts'
import { TurnWriter } from './turn-writer.ts'
import { isStored, type Work } from './work.ts'

/** What a SQLite broker is made of. */
export interface SqliteParts {
  /** Absolute path. */
  readonly file: string
  readonly synchronous: Synchronous
  readonly lockTimeoutMs: number
  readonly limits: SqliteLimits
  readonly clock: Clock
  /** Calls back when the event loop has read what there was to read; tests bring their own. */
  readonly defer: (callback: () => void) => void
}

/** The file of a SQLite broker while it is open, and all that nodes do with it. */
export class OpenFile implements EmbeddedHost {
  readonly channels: SqliteChannels
  readonly writer: TurnWriter
  readonly sweep: Sweep
  readonly #parts: SqliteParts
  readonly #lock: FileLock
  readonly #store: SqliteStore
  readonly #newest: NewestReader
  readonly #checkpoints: CheckpointThread
  readonly #expiry: ExpiryQueue
  readonly #queue = new DeliveryQueue()
  /** Replaced, never changed: deliveries that wait hold it. */
  #nodes: readonly EmbeddedNode[] = []

  /** What SQLite throws is thrown on. */
  constructor(parts: SqliteParts, lock: FileLock) {
    const { file, limits, clock, defer, synchronous } = parts
    this.#parts = parts
    this.#lock = lock
    const db = openDatabase(file, limits)
    try {
      this.#store = new SqliteStore(db, synchronous)
    } catch (error) {
      db.close()
      throw error
    }
    this.#expiry = new ExpiryQueue(clock)
    this.channels = new SqliteChannels(this.#store, this.#expiry)
    this.#newest = new NewestReader(this.#store, this.channels)
    const placer = new Placer(this.#store, limits.maxUnplaced)
    this.sweep = new Sweep({ store: this.#store, channels: this.channels, placer, clock })
    this.#checkpoints = new CheckpointThread(db, file)
    const stored = (bytes: number): void => this.#checkpoints.note(bytes)
    const deliver = (work: Work): void => this.#deliver(work)
    this.writer = new TurnWriter({
      file,
      store: this.#store,
      channels: this.channels,
      placer,
      limits,
      clock,
      defer,
      stored,
      deliver,
    })
  }

  get nodes(): number {
    return this.#nodes.length
  }

  /** Reads what memory has to know; at once if it is little. */
  load(): MaybePromise<void> {
    const loading = loadKeys(this.#store, this.channels, this.#parts.clock.now())
    const finish = (): void => {
      this.#expiry.start()
      this.sweep.start()
    }
    if (loading.next().done === true) return finish()
    return (async () => {
      do await new Promise((resolve) => setImmediate(resolve))
      while (loading.next().done !== true)
      finish()
    })()
  }

  add(node: EmbeddedNode): void {
    this.#nodes = [...this.#nodes, node]
  }

  /** Lets go of a node; the last one closes the file, when all that waits is stored. */
  leave(node: EmbeddedNode): MaybePromise<void> {
    this.#nodes = this.#nodes.filter((other) => other !== node)
    this.channels.forgetRecipient(node)
    if (this.#nodes.length > 0) return
    if (!this.writer.isFlushing && !this.#checkpoints.isRunning) return this.#close()
    return this.#closeLater()
  }

  subscribe(node: EmbeddedNode, channel: string): void {
    this.channels.addInterest(channel, node, node.alone)
  }

  unsubscribe(node: EmbeddedNode, channel: string): void {
    this.channels.removeInterest(channel, node)
  }

  publish(channel: string, payload: string, options: BrokerPublishOptions): MaybePromise<PublishOutcome> {
    const { idempotency, origin } = options
    if (idempotency !== undefined) {
      const first = this.channels.get(channel)?.repeats?.find(idempotency.key, this.#parts.clock.now())
      if (first !== undefined) return { offset: first.offset, epoch: first.epoch, isRepeat: true }
    }
    if (isStored(options) || this.writer.hasWork) {
      return this.writer.add({ kind: 'publish', channel, payload, options })
    }
    if (idempotency !== undefined) {
      const refusal = this.writer.refusalOfKey()
      if (refusal !== undefined) throw refusal
      const untilMs = this.#parts.clock.now() + idempotency.windowMs
      this.channels.addKey(this.channels.open(channel), idempotency.key, { offset: 0, epoch: '', untilMs })
    }
    const interested = this.channels.get(channel)?.interested
    if (interested !== undefined) {
      this.#queue.deliver(interested, channel, { payload, offset: 0, previousOffset: 0, epoch: '', origin })
    }
    return { offset: 0, epoch: '', isRepeat: false }
  }

  signal(channel: string, payload: string): void {
    if (this.writer.hasWork) return void this.writer.add({ kind: 'signal', channel, payload })
    this.#queue.deliver(this.channels.get(channel)?.interested ?? [], channel, payload)
  }

  broadcast(payload: string): void {
    if (this.writer.hasWork) return void this.writer.add({ kind: 'broadcast', payload })
    this.#queue.deliver(this.#nodes, undefined, payload)
  }

  async remove(channel: string): Promise<void> {
    await this.writer.add({ kind: 'remove', channel })
  }

  history(channel: string, options: HistoryOptions, limits: HistoryLimits): HistoryPage {
    const nowMs = this.#parts.clock.now()
    return this.#read(() =>
      readHistory(this.#store, this.channels.openStream(channel).stream, { ...options, limits, nowMs }),
    )
  }

  snapshot(channel: string): MaybePromise<KeyedSnapshot> {
    const snapshot = this.#read(() => this.#newest.snapshot(channel))
    return snapshot instanceof Promise
      ? snapshot.catch((error: unknown) => {
          throw toBrokerError(error, this.#parts.file)
        })
      : snapshot
  }

  setPresence(name: string, entry: PresenceEntry, ttlMs: number): void {
    const expiresAtMs = this.#parts.clock.now() + ttlMs
    this.channels.openPresence(name, expiresAtMs).set(entry, expiresAtMs)
  }

  removePresence(name: string, client: string): void {
    this.channels.removePresence(name, client)
  }

  presence(channel: string): readonly PresenceEntry[] {
    return this.channels.get(channel)?.presence?.list(this.#parts.clock.now()) ?? []
  }

  #deliver({ order, publication }: Work): void {
    if (order.kind === 'broadcast') this.#queue.deliver(this.#nodes, undefined, order.payload)
    if (order.kind === 'broadcast' || order.kind === 'remove') return
    const message = order.kind === 'signal' ? order.payload : publication
    const interested = this.channels.get(order.channel)?.interested
    if (message !== undefined && interested !== undefined)
      this.#queue.deliver(interested, order.channel, message)
  }

  #read<T>(action: () => T): T {
    try {
      return action()
    } catch (error) {
      throw toBrokerError(error, this.#parts.file)
    }
  }

  async #closeLater(): Promise<void> {
    // A listener may close while it is called: the transaction of its publication ends first.
    while (this.writer.isFlushing) await new Promise((resolve) => setImmediate(resolve))
    this.writer.drain()
    await this.#checkpoints.stop()
    this.#close()
  }

  /** What cannot be written any more is in the write-ahead log, where the next process finds it. */
  #close(): void {
    this.writer.drain()
    this.sweep.stop()
    this.#expiry.stop()
    try {
      this.sweep.placeAll()
      this.#store.close()
    } catch {
      // The file says that it was not closed in order; that is all.
    }
    this.#lock.release()
  }
}

/* oxlint-disable unicorn/prefer-add-event-listener -- what `IndexedDbLike` asks for is the least that is needed */
import type { DatabaseLike, IndexedDbLike, StoreLike, TransactionLike } from './indexed-db-like.ts'
import type { OutboxRows, RowChanges } from './outbox-device.ts'

const DATABASE = 'goweb-outbox'
const VERSION = 1
const STORE = 'publishes'

/** Whether a transaction waits until the disk has it, for a crash of the whole machine. */
export type OutboxDurability = 'relaxed' | 'strict'

/** The rows in IndexedDB. */
export class IndexedDbRows implements OutboxRows {
  readonly #database: DatabaseLike
  readonly #durability: OutboxDurability

  /** For {@link IndexedDbRows.open}. */
  constructor(database: DatabaseLike, durability: OutboxDurability) {
    this.#database = database
    this.#durability = durability
    // A newer page is about to change the form: this one must not stand in its way.
    database.onversionchange = () => database.close()
  }

  /** Rejects when there is a newer version, or what the browser keeps cannot be used; may wait for as long as an older page is open. */
  static open(indexedDB: IndexedDbLike, durability: OutboxDurability): Promise<IndexedDbRows> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, VERSION)
      request.onupgradeneeded = () => {
        const store = request.result.createObjectStore(STORE, { keyPath: 'id' })
        store.createIndex('user', 'user')
        store.createIndex('expiresAtMs', 'expiresAtMs')
      }
      request.onerror = () => reject(request.error)
      request.onsuccess = () => resolve(new IndexedDbRows(request.result, durability))
    })
  }

  revise(user: string, decide: (row: unknown) => unknown): Promise<void> {
    return this.#transact((store) => walk(store, 'user', user, decide))
  }

  async write({ added, changed, removed }: RowChanges): Promise<ReadonlySet<string>> {
    const missing = new Set<string>()
    await this.#transact((store) => {
      for (const row of added) store.put(row)
      for (const id of removed) store.delete(id)
      for (const row of changed) {
        const found = store.get(row.id)
        found.onsuccess = () => {
          const { owner } = (found.result ?? {}) as { readonly owner?: unknown } // Whatever is there.
          if (owner === row.owner) store.put(row)
          else missing.add(row.id)
        }
      }
    })
    return missing
  }

  deleteExpired(nowMs: number, isKept: (row: unknown) => boolean): Promise<void> {
    const { IDBKeyRange } = globalThis as unknown as {
      readonly IDBKeyRange: { upperBound(key: number): unknown }
    }
    return this.#transact((store) =>
      walk(store, 'expiresAtMs', IDBKeyRange.upperBound(nowMs), (row) => (isKept(row) ? row : undefined)),
    )
  }

  deleteAll(user: string): Promise<void> {
    return this.revise(user, () => undefined)
  }

  close(): void {
    this.#database.close()
  }

  #transact(work: (store: StoreLike) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction: TransactionLike = this.#database.transaction(STORE, 'readwrite', {
        durability: this.#durability,
      })
      transaction.oncomplete = () => resolve()
      transaction.onabort = () => reject(transaction.error)
      work(transaction.objectStore(STORE))
    })
  }
}

function walk(store: StoreLike, index: string, query: unknown, decide: (row: unknown) => unknown): void {
  const request = store.index(index).openCursor(query)
  request.onsuccess = () => {
    const cursor = request.result
    if (cursor === null) return
    const row = cursor.value
    const wanted = decide(row)
    if (wanted === undefined) cursor.delete()
    else if (wanted !== row) cursor.update(wanted)
    cursor.continue()
  }
}

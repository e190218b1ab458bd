/** As much of IndexedDB as the outbox uses. */
export interface IndexedDbLike {
  open(name: string, version: number): OpenRequestLike
}

/** A request of IndexedDB. */
export interface RequestLike<Result> {
  readonly result: Result
  readonly error: unknown
  onsuccess: (() => void) | null
  onerror: (() => void) | null
}

/** A request to open a database. */
export interface OpenRequestLike extends RequestLike<DatabaseLike> {
  onupgradeneeded: (() => void) | null
}

/** An open database. */
export interface DatabaseLike {
  onversionchange: (() => void) | null
  createObjectStore(name: string, options: { readonly keyPath: string }): StoreLike
  transaction(
    store: string,
    mode: 'readwrite',
    options: { readonly durability: 'relaxed' | 'strict' },
  ): TransactionLike
  close(): void
}

/** A transaction. */
export interface TransactionLike {
  readonly error: unknown
  oncomplete: (() => void) | null
  onabort: (() => void) | null
  objectStore(name: string): StoreLike
}

/** The rows of one kind. */
export interface StoreLike {
  createIndex(name: string, keyPath: string): unknown
  index(name: string): IndexLike
  get(key: string): RequestLike<unknown>
  put(row: unknown): unknown
  delete(key: string): unknown
}

/** Rows in the order of one of their fields. */
export interface IndexLike {
  openCursor(query: unknown): RequestLike<CursorLike | null>
}

/** A place among rows. */
export interface CursorLike {
  readonly value: unknown
  update(row: unknown): unknown
  delete(): unknown
  continue(): void
}

import type { StoredPublication } from '../../realtime/broker.ts'

/** The newest publication of a key. */
export type KeyedPublication = StoredPublication & { readonly key: string }

/** What a publication changes in the newest of each key. */
export interface NewestChange {
  readonly key: string
  readonly isRemoved: boolean
}

/** What an entry takes in memory besides its text. */
const OVERHEAD_BYTES = 200

/** The newest of each key of one stream in memory, in the order of offsets. */
export class NewestValues {
  bytes = 0
  /** False while it is being read from the file: changes are made to it already. */
  isComplete = false
  #byKey = new Map<string, KeyedPublication>()

  list(): KeyedPublication[] {
    return [...this.#byKey.values()]
  }

  /** Takes what was read from the file, unless something newer came meanwhile. */
  addRead(entry: KeyedPublication): void {
    if (!this.#byKey.has(entry.key)) this.#set(entry)
  }

  /** All has been read. */
  complete(): void {
    const entries = this.list().toSorted((a, b) => a.offset - b.offset)
    this.#byKey = new Map(entries.map((entry) => [entry.key, entry]))
    this.isComplete = true
  }

  apply(publication: StoredPublication, { key, isRemoved }: NewestChange): void {
    this.#delete(key)
    if (!isRemoved) this.#set({ key, ...publication })
  }

  #set(entry: KeyedPublication): void {
    this.#byKey.set(entry.key, entry)
    this.bytes += costOf(entry)
  }

  #delete(key: string): void {
    const entry = this.#byKey.get(key)
    if (entry === undefined) return
    this.bytes -= costOf(entry)
    this.#byKey.delete(key)
  }
}

function costOf({ key, payload }: KeyedPublication): number {
  return key.length + payload.length + OVERHEAD_BYTES
}

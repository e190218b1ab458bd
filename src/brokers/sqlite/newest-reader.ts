import type { KeyedSnapshot } from '../../realtime/broker.ts'
import { NewestValues } from './newest-values.ts'
import type { SqliteChannels } from './sqlite-channels.ts'
import type { SqliteStore } from './sqlite-store.ts'
import type { SqliteStream } from './sqlite-stream.ts'

/** Values that are read in one turn of the event loop. */
const PAGE = 500

/**
 * The newest of each key of a stream. They are read from the file once, in pages, and kept in memory as long as there is room.
 *
 * What changes meanwhile is applied to what has been read, so that in the end it is what the file has.
 */
export class NewestReader {
  readonly #store: SqliteStore
  readonly #channels: SqliteChannels
  readonly #reading = new Map<SqliteStream, Promise<void>>()

  constructor(store: SqliteStore, channels: SqliteChannels) {
    this.#store = store
    this.#channels = channels
  }

  snapshot(channel: string): KeyedSnapshot | Promise<KeyedSnapshot> {
    const { stream } = this.#channels.openStream(channel)
    if (stream.id === 0) return { entries: [], position: stream.position }
    if (stream.newest?.isComplete === true || this.#readFirst(stream)) {
      this.#channels.keepNewest(stream)
      return { entries: stream.newest?.list() ?? [], position: stream.position }
    }
    return this.#later(channel, stream)
  }

  /** Reads all of it if it is little. */
  #readFirst(stream: SqliteStream): boolean {
    if (this.#reading.has(stream)) return false
    const newest = new NewestValues()
    stream.newest = newest
    const last = this.#readPage(stream, newest, 0)
    if (last === undefined) return true
    this.#reading.set(stream, this.#readOn(stream, newest, last))
    return false
  }

  /** Returns where to go on; undefined at the end. */
  #readPage(stream: SqliteStream, newest: NewestValues, afterOffset: number): number | undefined {
    const page = this.#store.readNewest(stream, afterOffset, PAGE)
    for (const entry of page) newest.addRead(entry)
    if (page.length === PAGE) return page.at(-1)?.offset
    newest.complete()
    return undefined
  }

  async #readOn(stream: SqliteStream, newest: NewestValues, afterOffset: number): Promise<void> {
    try {
      let last: number | undefined = afterOffset
      while (last !== undefined) {
        await new Promise((resolve) => setImmediate(resolve))
        // Who waits asks again, and then of what took its place.
        if (stream.isStale || stream.newest !== newest) return
        last = this.#readPage(stream, newest, last)
      }
    } catch (error) {
      stream.newest = undefined
      throw error
    } finally {
      this.#reading.delete(stream)
    }
  }

  async #later(channel: string, stream: SqliteStream): Promise<KeyedSnapshot> {
    await this.#reading.get(stream)
    return await this.snapshot(channel)
  }
}

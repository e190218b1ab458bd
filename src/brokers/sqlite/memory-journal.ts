import type { Placer } from './placer.ts'
import type { SqliteChannel } from './sqlite-channel.ts'
import type { SqliteChannels } from './sqlite-channels.ts'
import type { SavedStream, SqliteStream } from './sqlite-stream.ts'

/** What a transaction changes in memory, so that all of it can be put back when it fails. */
export class MemoryJournal {
  readonly #saved = new Map<SqliteStream, SavedStream>()
  readonly #replaced: { readonly channel: SqliteChannel; readonly stream: SqliteStream }[] = []

  /** Called before a stream changes. */
  touch(stream: SqliteStream): void {
    if (!this.#saved.has(stream)) this.#saved.set(stream, stream.save())
  }

  /** Has the stream of a channel read from the file, which has another one now. */
  replace(channel: SqliteChannel): void {
    if (channel.stream === undefined) return
    this.#replaced.push({ channel, stream: channel.stream })
    channel.stream = undefined
  }

  commit(placer: Placer, channels: SqliteChannels): void {
    for (const stream of this.#saved.keys()) placer.commit(stream)
    for (const { stream } of this.#replaced) channels.retire(stream)
  }

  undo(placer: Placer): void {
    placer.abandon()
    for (const [stream, { recentLength, fields }] of this.#saved) {
      placer.takeBack(stream, recentLength)
      Object.assign(stream, fields)
    }
    // The first of a channel was there before.
    for (const { channel, stream } of this.#replaced.toReversed()) channel.stream = stream
  }
}

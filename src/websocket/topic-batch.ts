import { DeflatedBatch } from './deflated-batch.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { TopicDeflater } from './topic-deflater.ts'
import type { TopicFrames } from './topic-frames.ts'
import { SliceList } from './slice-list.ts'
import type { SocketMessage } from './socket.ts'

/** What one subscriber is owed of a batch: messages `next` to `end`, without those that it published itself. */
export interface TopicPart {
  readonly batch: TopicBatch
  /** The frames as they go to it. */
  frames: TopicFrames
  next: number
  end: number
  /** Numbers of the messages that it does not get, rising. */
  readonly skips: readonly number[]
  nextSkip: number
}

interface Special {
  from: number
  readonly skips: number[]
}

const NO_SKIPS: readonly number[] = []

/** Messages published to one topic in one turn, encoded once for all subscribers. */
export class TopicBatch implements TopicFrames {
  /** Position of each message among all topic messages of the turn. */
  readonly sequences: number[] = []
  readonly #slices: SliceList = new SliceList()
  /** Where each message ends in the sealed bytes. */
  readonly #ends: number[] = []
  /** Subscribers that are not owed everything: late ones, and those that publish without `toSelf`. */
  #specials: Map<object, Special> | undefined = undefined
  #sealed: Uint8Array | undefined = undefined
  /** The frames as they go to sockets that compress. */
  #deflated: { readonly deflater: TopicDeflater; readonly frames: TopicFrames }[] | undefined = undefined

  get count(): number {
    return this.sequences.length
  }

  get size(): number {
    return this.#slices.size
  }

  /** All frames in one piece of memory; from now on nothing is added. */
  get bytes(): Uint8Array {
    return this.#sealed!
  }

  add(writer: FrameWriter, message: SocketMessage, sequence: number): void {
    writer.message(this.#slices, message, 0)
    this.sequences.push(sequence)
    this.#ends.push(this.#slices.size)
  }

  /** Keeps the message that was added last from one subscriber. */
  excludeLast(subscriber: object): void {
    this.#special(subscriber).skips.push(this.count - 1)
  }

  /** A subscriber that joined is owed only what comes from now on. */
  joinLate(subscriber: object): void {
    this.#specials ??= new Map()
    this.#specials.set(subscriber, { from: this.count, skips: [] })
  }

  /** What a subscriber that leaves is owed. */
  leaveEarly(subscriber: object): TopicPart {
    const part = this.partOf(subscriber)
    this.#specials?.delete(subscriber)
    return part
  }

  /** Whether a subscriber is owed everything. */
  isWholeFor(subscriber: object): boolean {
    return this.#specials === undefined || !this.#specials.has(subscriber)
  }

  partOf(subscriber: object): TopicPart {
    const special = this.#specials?.get(subscriber)
    return {
      batch: this,
      frames: this,
      next: special?.from ?? 0,
      end: this.count,
      skips: special?.skips ?? NO_SKIPS,
      nextSkip: 0,
    }
  }

  offset(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!
  }

  /** Brings the frames together; free where they were written in a row, as they are unless topics alternate. */
  seal(writer: FrameWriter): void {
    if (this.#slices.count === 1) {
      this.#sealed = this.#slices.view(0)
      return
    }
    const bytes = writer.take(this.#slices.size)
    this.#slices.copyTo(bytes, 0)
    this.#sealed = bytes
  }

  /** The frames as they go to a socket that compresses; made once for all that do it alike. For a sealed batch. */
  framesFor(deflater: TopicDeflater, writer: FrameWriter): TopicFrames {
    const made = this.#deflated?.find((other) => deflater.isLike(other.deflater))
    if (made !== undefined) return made.frames
    const frames = new DeflatedBatch(this, this.count, { deflater, writer })
    ;(this.#deflated ??= []).push({ deflater, frames })
    return frames
  }

  #special(subscriber: object): Special {
    this.#specials ??= new Map()
    let special = this.#specials.get(subscriber)
    if (special === undefined) {
      special = { from: 0, skips: [] }
      this.#specials.set(subscriber, special)
    }
    return special
  }
}

import { DeflatedBatch } from './deflated-batch.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { TopicDeflater } from './topic-deflater.ts'
import type { TopicFrames } from './topic-frames.ts'
import { SliceList } from './slice-list.ts'
import type { SocketMessage } from './socket.ts'
import { TurnBatch, type BatchPart } from './turn-batch.ts'

/** What one subscriber is owed of a batch. */
export interface TopicPart extends BatchPart<TopicBatch> {
  /** The frames as they go to it. */
  frames: TopicFrames
}

/** Messages published to one topic in one turn, encoded once for all subscribers. */
export class TopicBatch extends TurnBatch implements TopicFrames {
  readonly #slices: SliceList = new SliceList()
  /** Where each message ends in the sealed bytes. */
  readonly #ends: number[] = []
  #sealed: Uint8Array | undefined = undefined
  /** The frames as they go to sockets that compress. */
  #deflated: { readonly deflater: TopicDeflater; readonly frames: TopicFrames }[] | undefined = undefined

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

  /** What a subscriber that leaves is owed. */
  leaveEarly(subscriber: object): TopicPart {
    const part = this.partOf(subscriber)
    this.forget(subscriber)
    return part
  }

  partOf(subscriber: object): TopicPart {
    return {
      batch: this,
      frames: this,
      next: this.firstFor(subscriber),
      end: this.count,
      skips: this.skipsFor(subscriber),
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
}

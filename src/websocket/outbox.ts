import { HeldTexts } from './held-texts.ts'
import { SliceList } from './slice-list.ts'
import type { TopicPart } from './topic-batch.ts'
import type { TopicDeflater } from './topic-deflater.ts'

/** A socket as a turn sees it. None of these methods runs code of the app, except `afterFlush`. */
export interface TurnSocket {
  /** What it is to send in this turn; undefined while that is nothing. */
  outbox: Outbox | undefined
  /** How many topics it is subscribed to. */
  readonly topicCount: number
  /** Where its messages are deflated. */
  readonly deflater: TopicDeflater | undefined
  /** Whether its peer keeps up enough for so many topic messages of this size; if not, its policy is applied. */
  admitsTopics(bytes: number, messages: number): boolean
  /** Returns whether the bytes have left, so that nobody reads their memory any more. */
  write(bytes: Uint8Array): boolean
  writeAll(slices: SliceList): void
  /** Its outbox was written; returns whether `afterFlush` is wanted. */
  endTurn(): boolean
  afterFlush(): void
}

/** What one socket is to send at the end of this turn. Pooled: idle sockets have none. */
export class Outbox {
  socket: TurnSocket | undefined = undefined
  /** Frames sent to the socket alone. */
  readonly direct: SliceList = new SliceList()
  /** Texts that follow the direct frames, not encoded yet. */
  readonly texts: HeldTexts = new HeldTexts()
  /** Their mark among the direct frames. */
  textsMark = 0
  /** What it is owed of topics, where that is not simply all of one batch. */
  readonly parts: TopicPart[] = []
  /** Pongs among the direct frames. */
  pongs = 0
  /** Payload of the newest ping that has not been answered, when there were too many. */
  latePong: Uint8Array | undefined = undefined

  /** No less than its direct frames will have, held texts included. */
  get mostBytes(): number {
    return this.direct.size + this.texts.mostBytes
  }

  clear(): void {
    this.socket = undefined
    this.direct.clear()
    // Setting a length is a call into V8's runtime.
    if (this.parts.length > 0) this.parts.length = 0
    this.pongs = 0
    this.latePong = undefined
  }
}

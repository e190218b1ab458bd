import { FrameWriter } from './frame-writer.ts'
import { handedText } from './handed-text.ts'
import { mergeTurn } from './merge-turn.ts'
import { OPCODE } from './opcode.ts'
import { Outbox, type TurnSocket } from './outbox.ts'
import { SliceList } from './slice-list.ts'
import type { SocketCounters } from './socket-counters.ts'
import type { SocketMessage } from './socket.ts'
import { TopicBatch } from './topic-batch.ts'
import { countOf } from './turn-batch.ts'

/** Calls `flush` once, at the end of the current turn of the event loop; never before it returns. */
export type FlushScheduler = (flush: () => void) => void

/** A topic as a turn sees it. */
export interface TurnTopic {
  /** Messages of this turn. */
  batch: TopicBatch | undefined
  readonly members: Iterable<TurnSocket>
}

/** Beyond this much in one turn merging gains nothing more; flushing early bounds the memory of a turn. */
const EARLY_FLUSH_BYTES = 1_048_576
/** Slices below this average size are copied into one: cheaper than further entries in a gathering write. */
const GATHER_BYTES = 4_096
/** What a text that is held back takes besides its characters; more than the header of its frame. */
const HELD_TEXT_BYTES = 64
/** Of texts that are passed on; to copy more of them costs as much as to encode several together. */
const MAX_COPIED_LENGTH = 64
const MAX_POOLED_OUTBOXES = 1_024
/** Pings answered one by one in a turn; of more only the newest is answered (RFC 6455 section 5.5.3). */
const MAX_PONGS_A_TURN = 64

/**
 * Everything that sockets and topics are to send in the current turn of the event loop.
 *
 * At its end each socket gets one write. Subscribers of one topic share one buffer; a socket with messages from several sources
 * gets them in their order of issue.
 */
export class Turn {
  #schedule: FlushScheduler
  #isScheduled = false
  #pendingBytes = 0
  /** Number of the next topic message; direct frames are marked with it. */
  #sequence = 0
  readonly #directWriter: FrameWriter = new FrameWriter()
  // Apart, so that direct frames in between do not break up a batch.
  readonly #topicWriter: FrameWriter = new FrameWriter()
  #topics: TurnTopic[] = []
  #outboxes: Outbox[] = []
  #outboxCount = 0
  #spareOutboxes: Outbox[] = []
  #drained: TurnSocket[] = []
  readonly #merged: SliceList = new SliceList()
  readonly #run: () => void = () => {
    this.#isScheduled = false
    this.flush()
  }

  readonly #counters: SocketCounters

  constructor(schedule: FlushScheduler, counters: SocketCounters) {
    this.#schedule = schedule
    this.#counters = counters
  }

  /** Replaces the scheduler, from the next turn on. */
  scheduleWith(schedule: FlushScheduler): void {
    this.#schedule = schedule
  }

  /** Adds a message for one socket. */
  message(socket: TurnSocket, message: SocketMessage): void {
    const outbox = socket.outbox ?? this.open(socket)
    if (typeof message === 'string' && this.#mayHold(outbox, message) && outbox.texts.hold(message)) {
      this.#grow(message.length + HELD_TEXT_BYTES)
      return
    }
    const direct = this.settleTexts(outbox)
    const before = direct.size
    this.#directWriter.message(direct, message, this.#sequence)
    this.#grow(direct.size - before)
  }

  /** Encodes the texts that are held back; returns the direct frames, complete now. */
  settleTexts(outbox: Outbox): SliceList {
    const { direct, texts } = outbox
    if (texts.count > 0) {
      this.#directWriter.texts(direct, texts, outbox.textsMark)
      texts.clear()
    }
    return direct
  }

  /**
   * Whether a text is held back. Held texts have one place among the messages of topics.
   *
   * A short text that is passed on is not, but only to the first socket: where it goes to many, those of each are better together.
   */
  #mayHold(outbox: Outbox, text: string): boolean {
    if (!this.#directWriter.expectsAscii) return false
    if (outbox.texts.count > 0) return outbox.textsMark === this.#sequence
    if (text.length <= MAX_COPIED_LENGTH && handedText.isFirst(text)) return false
    outbox.textsMark = this.#sequence
    return true
  }

  /** Adds a message for one socket that is deflated already. */
  deflated(socket: TurnSocket, isText: boolean, payload: Uint8Array): void {
    const direct = this.settleTexts(socket.outbox ?? this.open(socket))
    const before = direct.size
    this.#directWriter.deflated(direct, { isText, payload }, this.#sequence)
    this.#grow(direct.size - before)
  }

  /** Adds a control frame for one socket. */
  control(socket: TurnSocket, opcode: number, payload: Uint8Array): void {
    const direct = this.settleTexts(socket.outbox ?? this.open(socket))
    this.#directWriter.control(direct, opcode, payload, this.#sequence)
  }

  /** Answers a ping, unless too much waits; of very many in a turn only the newest. */
  pong(socket: TurnSocket, payload: Uint8Array, fits: boolean): void {
    const outbox = socket.outbox ?? this.open(socket)
    if (outbox.pongs >= MAX_PONGS_A_TURN) outbox.latePong = payload
    else if (fits) {
      outbox.pongs++
      this.control(socket, OPCODE.PONG, payload)
    }
  }

  /** Adds bytes that are no frame, such as the answer to the handshake. */
  raw(socket: TurnSocket, bytes: Uint8Array): void {
    const direct = this.settleTexts(socket.outbox ?? this.open(socket))
    direct.add(bytes, 0, bytes.length, this.#sequence)
  }

  /** Whether anything was published since the last flush. */
  get hasTopicMessages(): boolean {
    return this.#sequence > 0
  }

  /** Adds a message for all members of a topic, but those that are given. */
  publish(topic: TurnTopic, message: SocketMessage, excluded?: TurnSocket | Iterable<TurnSocket>): void {
    let batch = topic.batch
    if (batch === undefined) {
      batch = topic.batch = new TopicBatch()
      this.#topics.push(topic)
      this.#arm()
    }
    const before = batch.size
    batch.add(this.#topicWriter, message, this.#sequence++)
    if (excluded !== undefined) {
      if (Symbol.iterator in excluded) for (const member of excluded) batch.excludeLast(member)
      else batch.excludeLast(excluded)
    }
    this.#grow(batch.size - before)
  }

  /** The outbox of a socket, made if there is none. */
  open(socket: TurnSocket): Outbox {
    this.#arm()
    return socket.outbox ?? this.#takeOutbox(socket)
  }

  /** Writes everything now. */
  flush(): void {
    this.#deliver()
    if (this.#drained.length > 0) this.#tellDrained()
  }

  /** Writes everything now, and runs no code of the app meanwhile. */
  settle(): void {
    this.#deliver()
    if (this.#drained.length > 0) this.#arm()
  }

  #deliver(): void {
    if (this.#topics.length > 0) this.#deliverTopics()
    const outboxes = this.#outboxes
    const count = this.#outboxCount
    this.#outboxes = this.#spareOutboxes
    this.#outboxCount = 0
    this.#sequence = 0
    this.#pendingBytes = 0
    for (let i = 0; i < count; i++) this.#deliverOutbox(outboxes[i]!)
    if (outboxes.length > MAX_POOLED_OUTBOXES) outboxes.length = MAX_POOLED_OUTBOXES
    this.#spareOutboxes = outboxes
  }

  #arm(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#schedule(this.#run)
  }

  #takeOutbox(socket: TurnSocket): Outbox {
    const index = this.#outboxCount++
    const outbox = (this.#outboxes[index] ??= new Outbox())
    outbox.socket = socket
    socket.outbox = outbox
    return outbox
  }

  #grow(bytes: number): void {
    this.#pendingBytes += bytes
    if (this.#pendingBytes > EARLY_FLUSH_BYTES) this.flush()
  }

  #deliverTopics(): void {
    const topics = this.#topics
    this.#topics = []
    // All before any is delivered: a socket that left one is owed messages by several.
    for (const { batch } of topics) batch!.seal(this.#topicWriter)
    const isAlone = topics.length === 1
    for (const topic of topics) {
      // A topic is in the list because it has a batch.
      const batch = topic.batch!
      topic.batch = undefined
      for (const member of topic.members) {
        const isWhole =
          member.outbox === undefined && (isAlone || member.topicCount === 1) && batch.isWholeFor(member)
        if (!isWhole) (member.outbox ?? this.#takeOutbox(member)).parts.push(batch.partOf(member))
        else this.#deliverBatch(batch, member)
      }
    }
  }

  /** Writes a member all of a batch. */
  #deliverBatch(batch: TopicBatch, member: TurnSocket): void {
    const { deflater } = member
    const { bytes } = deflater === undefined ? batch : batch.framesFor(deflater, this.#topicWriter)
    if (!member.admitsTopics(bytes.length, batch.count)) return
    this.#counters.topicDeliveries += batch.count
    member.write(bytes)
    deflater?.sentShared()
  }

  #deliverOutbox(outbox: Outbox): void {
    const { parts } = outbox
    const writer = this.#directWriter
    writer.lend()
    const direct = this.settleTexts(outbox)
    // An outbox below the count was taken by a socket.
    const socket = outbox.socket!
    socket.outbox = undefined
    if (outbox.latePong !== undefined) {
      writer.control(direct, OPCODE.PONG, outbox.latePong, Infinity)
    }
    const { deflater } = socket
    if (deflater !== undefined) {
      for (const part of parts) part.frames = part.batch.framesFor(deflater, this.#topicWriter)
    }
    const messages = parts.length > 0 ? countOf(parts) : 0
    let hasLeft = false
    if (messages === 0) hasLeft = this.#write(socket, direct)
    else if (socket.admitsTopics(sizeOf(outbox), messages)) {
      this.#counters.topicDeliveries += messages
      deflater?.sentShared()
      mergeTurn(direct, parts, this.#merged)
      hasLeft = this.#write(socket, this.#merged)
      this.#merged.clear()
    }
    // Its policy may have made a frame for the next outbox, so nothing can be taken back.
    else this.#write(socket, direct)
    if (hasLeft) writer.takeBack()
    outbox.clear()
    if (socket.endTurn()) this.#drained.push(socket)
  }

  /** Returns whether all of it has left, so that its memory may be used again. */
  #write(socket: TurnSocket, slices: SliceList): boolean {
    if (slices.count === 1) return socket.write(this.#directWriter.viewOf(slices))
    if (slices.count === 0) return false
    if (slices.size > slices.count * GATHER_BYTES) {
      socket.writeAll(slices)
      return false
    }
    const bytes = this.#directWriter.take(slices.size)
    slices.copyTo(bytes, 0)
    return socket.write(bytes)
  }

  #tellDrained(): void {
    const drained = this.#drained
    this.#drained = []
    for (const socket of drained) socket.afterFlush()
  }
}

/** Bytes of the outbox's topic messages, those that are skipped included. */
function sizeOf(outbox: Outbox): number {
  let size = 0
  for (const { frames, next, end } of outbox.parts) size += frames.offset(end) - frames.offset(next)
  return size
}

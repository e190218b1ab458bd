import type { SocketCounters } from '../../websocket/socket-counters.ts'
import type { SocketMessage } from '../../websocket/socket.ts'
import { countOf } from '../../websocket/turn-batch.ts'
import type { FlushScheduler } from '../../websocket/turn.ts'
import { MessageBatch } from './bun-socket-batch.ts'
import { BunOutbox, type Outgoing, type TurnMember } from './bun-socket-outbox.ts'

/** A topic as a turn sees it. */
export interface MessageTopic {
  /** Messages of this turn. */
  batch: MessageBatch | undefined
  readonly members: ReadonlySet<TurnMember>
}

/** As in `Turn`: beyond this much merging gains nothing more, and flushing early bounds the memory of a turn. */
const EARLY_FLUSH_BYTES = 1_048_576
const MAX_POOLED_OUTBOXES = 1_024

/**
 * What sockets of Bun are to send at the end of the current turn of the event loop: the `Turn` of sockets that take messages
 * instead of bytes.
 *
 * What a socket sends while Bun hands it a message goes to Bun at once, which writes it when it has handed over all that was
 * read. Everything else waits here, so that it leaves in one write, in its order of issue.
 */
export class BunTurn {
  /** The socket whose event is being handled: what it sends is corked by Bun. */
  current: TurnMember | undefined = undefined
  readonly #schedule: FlushScheduler
  readonly #counters: SocketCounters
  #isScheduled = false
  #pendingBytes = 0
  /** Number of the next topic message; direct ones are marked with it. */
  #sequence = 0
  #topics: MessageTopic[] = []
  #outboxes: BunOutbox[] = []
  #outboxCount = 0
  #spareOutboxes: BunOutbox[] = []
  #drained: TurnMember[] = []
  readonly #merged: Outgoing[] = []
  /** For the end of what the current socket's event has started. */
  readonly forgetCurrent: () => void = () => {
    this.current = undefined
  }
  readonly #run: () => void = () => {
    this.#isScheduled = false
    this.flush()
  }

  constructor(schedule: FlushScheduler, counters: SocketCounters) {
    this.#schedule = schedule
    this.#counters = counters
  }

  /** Whether what a socket sends need not wait: nothing that was issued before it does. */
  mayPass(socket: TurnMember): boolean {
    return (
      this.current === socket &&
      socket.outbox === undefined &&
      (this.#sequence === 0 || socket.topicCount === 0)
    )
  }

  /** Adds a message for one socket. */
  message(socket: TurnMember, message: Outgoing, bytes: number): void {
    this.open(socket).add(message, bytes, this.#sequence)
    this.#grow(bytes)
  }

  /** Adds a message for all members of a topic, but the one that is given. */
  publish(topic: MessageTopic, message: SocketMessage, bytes: number, excluded: object | undefined): void {
    let { batch } = topic
    if (batch === undefined) {
      batch = topic.batch = new MessageBatch()
      this.#topics.push(topic)
      this.#arm()
    }
    batch.add(message, bytes, this.#sequence++)
    if (excluded !== undefined) batch.excludeLast(excluded)
    this.#grow(bytes)
  }

  /** The outbox of a socket, made if there is none. */
  open(socket: TurnMember): BunOutbox {
    if (socket.outbox !== undefined) return socket.outbox
    this.#arm()
    return this.#takeOutbox(socket)
  }

  /** Writes everything now. */
  flush(): void {
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
    if (this.#drained.length > 0) this.#tellDrained()
  }

  #arm(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#schedule(this.#run)
  }

  #takeOutbox(socket: TurnMember): BunOutbox {
    const index = this.#outboxCount++
    const outbox = (this.#outboxes[index] ??= new BunOutbox())
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
    const isAlone = topics.length === 1
    for (const topic of topics) {
      // A topic is in the list because it has a batch.
      const batch = topic.batch!
      topic.batch = undefined
      for (const member of topic.members) {
        const isWhole =
          member.outbox === undefined && (isAlone || member.topicCount === 1) && batch.isWholeFor(member)
        if (!isWhole) (member.outbox ?? this.#takeOutbox(member)).parts.push(batch.partOf(member))
        else if (member.hasRoomFor(batch.bytes)) {
          this.#count(batch.count, batch.bytes)
          member.write(batch.messages)
        } else member.miss(batch.count)
      }
    }
  }

  #deliverOutbox(outbox: BunOutbox): void {
    const { socket, direct, parts } = outbox
    // Written by its own end meanwhile, or taken for nothing.
    if (socket === undefined) return
    socket.outbox = undefined
    const messages = parts.length > 0 ? countOf(parts) : 0
    const bytes = messages > 0 ? bytesOf(outbox) : 0
    if (messages > 0 && socket.hasRoomFor(bytes)) {
      this.#count(messages, bytes)
      const merged = this.#merged
      outbox.mergeInto(merged)
      socket.write(merged)
      merged.length = 0
    } else {
      // First: what was accepted for the socket itself still goes out where its policy is to close it.
      if (direct.length > 0) socket.write(direct)
      if (messages > 0) socket.miss(messages)
    }
    outbox.clear()
    if (socket.endTurn()) this.#drained.push(socket)
  }

  /** Writes now what one socket is owed: it is about to be closed. */
  settle(socket: TurnMember): void {
    if (socket.outbox !== undefined) this.#deliverOutbox(socket.outbox)
  }

  #count(deliveries: number, bytes: number): void {
    this.#counters.topicDeliveries += deliveries
    this.#counters.bytesOut += bytes
  }

  #tellDrained(): void {
    const drained = this.#drained
    this.#drained = []
    for (const socket of drained) socket.afterFlush()
  }
}

/** Bytes of the outbox's topic messages as frames, about: messages of a batch count as equally long. */
function bytesOf({ parts }: BunOutbox): number {
  let bytes = 0
  for (const { batch, next, end } of parts) bytes += Math.ceil((batch.bytes * (end - next)) / batch.count)
  return bytes
}

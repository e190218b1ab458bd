import type { SocketMessage } from '../../websocket/socket.ts'
import { TurnBatch, type BatchPart } from '../../websocket/turn-batch.ts'

/** What one subscriber is owed of a batch. */
export type MessagePart = BatchPart<MessageBatch>

/** Messages published to one topic in one turn, as Bun sends them. */
export class MessageBatch extends TurnBatch {
  readonly messages: SocketMessage[] = []
  /** Bytes of all messages as frames. */
  bytes = 0

  /** @param bytes those of its frame. */
  add(message: SocketMessage, bytes: number, sequence: number): void {
    this.messages.push(message)
    this.sequences.push(sequence)
    this.bytes += bytes
  }

  /** What a subscriber that leaves is owed. */
  leaveEarly(subscriber: object): MessagePart {
    const part = this.partOf(subscriber)
    this.forget(subscriber)
    return part
  }

  partOf(subscriber: object): MessagePart {
    return {
      batch: this,
      next: this.firstFor(subscriber),
      end: this.count,
      skips: this.skipsFor(subscriber),
      nextSkip: 0,
    }
  }
}

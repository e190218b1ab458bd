import type { SocketMessage } from '../../websocket/socket.ts'
import { firstAtOrAfter, nextOfOthers, takeEarliest } from '../../websocket/turn-batch.ts'
import type { MessagePart } from './bun-socket-batch.ts'

/** A ping that waits behind messages. */
export class PingMessage {
  readonly payload: Uint8Array

  constructor(payload: Uint8Array) {
    this.payload = payload
  }
}

/** What a socket may be given to write. */
export type Outgoing = SocketMessage | PingMessage

/** A socket as a turn sees it. None of these methods runs code of the app, except `afterFlush`. */
export interface TurnMember {
  /** What it is to send in this turn; undefined while that is nothing. */
  outbox: BunOutbox | undefined
  /** How many topics it is subscribed to. */
  readonly topicCount: number
  /** Whether its peer keeps up enough for topic messages of this size. */
  hasRoomFor(bytes: number): boolean
  /** It does not get so many topic messages: its policy is applied. */
  miss(messages: number): void
  /** Gives messages to the platform, in one write. */
  write(messages: readonly Outgoing[]): void
  /** Its outbox was written; returns whether `afterFlush` is wanted. */
  endTurn(): boolean
  afterFlush(): void
}

/** What one socket is to send at the end of this turn. Pooled: idle sockets have none. */
export class BunOutbox {
  socket: TurnMember | undefined = undefined
  /** Sent to the socket alone. */
  readonly direct: Outgoing[] = []
  /** Number of the turn's next topic message when each was sent. */
  readonly marks: number[] = []
  /** Bytes of `direct` as frames. */
  bytes = 0
  /** What it is owed of topics, where that is not simply all of one batch. */
  readonly parts: MessagePart[] = []

  add(message: Outgoing, bytes: number, mark: number): void {
    this.direct.push(message)
    this.marks.push(mark)
    this.bytes += bytes
  }

  /** Everything in its order of issue: what was sent directly goes before the topic messages numbered as its mark and higher. */
  mergeInto(merged: Outgoing[]): void {
    const { direct, marks, parts } = this
    let nextDirect = 0
    for (;;) {
      const part = takeEarliest(parts)
      if (part === undefined) break
      const sequence = part.batch.sequences[part.next]!
      while (nextDirect < direct.length && marks[nextDirect]! <= sequence) merged.push(direct[nextDirect++]!)
      const mark = nextDirect < direct.length ? marks[nextDirect]! : Infinity
      const until = firstAtOrAfter(part, Math.min(mark, nextOfOthers(part, parts)))
      for (let i = part.next; i < until; i++) merged.push(part.batch.messages[i]!)
      part.next = until
    }
    while (nextDirect < direct.length) merged.push(direct[nextDirect++]!)
  }

  clear(): void {
    this.socket = undefined
    this.direct.length = 0
    this.marks.length = 0
    this.bytes = 0
    this.parts.length = 0
  }
}

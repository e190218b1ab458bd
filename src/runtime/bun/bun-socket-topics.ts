import type { SocketCounters } from '../../websocket/socket-counters.ts'
import type { SocketMessage } from '../../websocket/socket.ts'
import type { TopicCarrier } from '../../websocket/topic-carrier.ts'
import type { FlushScheduler } from '../../websocket/turn.ts'
import type { TurnMember } from './bun-socket-outbox.ts'
import { BunTurn, type MessageTopic } from './bun-socket-turn.ts'
import { frameBytes, messageBytes } from './bun-socket-bytes.ts'

/** A topic with at least one subscriber. */
export interface BunTopic extends MessageTopic {
  readonly name: string
  readonly members: Set<TurnMember>
}

/** The topics of an app's sockets on Bun, all of its servers together. */
export class BunTopics implements TopicCarrier {
  /** What leaves at the end of this turn. */
  readonly turn: BunTurn
  readonly #topics: Map<string, BunTopic> = new Map()

  /** @param schedule when a turn ends: behind all that is read in it. */
  constructor(counters: SocketCounters, schedule: FlushScheduler = setImmediate) {
    this.turn = new BunTurn(schedule, counters)
  }

  publish(name: string, message: SocketMessage, sender?: object): number {
    const topic = this.#topics.get(name)
    if (topic === undefined) return 0
    const { size } = topic.members
    const excluded = sender !== undefined && topic.members.has(sender as TurnMember) ? sender : undefined
    if (excluded === undefined || size > 1) {
      this.turn.publish(topic, message, frameBytes(messageBytes(message)), excluded)
    }
    return size
  }

  subscriberCount(name: string): number {
    return this.#topics.get(name)?.members.size ?? 0
  }

  /** Adds a subscriber; undefined when it was one already. */
  join(socket: TurnMember, name: string): BunTopic | undefined {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = { name, members: new Set(), batch: undefined }
      this.#topics.set(name, topic)
    } else if (topic.members.has(socket)) return undefined
    topic.members.add(socket)
    topic.batch?.joinLate(socket)
    return topic
  }

  /** Removes a subscriber; what was published before in this turn still reaches it. */
  leave(socket: TurnMember, topic: BunTopic): void {
    if (!topic.members.delete(socket)) return
    if (topic.batch !== undefined) this.turn.open(socket).parts.push(topic.batch.leaveEarly(socket))
    if (topic.members.size === 0 && this.#topics.get(topic.name) === topic) this.#topics.delete(topic.name)
  }

  /** The topic a socket is subscribed to by that name. */
  find(socket: TurnMember, name: string): BunTopic | undefined {
    const topic = this.#topics.get(name)
    return topic?.members.has(socket) === true ? topic : undefined
  }
}

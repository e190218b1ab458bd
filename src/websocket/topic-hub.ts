import { assertMessage } from './assert-message.ts'
import { SocketCounters } from './socket-counters.ts'
import type { SocketMessage } from './socket.ts'
import type { TurnSocket } from './outbox.ts'
import { publishDeflated } from './publish-deflated.ts'
import type { TopicCarrier } from './topic-carrier.ts'
import type { TopicBatch } from './topic-batch.ts'
import { type FlushScheduler, Turn } from './turn.ts'

/** A topic with at least one subscriber. */
export interface Topic {
  readonly name: string
  readonly members: Set<TurnSocket>
  /** The member, when there is one only. */
  only: TurnSocket | undefined
  /** How many of them compress. */
  deflatingCount: number
  /** What was published in this turn. */
  batch: TopicBatch | undefined
}

/**
 * The topics of an app's sockets: at most once, this process only.
 *
 * A message is encoded once for all subscribers. What is published in one turn of the event loop, to one topic or to several and by
 * whomever, reaches each subscriber as one write, in the order of issue and in order with what is sent to it directly. A socket
 * gets exactly what is published while it is subscribed. Topics exist while they have subscribers.
 */
export class TopicHub {
  /** What leaves at the end of this turn. For the sockets of this hub. */
  readonly turn: Turn
  /** What its topics and sockets did so far. */
  readonly counters: SocketCounters = new SocketCounters()
  readonly #topics: Map<string, Topic> = new Map()
  /** What the codecs of all members deflate at once. */
  #maxBytesAtOnce = Infinity
  #carrier: TopicCarrier | undefined = undefined

  /** @param schedule when a turn ends; a runtime sets its own with `turn.scheduleWith`. */
  constructor(schedule: FlushScheduler = queueMicrotask) {
    this.turn = new Turn(schedule, this.counters)
  }

  /** What has the topics where the platform's own sockets are used. */
  get carrier(): TopicCarrier | undefined {
    return this.#carrier
  }

  /** Lets another one have the topics: of a platform whose sockets are no `ServerSocket`. Before there are any. */
  carryWith(carrier: TopicCarrier): void {
    this.#carrier = carrier
  }

  /**
   * Sends a message to all subscribers of a topic.
   *
   * @param message bytes must not be changed in this turn any more.
   * @returns how many subscribers there are.
   * @throws `SOCKET_MESSAGE_INVALID`
   */
  publish(topic: string, message: SocketMessage): number {
    assertMessage(message)
    this.counters.topicPublishes++
    if (this.#carrier !== undefined) return this.#carrier.publish(topic, message)
    const known = this.#topics.get(topic)
    if (known === undefined) return 0
    const { size } = known.members
    this.#publish(known, message, undefined)
    return size
  }

  /** Sends a message to all subscribers but one. */
  publishFrom(sender: object, topic: string, message: SocketMessage): void {
    assertMessage(message)
    this.counters.topicPublishes++
    if (this.#carrier !== undefined) {
      this.#carrier.publish(topic, message, sender)
      return
    }
    const known = this.#topics.get(topic)
    if (known === undefined) return
    const excluded = sender as TurnSocket // Looked for among them.
    const isMember = known.members.has(excluded)
    if (isMember && known.members.size === 1) return
    this.#publish(known, message, isMember ? excluded : undefined)
  }

  /** How many sockets are subscribed to a topic. */
  subscriberCount(topic: string): number {
    if (this.#carrier !== undefined) return this.#carrier.subscriberCount(topic)
    return this.#topics.get(topic)?.members.size ?? 0
  }

  /** Adds a subscriber; undefined when it was one already. */
  join(socket: TurnSocket, name: string): Topic | undefined {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      topic = { name, members: new Set(), only: undefined, deflatingCount: 0, batch: undefined }
      this.#topics.set(name, topic)
    } else if (topic.members.has(socket)) return undefined
    topic.members.add(socket)
    topic.only = topic.members.size === 1 ? socket : undefined
    if (socket.deflater !== undefined) {
      topic.deflatingCount++
      this.#maxBytesAtOnce = Math.min(this.#maxBytesAtOnce, socket.deflater.codec.maxBytesAtOnce)
    }
    topic.batch?.joinLate(socket)
    return topic
  }

  /** Removes a subscriber; what was published before in this turn still reaches it. */
  leave(socket: TurnSocket, topic: Topic): void {
    if (!topic.members.delete(socket)) return
    topic.only = undefined
    if (topic.members.size === 1) for (const member of topic.members) topic.only = member
    if (socket.deflater !== undefined) topic.deflatingCount--
    if (topic.batch !== undefined) this.turn.open(socket).parts.push(topic.batch.leaveEarly(socket))
    if (topic.members.size === 0 && this.#topics.get(topic.name) === topic) this.#topics.delete(topic.name)
  }

  /** The topic a socket is subscribed to by that name. */
  find(socket: TurnSocket, name: string): Topic | undefined {
    const topic = this.#topics.get(name)
    return topic?.members.has(socket) === true ? topic : undefined
  }

  #publish(topic: Topic, message: SocketMessage, excluded: TurnSocket | undefined): void {
    const { only } = topic
    // What goes to one needs no batch that others could share: it is a frame like those sent to it directly.
    if (only !== undefined && topic.batch === undefined && only.deflater === undefined) {
      if (!only.admitsTopics(byteLength(message), 1)) return
      this.counters.topicDeliveries++
      return this.turn.message(only, message)
    }
    if (topic.deflatingCount > 0 && byteLength(message) > this.#maxBytesAtOnce) {
      this.counters.topicDeliveries += publishDeflated(this.turn, topic, { message, excluded })
    } else this.turn.publish(topic, message, excluded)
  }
}

function byteLength(message: SocketMessage): number {
  return typeof message === 'string' ? Buffer.byteLength(message) : message.length
}

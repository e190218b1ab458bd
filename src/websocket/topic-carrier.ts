import type { SocketMessage } from './socket.ts'

/** Topics of sockets that a platform has, in place of those of a `TopicHub`; what it promises holds. */
export interface TopicCarrier {
  /**
   * Sends a message to all subscribers of a topic.
   *
   * @param sender a socket that does not get it.
   * @returns how many subscribers there are, the sender included.
   */
  publish(topic: string, message: SocketMessage, sender?: object): number
  /** How many sockets are subscribed to a topic. */
  subscriberCount(topic: string): number
}

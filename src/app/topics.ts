import type { SocketMessage } from '../websocket/socket.ts'

/** Raw topics of an app's sockets, seen from outside a socket: at most once, this process only. */
export interface Topics {
  /**
   * Sends a message to all sockets subscribed to the topic.
   *
   * @returns how many they are.
   */
  publish(topic: string, message: SocketMessage): number
  /** How many sockets are subscribed to the topic. */
  subscriberCount(topic: string): number
}

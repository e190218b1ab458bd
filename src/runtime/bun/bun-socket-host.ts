import type { AcceptedUpgrade } from '../../app/dispatcher.ts'
import type { DeadlineWheel } from '../../websocket/deadline-wheel.ts'
import type { SocketGate } from '../../websocket/socket-gate.ts'
import type { Socket } from '../../websocket/socket.ts'
import type { TopicHub } from '../../websocket/topic-hub.ts'
import type { WheelEntry } from '../../websocket/wheel-entry.ts'
import type { BunTopics } from './bun-socket-topics.ts'
import type { BunTurn } from './bun-socket-turn.ts'

/** What the sockets of one server on Bun share. */
export interface BunSocketHost {
  readonly hub: TopicHub
  readonly gate: SocketGate
  readonly topics: BunTopics
  readonly turn: BunTurn
  readonly wheel: DeadlineWheel<WheelEntry>
  /** Takes what a hook threw and how a peer broke the protocol; must not throw. */
  socketError(socket: Socket, setup: AcceptedUpgrade, error: unknown): void
  /** A socket is gone from the wheel, its `close` hook called. */
  socketClosed(socket: Socket): void
}

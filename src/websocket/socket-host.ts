import type { CompressionSetup } from './compression-setup.ts'
import type { DeadlineWheel } from './deadline-wheel.ts'
import type { ParserPool } from './parser-pool.ts'
import type { SocketDriver } from './socket-driver.ts'
import type { SocketGate } from './socket-gate.ts'
import type { SocketHooks, SocketOptions } from './socket-hooks.ts'
import type { Socket } from './socket.ts'
import type { TopicHub } from './topic-hub.ts'
import type { WheelEntry } from './wheel-entry.ts'

/** What an accepted handshake decided for one socket. */
export interface SocketSetup {
  readonly hooks: SocketHooks
  readonly options: Required<SocketOptions>
  readonly data: unknown
  readonly protocol: string
}

/** What the sockets of one server share. */
export interface SocketHost<Handle, Setup extends SocketSetup> {
  readonly driver: SocketDriver<Handle>
  readonly hub: TopicHub
  readonly wheel: DeadlineWheel<WheelEntry>
  readonly gate: SocketGate
  readonly parsers: ParserPool
  /** Takes what a hook threw and how a peer broke the protocol; must not throw. */
  socketError(socket: Socket, setup: Setup, error: unknown): void
  /** A socket is gone from the wheel, its `close` hook called. */
  socketClosed(socket: Socket): void
}

/** What tells one socket from another. */
export interface SocketIdentity<Handle, Setup> {
  readonly handle: Handle
  readonly setup: Setup
  readonly ip: string
  /** How its messages are compressed; undefined when they are not. */
  readonly compression?: CompressionSetup | undefined
}

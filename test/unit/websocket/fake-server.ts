import type { CompressionSetup } from '../../../src/websocket/compression-setup.ts'
import { DeadlineWheel, TICK_MS } from '../../../src/websocket/deadline-wheel.ts'
import { ParserPool } from '../../../src/websocket/parser-pool.ts'
import { ServerSocket } from '../../../src/websocket/server-socket.ts'
import type { SocketDriver } from '../../../src/websocket/socket-driver.ts'
import type { SocketHost, SocketSetup } from '../../../src/websocket/socket-host.ts'
import type { SocketHooks, SocketOptions } from '../../../src/websocket/socket-hooks.ts'
import { SocketGate } from '../../../src/websocket/socket-gate.ts'
import type { SocketLimits } from '../../../src/websocket/socket-gate.ts'
import { TopicHub } from '../../../src/websocket/topic-hub.ts'
import { concat } from './client-frame.ts'
import { parseChunks, type ParserEvent } from './parse-stream.ts'

/** A connection that keeps what is written to it. */
export class FakeConnection {
  /** What was written, as it is or, where it had to wait, as it will be read. */
  readonly #written: (readonly Uint8Array[])[] = []
  /** The pieces that each write was given. */
  readonly pieces: (readonly Uint8Array[])[] = []
  /** What happened, in order. */
  readonly log: string[] = []
  /** While true, nothing is taken. */
  isSlow = false
  queued = 0
  /** Whether nothing is read. */
  isPaused = false
  isEnded = false
  isDestroyed = false

  /** One entry a write, whether of one piece or of several. */
  get writes(): Uint8Array[] {
    return this.#written.map((pieces) => concat(...pieces))
  }

  take(pieces: readonly Uint8Array[]): void {
    this.pieces.push(pieces)
    // What is not taken at once is read later, and shows then what became of it.
    this.#written.push(this.isSlow ? pieces : [concat(...pieces)])
  }

  /** What the frames of all writes say. */
  get events(): ParserEvent[] {
    return parseChunks([concat(...this.writes)], {
      sender: 'server',
      maxPayloadBytes: 1 << 29,
      takesDeflated: true,
    })
  }

  /** Texts among the events. */
  get texts(): string[] {
    return this.events.flatMap((event) => (event[0] === 'text' ? [event[1]] : []))
  }

  clear(): void {
    this.#written.length = 0
    this.pieces.length = 0
  }
}

const DEFAULTS: Required<SocketOptions> = {
  maxPayloadBytes: 1_048_576,
  pingIntervalMs: 30_000,
  pongTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxBackpressureBytes: 1_000_000,
  backpressurePolicy: 'close',
  backpressureCloseCode: 1013,
  messagesPerSecond: 0,
  messageBurst: 0,
  bytesPerSecond: 0,
  byteBurst: 0,
  controlFramesPerSecond: 0,
  maxFragments: 0,
}

export type FakeSocket = ServerSocket<FakeConnection, SocketSetup>

/** A server without a network and with a clock of its own. */
export class FakeServer implements SocketHost<FakeConnection, SocketSetup> {
  readonly wheel: DeadlineWheel<FakeSocket> = new DeadlineWheel(0)
  readonly errors: { readonly socket: unknown; readonly error: unknown }[] = []
  closedSockets = 0
  readonly hub: TopicHub
  readonly driver: SocketDriver<FakeConnection> = {
    write: (connection, bytes) => this.#write(connection, [bytes]),
    writeAll: (connection, pieces) => this.#write(connection, pieces),
    hasLeft: (connection) => connection.queued === 0,
    queuedBytes: (connection) => connection.queued,
    pause(connection) {
      connection.isPaused = true
    },
    resume(connection) {
      connection.isPaused = false
    },
    end(connection) {
      connection.isEnded = true
      connection.log.push('end')
    },
    destroy(connection) {
      connection.isDestroyed = true
      connection.log.push('destroy')
    },
  }
  #flushes: (() => void)[] = []
  #ms = 0

  readonly gate: SocketGate
  readonly parsers = new ParserPool()

  constructor(limits: SocketLimits = {}) {
    this.hub = new TopicHub((flush) => this.#flushes.push(flush))
    const none = { maxSockets: 0, maxSocketsPerAddress: 0, messagesPerSecond: 0, bytesPerSecond: 0 }
    this.gate = new SocketGate({ ...none, ...limits }, this.hub.counters)
  }

  /** A socket whose `open` hook was called; its answer is empty. */
  open(
    hooks: SocketHooks = {},
    options: SocketOptions = {},
    compression?: CompressionSetup,
  ): { socket: FakeSocket; connection: FakeConnection } {
    const connection = new FakeConnection()
    const setup = { hooks, options: { ...DEFAULTS, ...options }, data: 'data', protocol: 'proto' }
    const socket = new ServerSocket(this, { handle: connection, setup, ip: '192.0.2.1', compression })
    socket.open(new Uint8Array(0))
    return { socket, connection }
  }

  /** Ends the turn of the event loop. */
  endTurn(): void {
    for (const flush of this.#flushes.splice(0)) flush()
  }

  /** How many flushes are scheduled. */
  get scheduled(): number {
    return this.#flushes.length
  }

  /** Lets time pass, each tick a turn of its own. */
  advance(ms: number): void {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      this.wheel.tick((this.#ms += TICK_MS))
      this.endTurn()
    }
  }

  socketError(socket: unknown, _setup: SocketSetup, error: unknown): void {
    this.errors.push({ socket, error })
  }

  socketClosed(): void {
    this.closedSockets++
  }

  #write(connection: FakeConnection, pieces: readonly Uint8Array[]): boolean {
    connection.take(pieces)
    const bytes = concat(...pieces)
    connection.log.push(`write ${bytes.length}`)
    if (connection.isSlow) connection.queued += bytes.length
    return !connection.isSlow
  }
}

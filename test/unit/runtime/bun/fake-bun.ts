import type { AcceptedUpgrade, Dispatcher } from '../../../../src/app/dispatcher.ts'
import { problemReply } from '../../../../src/http/problem.ts'
import { Reply } from '../../../../src/http/reply.ts'
import type { BunWebSocket } from '../../../../src/runtime/bun/bun-api.ts'
import { BunSocket } from '../../../../src/runtime/bun/bun-socket.ts'
import { BunTopics } from '../../../../src/runtime/bun/bun-socket-topics.ts'
import { BunWebSocketRegistry } from '../../../../src/runtime/bun/bun-web-socket-registry.ts'
import { TICK_MS } from '../../../../src/websocket/deadline-wheel.ts'
import { SocketGate, type SocketLimits } from '../../../../src/websocket/socket-gate.ts'
import type { SocketCeilings, SocketHooks, SocketOptions } from '../../../../src/websocket/socket-hooks.ts'
import type { SocketMessage } from '../../../../src/websocket/socket.ts'
import { TopicHub } from '../../../../src/websocket/topic-hub.ts'

/** A socket of Bun that keeps what it is given. */
export class FakeNative implements BunWebSocket {
  data: unknown = undefined
  binaryType: BunWebSocket['binaryType'] = 'nodebuffer'
  readonly remoteAddress = '192.0.2.1'
  readyState: 1 | 3 = 1
  /** One entry a write: what it had. */
  readonly writes: SocketMessage[][] = []
  /** Whether each message was to be compressed. */
  readonly compressed: boolean[] = []
  pings = 0
  isPaused = false
  /** While true, nothing is taken. */
  isSlow = false
  buffered = 0
  #corked: SocketMessage[] | undefined

  get texts(): string[] {
    return this.writes.flat().filter((message) => typeof message === 'string')
  }

  sendText(message: string, compress = false): number {
    return this.#send(message, compress)
  }

  sendBinary(message: Uint8Array, compress = false): number {
    return this.#send(message, compress)
  }

  ping(): number {
    this.pings++
    return 0
  }

  close(code = 1000, reason = ''): void {
    this.#end(code, reason)
  }

  terminate(): void {
    this.#end(1006, '')
  }

  cork(run: (socket: BunWebSocket) => void): void {
    this.#corked = []
    run(this)
    if (this.#corked.length > 0) this.writes.push(this.#corked)
    this.#corked = undefined
  }

  getBufferedAmount(): number {
    return this.buffered
  }

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }

  /** The peer takes everything. */
  drain(): void {
    this.isSlow = false
    this.buffered = 0
    this.#socket.drained()
  }

  send = (): number => 0
  pong = (): number => 0
  subscribe = (): boolean => true
  unsubscribe = (): boolean => true
  publish = (): number => 0

  get #socket(): BunSocket {
    return this.data as BunSocket
  }

  #send(message: SocketMessage, compress: boolean): number {
    if (this.readyState === 3) return 0
    this.compressed.push(compress)
    if (this.isSlow) this.buffered += message.length
    if (this.#corked === undefined) this.writes.push([message])
    else this.#corked.push(message)
    if (this.isSlow && this.#corked === undefined) return -1
    return message.length
  }

  /** As Bun does: it tells at once, in the middle of the call. */
  #end(code: number, reason: string): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.#socket.ended(code, reason)
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

/** The sockets of a server on Bun, without Bun. */
export class FakeBun implements Dispatcher {
  readonly hub: TopicHub = new TopicHub()
  readonly gate: SocketGate
  readonly errors: unknown[] = []
  readonly registry: BunWebSocketRegistry
  #flushes: (() => void)[] = []
  #ms: number

  constructor(limits: SocketLimits = {}) {
    const none = { maxSockets: 0, maxSocketsPerAddress: 0, messagesPerSecond: 0, bytesPerSecond: 0 }
    this.gate = new SocketGate({ ...none, ...limits }, this.hub.counters)
    this.hub.carryWith(new BunTopics(this.hub.counters, (flush) => this.#flushes.push(flush)))
    this.registry = new BunWebSocketRegistry(this)
    this.#ms = performance.now()
  }

  /** A socket whose `open` hook was called. */
  open(
    hooks: SocketHooks = {},
    options: SocketOptions = {},
    accepted: Partial<AcceptedUpgrade> = {},
  ): { socket: BunSocket; native: FakeNative } {
    const native = new FakeNative()
    const setup: AcceptedUpgrade = {
      hooks,
      options: { ...DEFAULTS, ...options },
      compression: undefined,
      data: 'data',
      protocol: 'proto',
      headers: undefined,
      route: '/',
      ...accepted,
    }
    this.gate.enter('192.0.2.1')
    const socket = new BunSocket(this.registry, setup, '192.0.2.1')
    native.data = socket
    socket.opened(native)
    return { socket, native }
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
      this.registry.wheel.tick((this.#ms += TICK_MS))
      this.endTurn()
    }
  }

  socketError(_socket: unknown, _accepted: AcceptedUpgrade, error: unknown): void {
    this.errors.push(error)
  }

  clientAddress(): string {
    return '192.0.2.1'
  }

  socketCeilings(): SocketCeilings {
    return DEFAULTS
  }

  mayUpgrade(): boolean {
    return true
  }

  dispatch(): Reply {
    return new Reply(404, null, undefined)
  }

  upgrade(): Reply {
    return this.dispatch()
  }

  errorReply(error: unknown): Reply {
    return problemReply(error)
  }
}

import type { AcceptedUpgrade } from '../../app/dispatcher.ts'
import { GoWebError } from '../../errors/goweb-error.ts'
import { assertMessage } from '../../websocket/assert-message.ts'
import { CLOSE_CODE } from '../../websocket/close-code.ts'
import { assertClose } from '../../websocket/close-payload.ts'
import { ticksOf } from '../../websocket/deadline-wheel.ts'
import { pingPayload } from '../../websocket/ping-payload.ts'
import { ReceiveBudget } from '../../websocket/receive-budget.ts'
import type { PublishOptions, SendResult, Socket, SocketMessage } from '../../websocket/socket.ts'
import { WheelEntry } from '../../websocket/wheel-entry.ts'
import type { BunWebSocket } from './bun-api.ts'
import { frameBytes, MASK_BYTES, messageBytes } from './bun-socket-bytes.ts'
import { PingMessage, type BunOutbox, type Outgoing, type TurnMember } from './bun-socket-outbox.ts'
import type { BunSocketHost } from './bun-socket-host.ts'
import type { BunTopic } from './bun-socket-topics.ts'
import { violationOf } from './bun-socket-violation.ts'
import { writeMessage, writeMessages } from './bun-socket-write.ts'

// Bits of #flags: one small integer instead of a field for each.
const CLOSING = 1 // This side has begun the closing handshake, or ends the connection.
const GONE = 2 // The connection is gone, or as good as: nothing more comes or goes.
const CLOSED = 4 // The `close` hook was called.
const AWAITS_PONG = 8 // A ping was sent and nothing received since.
const BLOCKED = 16 // Bun has bytes that the peer does not take.
const WANTS_DRAIN = 32 // `send` returned `queued`.
const PLAIN = 64 // What it sends is not compressed.
const PAUSED = 128 // Bun does not read from it.
const SHUT_DOWN = 256 // The server closes, and the hook was called.
const NOT_OPEN = CLOSING | GONE | CLOSED

/** As of `ServerSocket`: unsent bytes of one turn from which on `send` tells to wait for `drain`. */
const HIGH_WATER_BYTES = 65_536
const TOO_SLOW = 'maxBackpressureBytes exceeded'

/**
 * A socket of `Bun.serve`, with the hooks, limits and counters of a `ServerSocket`.
 *
 * Bun has the frames: the closing handshake, masks, UTF-8, pongs. This has what is around them, and what Bun has only for
 * a whole server: limits of a route, the heartbeat, topics in order with what is sent directly. It is the `data` of Bun's socket.
 */
export class BunSocket extends WheelEntry implements Socket, TurnMember {
  data: unknown
  outbox: BunOutbox | undefined = undefined
  readonly #host: BunSocketHost
  readonly #setup: AcceptedUpgrade
  readonly #ip: string
  #native: BunWebSocket | undefined = undefined
  #flags = 0
  /** Tick at which something was received last. */
  #heardAt = 0
  /** Tick at which patience for a pong ends. */
  #patience = 0
  /** What the peer may still send; there once it has sent something. */
  #budget: ReceiveBudget | undefined = undefined
  /** A list, since a set takes as much memory as all the rest. */
  #topics: BunTopic[] | undefined = undefined

  constructor(host: BunSocketHost, setup: AcceptedUpgrade, ip: string) {
    super()
    this.data = setup.data
    this.#host = host
    this.#setup = setup
    this.#ip = ip
    if (setup.compression === undefined) this.#flags = PLAIN
  }

  get protocol(): string {
    return this.#setup.protocol
  }

  get ip(): string {
    return this.#ip
  }

  get state(): 'open' | 'closing' | 'closed' {
    if ((this.#flags & NOT_OPEN) === 0) return 'open'
    return (this.#flags & CLOSED) === 0 ? 'closing' : 'closed'
  }

  get bufferedAmount(): number {
    if ((this.#flags & GONE) !== 0) return 0
    return (this.outbox?.bytes ?? 0) + (this.#native?.getBufferedAmount() ?? 0)
  }

  send(message: SocketMessage): SendResult {
    assertMessage(message)
    if ((this.#flags & NOT_OPEN) !== 0) return 'dropped'
    const { turn, hub } = this.#host
    if ((this.#flags & BLOCKED) === 0 && turn.mayPass(this)) return this.#sendNow(message)
    const bytes = frameBytes(messageBytes(message))
    if (!this.#fits(bytes)) return this.#refuse(1)
    hub.counters.messagesOut++
    hub.counters.bytesOut += bytes
    if (turn.mayPass(this)) this.#writeOne(message)
    else turn.message(this, message, bytes)
    return this.#sendResult()
  }

  cork<Result>(send: (socket: this) => Result): Result {
    return send(this)
  }

  close(code: number = CLOSE_CODE.NORMAL, reason = ''): void {
    assertClose(code, reason)
    this.#sendClose(code, reason)
  }

  terminate(): void {
    if ((this.#flags & GONE) !== 0) return
    this.#leave(CLOSING)
    this.#native?.terminate()
  }

  ping(payload: SocketMessage = ''): SendResult {
    const message = new PingMessage(pingPayload(payload))
    if ((this.#flags & NOT_OPEN) !== 0) return 'dropped'
    const bytes = frameBytes(message.payload.length)
    if (!this.#fits(bytes)) return this.#refuse(1)
    const { turn, hub } = this.#host
    hub.counters.bytesOut += bytes
    if (turn.mayPass(this)) this.#writeOne(message)
    else turn.message(this, message, bytes)
    return this.#sendResult()
  }

  subscribe(topic: string): void {
    if ((this.#flags & NOT_OPEN) !== 0) return
    const joined = this.#host.topics.join(this, topic)
    if (joined !== undefined) (this.#topics ??= []).push(joined)
  }

  unsubscribe(topic: string): void {
    const found = this.#host.topics.find(this, topic)
    if (found === undefined) return
    this.#topics?.splice(this.#topics.indexOf(found), 1)
    this.#host.topics.leave(this, found)
  }

  isSubscribed(topic: string): boolean {
    return this.#host.topics.find(this, topic) !== undefined
  }

  get topics(): string[] {
    return this.#topics === undefined ? [] : this.#topics.map((topic) => topic.name)
  }

  publish(topic: string, message: SocketMessage, options?: PublishOptions): void {
    if (options?.toSelf === true) this.#host.hub.publish(topic, message)
    else this.#host.hub.publishFrom(this, topic, message)
  }

  // What Bun tells.

  opened(native: BunWebSocket): void {
    const { turn, wheel, hub } = this.#host
    this.#native = native
    this.#heardAt = wheel.now
    hub.counters.opened++
    wheel.add(this, this.#pingTick())
    turn.current = this
    this.#run(() => this.#setup.hooks.open?.(this))
    turn.current = undefined
  }

  received(message: SocketMessage): void {
    const { turn, hub } = this.#host
    const { options, hooks } = this.#setup
    // A UTF-16 unit takes at most three bytes: mostly that fits, and counting a text costs as much as making it.
    const isExact =
      options.bytesPerSecond > 0 || this.#host.gate.isRated || message.length * 3 > options.maxPayloadBytes
    const payload = isExact ? messageBytes(message) : message.length
    const bytes = frameBytes(payload) + MASK_BYTES
    hub.counters.bytesIn += bytes
    if (!this.#mayReceive(bytes, true)) return
    if (payload > options.maxPayloadBytes) return this.#failTooLarge(payload)
    hub.counters.messagesIn++
    if (hooks.message === undefined) return
    turn.current = this
    // Written out where the others share #run: this is the path that must not make a closure.
    try {
      const result = hooks.message(this, message)
      if (typeof result === 'object' && result !== null) this.#await(result)
      else turn.current = undefined
    } catch (error) {
      turn.current = undefined
      this.#report(error)
    }
  }

  /** Bun has answered the ping. */
  pinged(payload: Uint8Array): void {
    if (!this.#mayReceive(frameBytes(payload.length) + MASK_BYTES, false)) return
    this.#boundPongs()
    const { hooks } = this.#setup
    if (hooks.ping !== undefined) this.#run(() => hooks.ping?.(this, payload))
  }

  ponged(payload: Uint8Array): void {
    if (!this.#mayReceive(frameBytes(payload.length) + MASK_BYTES, false)) return
    const { hooks } = this.#setup
    if (hooks.pong !== undefined) this.#run(() => hooks.pong?.(this, payload))
  }

  /** The peer has taken something of what waited for it. */
  drained(): void {
    if ((this.#flags & GONE) !== 0 || this.#native?.getBufferedAmount() !== 0) return
    if ((this.#flags & PAUSED) !== 0) this.#native.resume()
    this.#flags &= ~(BLOCKED | PAUSED)
    this.afterFlush()
  }

  /** Bun has no use for the connection any more: the peer has closed or lost it, or this side did. */
  ended(code: number, reason: string): void {
    if ((this.#flags & GONE) !== 0) return
    const isOwn = (this.#flags & CLOSING) !== 0
    this.#leave(GONE)
    // In the middle of our own call of close or terminate: the app must not find itself in its hook before that has returned.
    if (isOwn) {
      queueMicrotask(() => this.#finish(code, reason))
      return
    }
    const violation = violationOf(code, reason)
    if (violation === undefined) return this.#finish(code, reason)
    this.#host.hub.counters.countViolation(violation.code)
    this.#report(violation)
    this.#finish(violation.closeCode, violation.code)
  }

  /** The server closes, and so does the socket when its hook is done, unless that has closed it in another way. */
  shutDown(code: number): void {
    if ((this.#flags & (NOT_OPEN | SHUT_DOWN)) !== 0) return
    this.#flags |= SHUT_DOWN
    const pending = this.#run(() => this.#setup.hooks.shutdown?.(this))
    if (pending === undefined) return this.close(code)
    const close = (): void => this.close(code)
    pending.then(close, close)
  }

  // TurnMember

  get topicCount(): number {
    return this.#topics?.length ?? 0
  }

  hasRoomFor(bytes: number): boolean {
    return (this.#flags & GONE) === 0 && this.#fits(bytes)
  }

  miss(messages: number): void {
    if ((this.#flags & GONE) === 0) this.#refuse(messages)
  }

  write(messages: readonly Outgoing[]): void {
    if ((this.#flags & GONE) !== 0 || this.#native === undefined) return
    if (messages.length === 1) this.#writeOne(messages[0]!)
    else {
      const dropped = writeMessages(this.#native, messages, this.#threshold())
      if (this.#native.getBufferedAmount() > 0) this.#flags |= BLOCKED
      // More waits than any route allows.
      if (dropped > 0) this.#refuse(dropped)
    }
  }

  endTurn(): boolean {
    return (this.#flags & (WANTS_DRAIN | BLOCKED)) === WANTS_DRAIN
  }

  afterFlush(): void {
    if ((this.#flags & WANTS_DRAIN) === 0) return
    this.#flags &= ~WANTS_DRAIN
    const { hooks } = this.#setup
    if ((this.#flags & NOT_OPEN) === 0 && hooks.drain !== undefined) this.#run(() => hooks.drain?.(this))
  }

  // WheelEntry

  override wake(now: number): number {
    const { pingIntervalMs, pongTimeoutMs } = this.#setup.options
    if ((this.#flags & AWAITS_PONG) !== 0) {
      if (now >= this.#patience) {
        this.terminate()
        return Infinity
      }
    } else {
      const due = this.#pingTick()
      if (now < due) return due
      this.#flags |= AWAITS_PONG
      this.#patience = now + ticksOf(pongTimeoutMs)
      this.#native?.ping()
      this.#host.hub.counters.bytesOut += frameBytes(0)
    }
    return Math.min(this.#patience, now + ticksOf(pingIntervalMs))
  }

  /** Whether the peer has not sent too much; if it has, its socket is failed. */
  #mayReceive(bytes: number, isMessage: boolean): boolean {
    if ((this.#flags & NOT_OPEN) !== 0) return false
    const { wheel, gate } = this.#host
    const { options } = this.#setup
    this.#heardAt = wheel.now
    this.#flags &= ~AWAITS_PONG
    const budget = (this.#budget ??= new ReceiveBudget(options, wheel.clock))
    const excess = budget.payRead(bytes, options, this.#host)
    if (excess !== undefined) return this.#fail(excess)
    if (!(isMessage ? budget.payMessage() : budget.payControl())) {
      const what = isMessage ? 'messages' : 'control frames'
      const problem = `The peer sent more ${what} than it may in this time`
      return this.#fail(new GoWebError('SOCKET_RATE_EXCEEDED', problem))
    }
    if (gate.isRated) gate.spend(isMessage ? 1 : 0, bytes)
    return true
  }

  /** A peer that does not take its pongs is not read until it has. */
  #boundPongs(): void {
    if (this.#native!.getBufferedAmount() <= this.#setup.options.maxBackpressureBytes) return
    this.#flags |= BLOCKED | PAUSED
    this.#native!.pause()
  }

  #failTooLarge(bytes: number): void {
    const { maxPayloadBytes } = this.#setup.options
    const problem = `A message may have ${maxPayloadBytes} bytes (maxPayloadBytes), this one has ${bytes}`
    this.#fail(new GoWebError('MESSAGE_TOO_LARGE', problem))
  }

  #fail(error: GoWebError): false {
    this.#host.hub.counters.countViolation(error.code)
    this.#sendClose(error.closeCode, error.code)
    this.#report(error)
    return false
  }

  #pingTick(): number {
    const { pingIntervalMs } = this.#setup.options
    return pingIntervalMs === 0 ? Infinity : this.#heardAt + ticksOf(pingIntervalMs)
  }

  /** Messages with fewer bytes are sent as they are. */
  #threshold(): number {
    return (this.#flags & PLAIN) !== 0 ? Infinity : (this.#setup.compression?.thresholdBytes ?? Infinity)
  }

  /** For a socket for which nothing waits. */
  #sendNow(message: SocketMessage): SendResult {
    const result = writeMessage(this.#native!, message, this.#threshold())
    if (result === 0) return this.#refuse(1)
    const { counters } = this.#host.hub
    counters.messagesOut++
    // Bun has counted the bytes of what it took.
    counters.bytesOut += frameBytes(result > 1 ? result : messageBytes(message))
    if (result > 0) return 'sent'
    this.#flags |= BLOCKED | WANTS_DRAIN
    return 'queued'
  }

  #writeOne(message: Outgoing): void {
    const result = writeMessage(this.#native!, message, this.#threshold())
    if (result < 0) this.#flags |= BLOCKED
    else if (result === 0) this.#refuse(1)
  }

  /** Whether so many bytes may wait. A message always may when nothing waits before it. */
  #fits(bytes: number): boolean {
    const isBlocked = (this.#flags & BLOCKED) !== 0
    if (!isBlocked && this.outbox === undefined) return true
    const waiting = (this.outbox?.bytes ?? 0) + (isBlocked ? (this.#native?.getBufferedAmount() ?? 0) : 0)
    return waiting === 0 || waiting + bytes <= this.#setup.options.maxBackpressureBytes
  }

  /** Applies the backpressure policy. */
  #refuse(messages: number): 'dropped' {
    const { counters } = this.#host.hub
    counters.messagesDropped += messages
    const { backpressurePolicy, backpressureCloseCode } = this.#setup.options
    if (backpressurePolicy === 'close' && (this.#flags & NOT_OPEN) === 0) {
      counters.closedForBackpressure++
      this.#sendClose(backpressureCloseCode, TOO_SLOW)
    }
    return 'dropped'
  }

  #sendResult(): SendResult {
    const isFull = (this.#flags & BLOCKED) !== 0 || (this.outbox?.bytes ?? 0) >= HIGH_WATER_BYTES
    if (!isFull) return 'sent'
    this.#flags |= WANTS_DRAIN
    return 'queued'
  }

  #sendClose(code: number, reason: string): void {
    if ((this.#flags & NOT_OPEN) !== 0) return
    this.#leave(CLOSING)
    this.#host.turn.settle(this)
    this.#native?.close(code, reason)
  }

  /** Stops being open: leaves its topics. */
  #leave(flag: number): void {
    this.#flags |= flag
    if (this.#topics === undefined) return
    for (const topic of this.#topics) this.#host.topics.leave(this, topic)
    this.#topics = undefined
  }

  #finish(code: number, reason: string): void {
    this.#flags |= CLOSED
    this.#host.wheel.remove(this)
    this.#host.hub.counters.countClosed(code)
    this.#run(() => this.#setup.hooks.close?.(this, code, reason))
    this.#host.socketClosed(this)
  }

  /** A hook is under way. What it sends when it goes on in this very turn still need not wait. */
  #await(result: object): void {
    this.#watch(result)
    queueMicrotask(this.#host.turn.forgetCurrent)
  }

  /** Returns the hook's promise. */
  #run(hook: () => unknown): PromiseLike<unknown> | undefined {
    try {
      const result = hook()
      return typeof result === 'object' && result !== null ? this.#watch(result) : undefined
    } catch (error) {
      this.#report(error)
    }
  }

  #watch(result: object): PromiseLike<unknown> | undefined {
    if (!('then' in result) || typeof result.then !== 'function') return undefined
    result.then(undefined, (error: unknown) => this.#report(error))
    return result as PromiseLike<unknown>
  }

  #report(error: unknown): void {
    this.#host.socketError(this, this.#setup, error)
  }
}

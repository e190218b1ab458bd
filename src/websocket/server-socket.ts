import { GoWebError } from '../errors/goweb-error.ts'
import { assertMessage } from './assert-message.ts'
import { CLOSE_CODE } from './close-code.ts'
import { assertClose, closePayload } from './close-payload.ts'
import { ticksOf } from './deadline-wheel.ts'
import { FrameParser } from './frame-parser.ts'
import { mostFrameBytes } from './frame-writer.ts'
import { MessageDeflater, type DeflatedSocket } from './message-deflater.ts'
import { MessageInflater, type InflatedSocket } from './message-inflater.ts'
import { OPCODE } from './opcode.ts'
import type { Outbox } from './outbox.ts'
import { pingPayload } from './ping-payload.ts'
import { ReceiveBudget } from './receive-budget.ts'
import type { SliceList } from './slice-list.ts'
import type { SocketHost, SocketIdentity, SocketSetup } from './socket-host.ts'
import type { PublishOptions, SendResult, Socket, SocketMessage } from './socket.ts'
import type { Topic } from './topic-hub.ts'
import { WheelEntry } from './wheel-entry.ts'

// Bits of #flags: one small integer instead of a field for each.
const CLOSE_SENT = 1
const CLOSE_RECEIVED = 2
const PEER_ENDED = 4
const TERMINATED = 8
const CLOSED = 16
const END_AFTER_TURN = 32 // The connection is to be ended once this turn's output is written.
const ENDED = 64
const AWAITS_PONG = 128 // A ping was sent and nothing received since.
const BLOCKED = 256 // The platform has bytes that the peer does not take.
const WANTS_DRAIN = 512 // `send` returned `queued`.
const SHUT_DOWN = 1024 // The server closes, and the hook was called.
const DEAF = 2048 // What comes is ignored.
const GONE = TERMINATED | CLOSED
const NOT_OPEN = CLOSE_SENT | CLOSE_RECEIVED | PEER_ENDED | GONE

/** Unsent bytes of one turn from which on `send` tells to wait for `drain`. */
const HIGH_WATER_BYTES = 65_536
/** Reason of the close frame that the policy `close` sends. */
const TOO_SLOW = 'maxBackpressureBytes exceeded'
const EMPTY = new Uint8Array(0)

/**
 * The server's end of a WebSocket connection: RFC 6455 without I/O.
 *
 * A runtime makes it after the handshake, calls `open` once and then `receive`, `handleDrain`, `handleEnd` and `handleClose` as
 * things happen. Everything is on the prototype: an idle socket is this object and nothing else.
 */
export class ServerSocket<Handle, Setup extends SocketSetup>
  extends WheelEntry
  implements Socket, InflatedSocket, DeflatedSocket
{
  data: unknown
  readonly #host: SocketHost<Handle, Setup>
  readonly #setup: Setup
  #handle: Handle
  readonly #ip: string
  /** Only while it reads, and while a message has arrived in part; always where messages may be deflated. */
  #parser: FrameParser | undefined = undefined
  #budget: ReceiveBudget | undefined = undefined
  readonly #inflater: MessageInflater | undefined
  readonly #deflater: MessageDeflater | undefined
  #flags = 0
  #closeCode: number = CLOSE_CODE.ABNORMAL
  #closeReason = ''
  /** Tick at which something was received last. */
  #heardAt: number
  /** Tick at which patience ends, for a pong or for the end of the closing handshake. */
  #patience = 0
  #outbox: Outbox | undefined = undefined
  #topics: Set<Topic> | undefined = undefined

  constructor(host: SocketHost<Handle, Setup>, identity: SocketIdentity<Handle, Setup>) {
    super()
    this.data = identity.setup.data
    this.#host = host
    this.#setup = identity.setup
    this.#handle = identity.handle
    this.#ip = identity.ip
    this.#heardAt = host.wheel.now
    const { compression } = identity
    if (compression === undefined) return
    const budget = this.#openBudget()
    this.#parser = new FrameParser({ ...this.#setup.options, sender: 'client', takesDeflated: true, budget })
    this.#inflater = new MessageInflater(this, this.#parser, compression)
    this.#deflater = new MessageDeflater(this, host.hub.turn, compression)
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
    if ((this.#flags & CLOSED) !== 0) return 0
    return this.#unwrittenBytes() + this.#host.driver.queuedBytes(this.#handle)
  }

  send(message: SocketMessage): SendResult {
    assertMessage(message)
    const { turn, counters } = this.#host.hub
    const isUnhindered = this.#isUnhindered(message.length)
    if (!isUnhindered && ((this.#flags & NOT_OPEN) !== 0 || !this.#admitsMessage(message))) return 'dropped'
    if (this.#deflater?.send(message) !== true) turn.message(this, message)
    counters.messagesOut++
    return isUnhindered ? 'sent' : this.#sendResult()
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
    this.#stop()
    this.#leave(TERMINATED)
    this.#host.driver.destroy(this.#handle)
  }

  ping(payload: SocketMessage = EMPTY): SendResult {
    const bytes = pingPayload(payload)
    if ((this.#flags & NOT_OPEN) !== 0 || !this.#admitsMessage(bytes)) return 'dropped'
    this.#host.hub.turn.control(this, OPCODE.PING, bytes)
    return this.#sendResult()
  }

  subscribe(topic: string): void {
    if ((this.#flags & NOT_OPEN) !== 0) return
    const joined = this.#host.hub.join(this, topic)
    if (joined !== undefined) (this.#topics ??= new Set()).add(joined)
  }

  unsubscribe(topic: string): void {
    const found = this.#host.hub.find(this, topic)
    if (found === undefined) return
    this.#topics?.delete(found)
    this.#host.hub.leave(this, found)
  }

  isSubscribed(topic: string): boolean {
    return this.#host.hub.find(this, topic) !== undefined
  }

  get topics(): string[] {
    return this.#topics === undefined ? [] : Array.from(this.#topics, (topic) => topic.name)
  }

  publish(topic: string, message: SocketMessage, options?: PublishOptions): void {
    if (options?.toSelf === true) this.#host.hub.publish(topic, message)
    else this.#host.hub.publishFrom(this, topic, message)
  }

  // What the runtime calls.

  /** @param answer bytes of the handshake's answer, which leave in one write with what the `open` hook sends; undefined where there is no such hook and it was written. */
  open(answer: Uint8Array | undefined): void {
    this.#host.hub.counters.opened++
    this.#host.wheel.add(this, this.#pingTick())
    if (answer === undefined) return
    this.#host.hub.turn.raw(this, answer)
    this.#run(() => this.#setup.hooks.open?.(this))
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

  /** The connection goes on as another one; what was written to the old one has left. */
  moveTo(handle: Handle): void {
    this.#handle = handle
  }

  /** @param chunk is lent: it is changed, and nothing of it kept. */
  receive(chunk: Uint8Array): void {
    this.#heardAt = this.#host.wheel.now
    this.#flags &= ~AWAITS_PONG
    this.#host.hub.counters.bytesIn += chunk.length
    const excess = this.#openBudget().payRead(chunk.length, this.#setup.options, this.#host)
    if (excess !== undefined) {
      if ((this.#flags & DEAF) === 0) this.onViolation(excess)
    } else if (this.#inflater === undefined) this.parse(chunk, chunk.length)
    else this.#inflater.push(chunk)
  }

  parse(chunk: Uint8Array, received: number): number {
    if ((this.#flags & DEAF) !== 0) return 0
    const { gate, parsers } = this.#host
    const budget = this.#openBudget()
    const parser = (this.#parser ??= parsers.take(this.#setup.options, budget))
    const before = budget.remainingMessages
    const taken = parser.push(chunk, this)
    if (gate.isRated) gate.spend(before - budget.remainingMessages, received)
    if (this.#inflater === undefined && parser.isBetweenMessages) {
      this.#parser = undefined
      parsers.giveBack(parser)
    }
    return taken
  }

  /** The platform has taken everything after a `write` that returned false. */
  handleDrain(): void {
    this.#flags &= ~BLOCKED
    this.afterFlush()
  }

  /** The peer ended its side; what is sent in this turn still goes out before this side ends too. */
  handleEnd(): void {
    if ((this.#flags & CLOSED) !== 0 || this.#inflater?.postponesEnd() === true) return
    this.#stopParsing()
    this.#leave(PEER_ENDED)
    this.#endAfterTurn()
  }

  /** The connection is gone. */
  handleClose(): void {
    if ((this.#flags & CLOSED) !== 0) return
    this.#stop()
    this.#leave(CLOSED)
    this.#host.wheel.remove(this)
    this.#host.hub.counters.countClosed(this.#closeCode)
    this.#run(() => this.#setup.hooks.close?.(this, this.#closeCode, this.#closeReason))
    this.#host.socketClosed(this)
  }

  // FrameSink

  onMessage(message: SocketMessage): void {
    this.#host.hub.counters.messagesIn++
    const { hooks } = this.#setup
    if ((this.#flags & NOT_OPEN) !== 0 || hooks.message === undefined) return
    // Written out where the others share #run: this is the path that must not make a closure.
    try {
      const result = hooks.message(this, message)
      if (typeof result === 'object') this.#watch(result)
    } catch (error) {
      this.#report(error)
    }
  }

  onDeflated(isText: boolean, payload: Uint8Array): void {
    this.#inflater?.inflate(isText, payload)
  }

  onPing(payload: Uint8Array): void {
    if ((this.#flags & NOT_OPEN) !== 0) return
    this.#host.hub.turn.pong(this, payload, this.#fits(payload.length))
    const { hooks } = this.#setup
    if (hooks.ping !== undefined) this.#run(() => hooks.ping?.(this, payload))
  }

  onPong(payload: Uint8Array): void {
    if ((this.#flags & NOT_OPEN) === 0) this.#run(() => this.#setup.hooks.pong?.(this, payload))
  }

  onCloseFrame(code: number, reason: string): void {
    this.#closeCode = code
    this.#closeReason = reason
    this.#flags |= CLOSE_RECEIVED | DEAF
    this.#sendClose(code, '')
    this.#endAfterTurn()
  }

  onViolation(error: GoWebError): void {
    this.#stopParsing()
    this.#host.hub.counters.countViolation(error.code)
    this.#closeCode = error.closeCode
    this.#closeReason = error.code
    this.#sendClose(error.closeCode, error.code)
    // RFC 6455 section 7.1.7: the peer's close frame is not waited for.
    this.#endAfterTurn()
    this.#report(error)
  }

  // TurnSocket

  get outbox(): Outbox | undefined {
    return this.#outbox
  }

  set outbox(outbox: Outbox | undefined) {
    this.#outbox = outbox
  }

  get topicCount(): number {
    return this.#topics?.size ?? 0
  }

  get deflater(): MessageDeflater | undefined {
    return this.#deflater
  }

  admitsTopics(bytes: number, messages: number): boolean {
    return this.#fits(bytes) || this.#refuse(messages)
  }

  write(bytes: Uint8Array): boolean {
    if ((this.#flags & GONE) !== 0 || this.#deflater?.hold(bytes) === true) return false
    this.#host.hub.counters.bytesOut += bytes.length
    if (!this.#host.driver.write(this.#handle, bytes)) this.#flags |= BLOCKED
    return this.#host.driver.hasLeft(this.#handle)
  }

  writeAll(slices: SliceList): void {
    if (this.#deflater?.holdAll(slices) !== true) this.writeNow(slices.views(), slices.size)
  }

  endTurn(): boolean {
    if ((this.#flags & END_AFTER_TURN) !== 0) this.#end()
    return (this.#flags & (WANTS_DRAIN | BLOCKED)) === WANTS_DRAIN
  }

  afterFlush(): void {
    if ((this.#flags & WANTS_DRAIN) === 0 || this.#deflater?.isHolding === true) return
    this.#flags &= ~WANTS_DRAIN
    const { hooks } = this.#setup
    if ((this.#flags & NOT_OPEN) === 0 && hooks.drain !== undefined) this.#run(() => hooks.drain?.(this))
  }

  // InflatedSocket and DeflatedSocket

  pauseReading(): void {
    this.#host.driver.pause(this.#handle)
  }

  resumeReading(): void {
    this.#heardAt = this.#host.wheel.now
    this.#flags &= ~AWAITS_PONG
    this.#host.driver.resume(this.#handle)
  }

  writeNow(pieces: readonly Uint8Array[], bytes: number): void {
    if ((this.#flags & GONE) !== 0) return
    this.#host.hub.counters.bytesOut += bytes
    if (!this.#host.driver.writeAll(this.#handle, pieces)) this.#flags |= BLOCKED
  }

  afterHeld(): void {
    if ((this.#flags & END_AFTER_TURN) !== 0 && this.#outbox === undefined) this.#end()
    if ((this.#flags & BLOCKED) === 0) this.afterFlush()
  }

  deflateFailed(): void {
    this.terminate()
    this.#report(new GoWebError('INTERNAL', 'There was not enough memory to deflate a message'))
  }

  // WheelEntry

  override wake(now: number): number {
    const { pingIntervalMs, pongTimeoutMs } = this.#setup.options
    if ((this.#flags & (NOT_OPEN | AWAITS_PONG)) !== 0) {
      // While a message is inflated nothing is read, a pong least of all.
      if (now >= this.#patience && this.#inflater?.isInflating !== true) {
        this.terminate()
        return Infinity
      }
    } else {
      const due = this.#pingTick()
      if (now < due) return due
      this.#flags |= AWAITS_PONG
      this.#patience = now + ticksOf(pongTimeoutMs)
      this.#host.hub.turn.control(this, OPCODE.PING, EMPTY)
    }
    // Not only when patience ends: the pong may come soon, and the next ping be due before.
    return pingIntervalMs === 0 ? this.#patience : Math.min(this.#patience, now + ticksOf(pingIntervalMs))
  }

  #pingTick(): number {
    const { pingIntervalMs } = this.#setup.options
    return pingIntervalMs === 0 ? Infinity : this.#heardAt + ticksOf(pingIntervalMs)
  }

  /** Bytes that the platform was not given yet. */
  #unwrittenBytes(): number {
    const outbox = this.#outbox
    const direct = outbox === undefined ? 0 : this.#host.hub.turn.settleTexts(outbox).size
    return direct + (this.#deflater?.heldBytes ?? 0)
  }

  /** Whether a message just goes, with little before it: what mostly holds, found out without looking closely. */
  #isUnhindered(length: number): boolean {
    if ((this.#flags & (NOT_OPEN | BLOCKED)) !== 0 || this.#deflater !== undefined) return false
    const most = (this.#outbox?.mostBytes ?? 0) + mostFrameBytes(length)
    return most < HIGH_WATER_BYTES && most < this.#setup.options.maxBackpressureBytes
  }

  /** Whether so many bytes may wait. A message always may when nothing waits before it. */
  #fits(bytes: number): boolean {
    const isBlocked = (this.#flags & BLOCKED) !== 0
    const waiting = this.#unwrittenBytes() + (isBlocked ? this.#host.driver.queuedBytes(this.#handle) : 0)
    return waiting === 0 || waiting + bytes <= this.#setup.options.maxBackpressureBytes
  }

  #admitsMessage(message: SocketMessage): boolean {
    const bytes = typeof message === 'string' ? Buffer.byteLength(message) : message.length
    return this.#fits(bytes) || this.#refuse(1)
  }

  /** Applies the backpressure policy; false, for callers that refuse by returning it. */
  #refuse(messages: number): false {
    this.#host.hub.counters.messagesDropped += messages
    const { backpressurePolicy, backpressureCloseCode } = this.#setup.options
    if (backpressurePolicy === 'close' && (this.#flags & NOT_OPEN) === 0) {
      this.#closeCode = backpressureCloseCode
      this.#closeReason = TOO_SLOW
      this.#host.hub.counters.closedForBackpressure++
      this.#sendClose(backpressureCloseCode, TOO_SLOW)
    }
    return false
  }

  #sendResult(): SendResult {
    if ((this.#flags & BLOCKED) === 0 && this.#unwrittenBytes() < HIGH_WATER_BYTES) return 'sent'
    this.#flags |= WANTS_DRAIN
    return 'queued'
  }

  /** Sends a close frame, unless one was sent, and lets the time for the closing handshake run. */
  #sendClose(code: number, reason: string): void {
    if ((this.#flags & (CLOSE_SENT | PEER_ENDED | GONE)) !== 0) return
    this.#leave(CLOSE_SENT)
    this.#host.hub.turn.control(this, OPCODE.CLOSE, closePayload(code, reason))
  }

  /** Stops being open: leaves its topics, and is ended when the connection does not end in time. */
  #leave(flag: number): void {
    this.#flags |= flag
    if (this.#topics !== undefined) {
      for (const topic of this.#topics) this.#host.hub.leave(this, topic)
      this.#topics = undefined
    }
    this.#patience = this.#host.wheel.now + ticksOf(this.#setup.options.closeTimeoutMs)
    this.#host.wheel.move(this, this.#patience)
  }

  #endAfterTurn(): void {
    if (this.#outbox === undefined && this.#deflater?.isHolding !== true) this.#end()
    else this.#flags |= END_AFTER_TURN
  }

  #openBudget(): ReceiveBudget {
    return (this.#budget ??= new ReceiveBudget(this.#setup.options, this.#host.wheel.clock))
  }

  /** Ignores what comes from here on. */
  #stopParsing(): void {
    this.#flags |= DEAF
    this.#parser?.stop()
  }

  #stop(): void {
    this.#stopParsing()
    this.#inflater?.stop()
    this.#deflater?.stop()
  }

  #end(): void {
    if ((this.#flags & (ENDED | GONE)) !== 0 || this.#deflater?.isHolding === true) return
    this.#flags |= ENDED
    this.#host.driver.end(this.#handle)
  }

  /** Returns the hook's promise. */
  #run(hook: () => unknown): PromiseLike<unknown> | undefined {
    try {
      const result = hook()
      return typeof result === 'object' ? this.#watch(result) : undefined
    } catch (error) {
      this.#report(error)
    }
  }

  #watch(result: object | null): PromiseLike<unknown> | undefined {
    if (result === null || !('then' in result) || typeof result.then !== 'function') return undefined
    result.then(undefined, (error: unknown) => this.#report(error))
    return result as PromiseLike<unknown>
  }

  #report(error: unknown): void {
    this.#host.socketError(this, this.#setup, error)
  }
}

import { Buffer } from 'node:buffer'
import type { ErrorCode } from '../errors/codes.ts'
import { GoWebError } from '../errors/goweb-error.ts'
import { CLOSE_CODE, isCloseCode } from './close-code.ts'
import { headerSize, readLength, readUint32LE } from './frame-header.ts'
import { handedText } from './handed-text.ts'
import { advanceMask, applyMask, wordsOf } from './mask.ts'
import { MessageBody } from './message-body.ts'
import { OPCODE } from './opcode.ts'
import type { ReceiveBudget } from './receive-budget.ts'
import type { SocketMessage } from './socket.ts'
import { beginsRun, MAX_SHORT_BYTES, payloadLength, SHORT_HEADER_BYTES, unmaskRun } from './text-run.ts'
import { decodeUtf8 } from './utf8.ts'

/** Takes what a {@link FrameParser} finds, in order. */
export interface FrameSink {
  /** A whole message. */
  onMessage(message: SocketMessage): void
  /** A whole message as the peer deflated it, lent; only where the parser takes such messages. Its text is not validated. */
  onDeflated(isText: boolean, payload: Uint8Array): void
  onPing(payload: Uint8Array): void
  onPong(payload: Uint8Array): void
  /** A close frame; 1005 when it has no code. Nothing follows. */
  onCloseFrame(code: number, reason: string): void
  /** The peer broke the protocol or a limit. Nothing follows. */
  onViolation(error: GoWebError): void
}

/** How large messages may be. */
export interface MessageLimits {
  /** Largest message in bytes; 512 MiB at most. */
  readonly maxPayloadBytes: number
  /** Most fragments of a message; 0 is no limit, and the default. */
  readonly maxFragments?: number
}

/** What a {@link FrameParser} must know of the connection. */
export interface FrameParserOptions extends MessageLimits {
  /** Who sends the frames: those of a client are masked, those of a server are not (RFC 6455 section 5.1). */
  readonly sender: 'client' | 'server'
  /** What the peer may still send; without it, as much as it likes. */
  readonly budget?: ReceiveBudget | undefined
  /** Whether messages may be deflated (RFC 7692 section 6). Default: false. */
  readonly takesDeflated?: boolean
}

/** How many empty fragments one message may have before it fails with 1008; others are bounded by the payload limit. */
export const MAX_EMPTY_FRAGMENTS = 1024

/**
 * Fragments from this size on are no messages of a rate.
 *
 * Browsers divide large messages as they see fit; such fragments are bounded by the rate of bytes.
 */
export const FREE_FRAGMENT_BYTES = 1_024

const FIN = 0x80
const RSV = 0x70
const RSV1 = 0x40
const MASKED = 0x80
const MAX_CONTROL_BYTES = 125
// 2 bytes, 8 of length, 4 of mask (RFC 6455 section 5.2).
const MAX_HEADER_BYTES = 14
// Never reached, and a small integer.
const UNLIMITED_FRAGMENTS = 0x3fffffff
// V8 cannot make longer strings.
const MAX_MESSAGE_BYTES = 0x1fffffe8
const DEFLATE_OVERHEAD_BYTES = 64
const EMPTY = new Uint8Array(0)
const NOT_UTF8 = 'A text message must be UTF-8; send other data as binary'

/**
 * An incremental parser of WebSocket frames (RFC 6455 section 5); bytes in, messages out.
 *
 * It takes any division of the stream into chunks and finds the same in each. It fails at the first byte that breaks a rule: a
 * length beyond the limit before its payload is buffered, invalid UTF-8 in the middle of a frame. What it keeps between
 * calls is bounded by what has arrived of one message. Deflated messages (RFC 7692) are handed over as they came; what takes
 * them may pause the parser until they are inflated.
 */
export class FrameParser {
  readonly #isMasked: boolean
  readonly #takesDeflated: boolean
  #maxPayloadBytes: number
  #maxFragments: number
  #budget: ReceiveBudget | undefined
  #isStopped = false
  /** Stopped, or paused. */
  #isHalted = false
  /** Start of a header that a chunk cut off. */
  #header: Uint8Array | undefined = undefined
  #headerBytes = 0
  // The frame whose payload is arriving.
  #first = 0
  #mask = 0
  #remaining = 0
  /** Opcode of the message that is being assembled; 0 when there is none. */
  #opcode = 0
  #fragments = 0
  #isDeflated = false
  #emptyFragments = 0
  #body: MessageBody | undefined = undefined
  #control: MessageBody | undefined = undefined

  constructor(options: FrameParserOptions) {
    this.#isMasked = options.sender === 'client'
    this.#takesDeflated = options.takesDeflated === true
    this.#maxPayloadBytes = Math.min(options.maxPayloadBytes, MAX_MESSAGE_BYTES)
    this.#maxFragments = options.maxFragments || UNLIMITED_FRAGMENTS
    this.#budget = options.budget
  }

  /** Largest message in bytes. */
  get maxPayloadBytes(): number {
    return this.#maxPayloadBytes
  }

  /** Whether it stands between two messages, so that it knows nothing of the stream and may be given another. */
  get isBetweenMessages(): boolean {
    return !this.#isHalted && this.#opcode === 0 && this.#remaining === 0 && this.#headerBytes === 0
  }

  /** Turns to the stream of another connection, between two messages. */
  turnTo(limits: MessageLimits, budget: ReceiveBudget | undefined): void {
    this.#maxPayloadBytes = Math.min(limits.maxPayloadBytes, MAX_MESSAGE_BYTES)
    this.#maxFragments = limits.maxFragments || UNLIMITED_FRAGMENTS
    this.#budget = budget
  }

  /** Ignores everything from here on, also what is left of the chunk at hand. */
  stop(): void {
    this.#isStopped = true
    this.#isHalted = true
    this.#header = undefined
    this.#body = undefined
    this.#control = undefined
  }

  /** For a sink: lets `push` return behind the frame at hand. */
  pause(): void {
    this.#isHalted = true
  }

  /** Ends the pause; what `push` left is to be given to it again. */
  unpause(): void {
    this.#isHalted = this.#isStopped
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @param chunk is lent: it is unmasked in place, and nothing that the sink gets refers to it, except deflated messages.
   * @returns how many were taken: less than all only once it is stopped or paused.
   */
  push(chunk: Uint8Array, sink: FrameSink): number {
    const bytes =
      chunk instanceof Buffer ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const end = bytes.length
    let position = 0
    while (position < end && !this.#isHalted) {
      if (this.#remaining > 0) position = this.#takePayload(bytes, position, sink)
      else if (this.#mayTakeRun(bytes, position)) position = this.#takeRun(bytes, position, sink)
      else position = this.#takeHeader(bytes, position, sink)
    }
    return position
  }

  #mayTakeRun(bytes: Buffer, position: number): boolean {
    const isBetween = this.#opcode === 0 && this.#headerBytes === 0
    const isAllowed = this.#isMasked && this.#maxPayloadBytes >= MAX_SHORT_BYTES
    return isBetween && isAllowed && beginsRun(bytes, position)
  }

  /** Takes short text messages in a row, with one string made for all of them. */
  #takeRun(bytes: Buffer, position: number, sink: FrameSink): number {
    const result = unmaskRun(bytes, position)
    if (result === position) return this.#takeHeader(bytes, position, sink)
    const end = Math.abs(result)
    const start = position + SHORT_HEADER_BYTES
    const text = bytes.toString('latin1', start, end)
    const words = wordsOf(bytes)
    try {
      for (let at = position; at < end && !this.#isStopped;) {
        if (!(this.#budget?.payMessage() ?? true)) {
          this.#failRate(sink, 'messages')
          return end
        }
        const payload = at + SHORT_HEADER_BYTES
        at = payload + payloadLength(bytes, at)
        if (at === end && result < 0) this.#deliverText(bytes, payload, end, FIN, sink)
        else {
          const message = text.slice(payload - start, at - start)
          handedText.begin(message, words, bytes.byteOffset + payload)
          sink.onMessage(message)
        }
      }
    } finally {
      handedText.end()
    }
    return end
  }

  /** Reads a header, and with it the whole frame where the chunk has it; returns the position behind. */
  #takeHeader(bytes: Buffer, position: number, sink: FrameSink): number {
    const available = bytes.length - position
    if (this.#headerBytes > 0 || available < 2 || available < headerSize(bytes[position + 1]!)) {
      return this.#collectHeader(bytes, position, sink)
    }
    if (!this.#checkStart(bytes[position]!, bytes[position + 1]!, sink)) return position
    const payload = position + headerSize(bytes[position + 1]!)
    if (!this.#beginFrame(bytes, position, sink)) return payload
    const length = this.#remaining
    const first = this.#first
    // A frame that is here in full and is a whole message or control frame needs no assembly.
    if (first > FIN && length <= bytes.length - payload) {
      this.#remaining = 0
      const seen = this.#isMasked ? applyMask(bytes, payload, payload + length, this.#mask) : FIN
      this.#deliverWhole(first, bytes, payload, payload + length, seen, sink)
      return payload + length
    }
    if (length === 0) this.#endFrame(sink)
    return payload
  }

  /** Gathers a header that arrives in pieces, checking each part as soon as it is there. */
  #collectHeader(bytes: Buffer, position: number, sink: FrameSink): number {
    const header = (this.#header ??= new Uint8Array(MAX_HEADER_BYTES))
    let next = position
    while (next < bytes.length) {
      header[this.#headerBytes++] = bytes[next++]!
      if (this.#headerBytes < 2) continue
      if (this.#headerBytes === 2 && !this.#checkStart(header[0]!, header[1]!, sink)) return next
      if (this.#headerBytes < headerSize(header[1]!)) continue
      this.#headerBytes = 0
      this.#header = undefined
      if (this.#beginFrame(header, 0, sink) && this.#remaining === 0) this.#endFrame(sink)
      return next
    }
    return next
  }

  /** Checks what the first two bytes tell. */
  #checkStart(first: number, second: number, sink: FrameSink): boolean {
    const opcode = first & 0x0f
    if ((first & RSV) !== 0 && !this.#beginsDeflated(first)) {
      return this.#fail(
        sink,
        'FRAME_RESERVED_BITS',
        `The reserved bits must be 0, but the first byte is ${hex(first)}`,
      )
    }
    if (opcode > OPCODE.PONG || (opcode > OPCODE.BINARY && opcode < OPCODE.CLOSE)) {
      return this.#fail(sink, 'FRAME_OPCODE_UNKNOWN', `The opcode ${hex(opcode)} is reserved`)
    }
    if (second >= MASKED !== this.#isMasked) {
      const rule = this.#isMasked
        ? 'Frames of a client must be masked'
        : 'Frames of a server must not be masked'
      return this.#fail(sink, 'FRAME_MASK_INVALID', rule)
    }
    if (opcode >= OPCODE.CLOSE) {
      if (first >= FIN && (second & 0x7f) <= MAX_CONTROL_BYTES) return true
      return this.#fail(
        sink,
        'FRAME_CONTROL_INVALID',
        'Control frames must be whole and have at most 125 bytes',
      )
    }
    if ((opcode === OPCODE.CONTINUATION) === (this.#opcode === 0)) {
      const what =
        opcode === OPCODE.CONTINUATION
          ? 'A continuation came without a message to continue'
          : 'A message began inside another'
      return this.#fail(sink, 'FRAME_SEQUENCE_INVALID', what)
    }
    return true
  }

  /** Whether the reserved bits say that a deflated message begins: RSV1 alone, on its first frame (RFC 7692 section 6). */
  #beginsDeflated(first: number): boolean {
    const opcode = first & 0x0f
    return (
      this.#takesDeflated && (first & RSV) === RSV1 && (opcode === OPCODE.TEXT || opcode === OPCODE.BINARY)
    )
  }

  /** Reads length and mask of a checked, complete header and applies the limits of messages. */
  #beginFrame(header: Uint8Array, at: number, sink: FrameSink): boolean {
    const first = header[at]!
    const length = readLength(header, at)
    if (length < 0) {
      return this.#fail(sink, 'FRAME_LENGTH_INVALID', 'A length must be encoded in the shortest way')
    }
    if (length === Infinity) {
      return this.#fail(sink, 'FRAME_LENGTH_INVALID', 'The highest bit of a length must be 0')
    }
    if ((first & 0x08) === 0) {
      if (!this.#admitDataFrame(first, length, sink)) return false
    } else if (!(this.#budget?.payControl() ?? true)) return this.#failRate(sink, 'control frames')
    this.#first = first
    this.#remaining = length
    if (this.#isMasked) this.#mask = readUint32LE(header, at + headerSize(header[at + 1]!) - 4)
    return true
  }

  #admitDataFrame(first: number, length: number, sink: FrameSink): boolean {
    const opcode = first & 0x0f
    if (opcode !== OPCODE.CONTINUATION) this.#isDeflated = (first & RSV1) !== 0
    const total = length + (this.#body?.length ?? 0)
    if (total > this.#limit()) {
      return this.#fail(
        sink,
        'MESSAGE_TOO_LARGE',
        `A message may have ${this.#maxPayloadBytes} bytes (maxPayloadBytes), this one has at least ${total}`,
      )
    }
    if (opcode !== OPCODE.CONTINUATION) {
      // A whole message in one frame never shows in #opcode unless its payload is still arriving; #endFrame clears it.
      this.#opcode = opcode
      this.#fragments = 0
      this.#emptyFragments = 0
    }
    const isCounted = first >= FIN || length < FREE_FRAGMENT_BYTES
    if (isCounted && !(this.#budget?.payMessage() ?? true)) return this.#failRate(sink, 'messages')
    if (first < FIN && ++this.#fragments >= this.#maxFragments) {
      return this.#fail(sink, 'FRAGMENTS_TOO_MANY', `A message may have ${this.#maxFragments} fragments`)
    }
    if (length === 0 && first < FIN && ++this.#emptyFragments > MAX_EMPTY_FRAGMENTS) {
      return this.#fail(sink, 'FRAGMENTS_EMPTY', `A message may have ${MAX_EMPTY_FRAGMENTS} empty fragments`)
    }
    return true
  }

  /** The most that the message at hand may have on the wire. */
  #limit(): number {
    if (!this.#isDeflated) return this.#maxPayloadBytes
    // Data that cannot be compressed grows: by a byte in 20 with the least memory that zlib can be given.
    return this.#maxPayloadBytes + (this.#maxPayloadBytes >>> 3) + DEFLATE_OVERHEAD_BYTES
  }

  /** Takes what the chunk has of the current frame's payload; returns the position behind. */
  #takePayload(bytes: Buffer, position: number, sink: FrameSink): number {
    const count = Math.min(this.#remaining, bytes.length - position)
    const end = position + count
    let seen = FIN
    if (this.#isMasked) {
      seen = applyMask(bytes, position, end, this.#mask)
      this.#mask = advanceMask(this.#mask, count)
    }
    if ((this.#first & 0x08) === 0) {
      const body = (this.#body ??= new MessageBody())
      const isText = this.#opcode === OPCODE.TEXT && !this.#isDeflated
      if (isText && !body.validate(bytes, position, end, seen)) {
        this.#fail(sink, 'TEXT_NOT_UTF8', NOT_UTF8)
        return end
      }
      const limit = this.#first >= FIN ? body.length + this.#remaining : this.#limit()
      body.append(bytes, position, end, limit)
    } else {
      this.#control ??= new MessageBody()
      this.#control.append(bytes, position, end, this.#control.length + this.#remaining)
    }
    this.#remaining -= count
    if (this.#remaining === 0) this.#endFrame(sink)
    return end
  }

  /** Ends a frame that was assembled, and the message with it when it was the last. */
  #endFrame(sink: FrameSink): void {
    const first = this.#first
    if ((first & 0x08) !== 0) {
      const control = this.#control
      this.#control = undefined
      this.#deliverControl(first & 0x0f, control === undefined ? EMPTY : control.bytes(), sink)
      return
    }
    if (first < FIN) return
    const opcode = this.#opcode
    const body = this.#body
    this.#opcode = 0
    this.#body = undefined
    if (this.#isDeflated) sink.onDeflated(opcode === OPCODE.TEXT, body === undefined ? EMPTY : body.bytes())
    else if (opcode === OPCODE.BINARY) sink.onMessage(body === undefined ? new Uint8Array(0) : body.bytes())
    else if (body === undefined) sink.onMessage('')
    else if (body.isWholeText) sink.onMessage(body.text())
    else this.#fail(sink, 'TEXT_NOT_UTF8', 'A text message ended in the middle of a character')
  }

  /** Delivers a frame that needed no assembly, straight from the chunk. */
  #deliverWhole(
    first: number,
    bytes: Buffer,
    start: number,
    end: number,
    seen: number,
    sink: FrameSink,
  ): void {
    const opcode = first & 0x0f
    if ((first & RSV1) !== 0) {
      this.#opcode = 0
      sink.onDeflated(opcode === OPCODE.TEXT, bytes.subarray(start, end))
      return
    }
    if (opcode === OPCODE.TEXT) {
      this.#opcode = 0
      this.#deliverText(bytes, start, end, seen, sink)
      return
    }
    const payload = new Uint8Array(end - start)
    payload.set(bytes.subarray(start, end))
    if (opcode === OPCODE.BINARY) {
      this.#opcode = 0
      sink.onMessage(payload)
    } else this.#deliverControl(opcode, payload, sink)
  }

  #deliverText(bytes: Buffer, start: number, end: number, seen: number, sink: FrameSink): void {
    const text = seen === 0 ? bytes.toString('latin1', start, end) : decodeUtf8(bytes.subarray(start, end))
    if (text === undefined) this.#fail(sink, 'TEXT_NOT_UTF8', NOT_UTF8)
    else sink.onMessage(text)
  }

  #deliverControl(opcode: number, payload: Uint8Array, sink: FrameSink): void {
    if (opcode === OPCODE.PING) sink.onPing(payload)
    else if (opcode === OPCODE.PONG) sink.onPong(payload)
    else this.#deliverClose(payload, sink)
  }

  /** RFC 6455 section 5.5.1: no payload, or a code and a reason in UTF-8. */
  #deliverClose(payload: Uint8Array, sink: FrameSink): void {
    if (payload.length === 0) {
      this.stop()
      sink.onCloseFrame(CLOSE_CODE.NO_STATUS, '')
      return
    }
    const code = payload.length === 1 ? 0 : (payload[0]! << 8) | payload[1]!
    if (!isCloseCode(code)) {
      const what = payload.length === 1 ? 'a payload of one byte' : `the code ${code}`
      this.#fail(sink, 'CLOSE_FRAME_INVALID', `A close frame has ${what}`)
      return
    }
    const reason = payload.length === 2 ? '' : decodeUtf8(payload.subarray(2))
    if (reason === undefined) {
      this.#fail(sink, 'TEXT_NOT_UTF8', 'The reason in a close frame must be UTF-8')
      return
    }
    this.stop()
    sink.onCloseFrame(code, reason)
  }

  #failRate(sink: FrameSink, what: string): false {
    return this.#fail(sink, 'SOCKET_RATE_EXCEEDED', `The peer sent more ${what} than it may in this time`)
  }

  #fail(sink: FrameSink, code: ErrorCode, message: string): false {
    this.stop()
    sink.onViolation(new GoWebError(code, message))
    return false
  }
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

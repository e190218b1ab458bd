import { GoWebError } from '../errors/goweb-error.ts'
import type { CompressionSetup } from './compression-setup.ts'
import type { DeflateCodec, InflateRequest, InflateResult } from './deflate-codec.ts'
import type { FrameParser, FrameSink } from './frame-parser.ts'
import { SlidingWindow } from './sliding-window.ts'
import { decodeUtf8 } from './utf8.ts'

/** A socket as its inflater sees it. */
export interface InflatedSocket extends FrameSink {
  /** Lets the peer wait: nothing more is read. */
  pauseReading(): void
  /** Everything that was read is handled. */
  resumeReading(): void
  /**
   * Gives bytes to the parser.
   *
   * @param received how many of them count for the rates.
   * @returns how many were taken.
   */
  parse(chunk: Uint8Array, received: number): number
  handleEnd(): void
}

const EMPTY = new Uint8Array(0)
// A read of 64 KiB can have 8,000 messages, each of which takes 10 microseconds and more: others would have to wait for all.
const MAX_AT_ONCE_A_READ = 128

/**
 * Inflates what the peer sends (RFC 7692 section 7.2.2).
 *
 * While a message is inflated beside the event loop, nothing behind it is parsed and nothing more is read, so messages stay in
 * order and a socket never has more than one in work. It is its own request to the codec for that reason.
 */
export class MessageInflater implements InflateRequest {
  readonly windowBits: number
  readonly maxBytes: number
  payload: Uint8Array = EMPTY
  readonly #socket: InflatedSocket
  readonly #parser: FrameParser
  readonly #codec: DeflateCodec
  readonly #hasTakeover: boolean
  #window: SlidingWindow | undefined = undefined
  /** Messages that may still be inflated at once before others get their turn. */
  #atOnce = MAX_AT_ONCE_A_READ
  #isText = false
  #isInflating = false
  #isStopped = false
  #hasEnded = false
  /** What was read behind the message that is being inflated. */
  #unparsed: Uint8Array[] = []

  constructor(socket: InflatedSocket, parser: FrameParser, setup: CompressionSetup) {
    this.#socket = socket
    this.#parser = parser
    this.#codec = setup.codec
    this.#hasTakeover = setup.agreement.hasClientTakeover
    this.windowBits = setup.agreement.clientWindowBits
    this.maxBytes = parser.maxPayloadBytes
  }

  get history(): Uint8Array {
    return this.#window?.bytes ?? EMPTY
  }

  get isAtOnce(): boolean {
    return this.#atOnce > 0
  }

  /** Whether a message is inflated beside the event loop, and nothing read. */
  get isInflating(): boolean {
    return this.#isInflating
  }

  get isWanted(): boolean {
    return !this.#isStopped
  }

  /**
   * Parses a chunk now, or when what was read before it is inflated.
   *
   * @param chunk is lent.
   */
  push(chunk: Uint8Array): void {
    this.#atOnce = MAX_AT_ONCE_A_READ
    const taken = this.#isInflating ? 0 : this.#socket.parse(chunk, chunk.length)
    if (this.#isInflating && taken < chunk.length) this.#unparsed.push(new Uint8Array(chunk.subarray(taken)))
  }

  /** Inflates a message and hands it to the socket. For the sink of the parser. */
  inflate(isText: boolean, payload: Uint8Array): void {
    this.#isText = isText
    // Some clients deflate nothing to nothing, though RFC 7692 section 7.2.3.6 makes one byte of it.
    if (payload.length === 0) return this.#deliver(EMPTY)
    this.payload = payload
    const result = this.#codec.inflate(this, (late) => this.#finish(late))
    this.#atOnce--
    if (result !== undefined) return this.#deliver(result)
    this.#isInflating = true
    this.#parser.pause()
    this.#socket.pauseReading()
  }

  /** Whether the end of the connection has to wait until what came before it is handled; `handleEnd` is called then. */
  postponesEnd(): boolean {
    this.#hasEnded = this.#isInflating
    return this.#isInflating
  }

  /** Nothing more is inflated, or handed over. */
  stop(): void {
    this.#isStopped = true
    this.#unparsed = []
    this.#window = undefined
  }

  #finish(result: InflateResult): void {
    if (this.#isStopped) return
    this.#isInflating = false
    this.#atOnce = MAX_AT_ONCE_A_READ
    this.#parser.unpause()
    this.#deliver(result)
    while (this.#unparsed.length > 0 && !this.#isInflating) this.#parseFirst()
    if (this.#isInflating || this.#isStopped) return
    if (this.#hasEnded) this.#socket.handleEnd()
    else this.#socket.resumeReading()
  }

  #parseFirst(): void {
    const [chunk = EMPTY] = this.#unparsed
    const taken = this.#socket.parse(chunk, 0)
    if (this.#isInflating && taken < chunk.length) this.#unparsed[0] = chunk.subarray(taken)
    else this.#unparsed.shift()
  }

  #deliver(result: InflateResult): void {
    this.payload = EMPTY
    if (typeof result === 'string') return this.#fail(result)
    if (this.#hasTakeover) (this.#window ??= new SlidingWindow(this.windowBits)).append(result)
    const message = this.#isText ? decodeUtf8(result) : result
    if (message === undefined) return this.#fail('not UTF-8')
    this.#socket.onMessage(message)
  }

  #fail(why: 'too large' | 'invalid' | 'failed' | 'not UTF-8'): void {
    this.#parser.stop()
    this.#socket.onViolation(this.#errorOf(why))
  }

  #errorOf(why: 'too large' | 'invalid' | 'failed' | 'not UTF-8'): GoWebError {
    switch (why) {
      case 'too large':
        return new GoWebError(
          'MESSAGE_TOO_LARGE',
          `A message may have ${this.maxBytes} bytes (maxPayloadBytes), this one has more when it is inflated`,
        )
      case 'invalid':
        return new GoWebError(
          'DEFLATE_INVALID',
          'A compressed message must be whole DEFLATE blocks (RFC 7692 section 7.2.1) and stay within the agreed window',
        )
      case 'not UTF-8':
        return new GoWebError('TEXT_NOT_UTF8', 'A text message must be UTF-8; send other data as binary')
      case 'failed':
        return new GoWebError('INTERNAL', 'There was not enough memory to inflate a message')
    }
  }
}

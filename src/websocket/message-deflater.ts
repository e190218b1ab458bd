import type { CompressionSetup } from './compression-setup.ts'
import { DeflatedFrame, type DeflateProfile, type FrameHolder } from './deflated-frame.ts'
import type { TurnSocket } from './outbox.ts'
import type { SliceList } from './slice-list.ts'
import { SlidingWindow } from './sliding-window.ts'
import type { SocketMessage } from './socket.ts'
import type { TopicDeflater } from './topic-deflater.ts'
import type { Turn } from './turn.ts'

/** A socket as its deflater sees it. */
export interface DeflatedSocket extends TurnSocket {
  /** Gives bytes to the platform, past what is held. */
  writeNow(pieces: readonly Uint8Array[], bytes: number): void
  /** Nothing is held any more. */
  afterHeld(): void
  /** A message could not be deflated, and others that are under way refer to it. */
  deflateFailed(): void
}

const EMPTY = new Uint8Array(0)

/**
 * Deflates what a socket sends (RFC 7692 section 7.2.1).
 *
 * Small messages are deflated at once and go the way of all frames. For a larger one a place is held in what is written, and all that
 * is written meanwhile is kept behind it, so frames leave in the order of issue.
 *
 * With context takeover a message may refer to the messages deflated before it, as the receiver saw them. A message that is shared with
 * other sockets comes between without being known here, so after it nothing older is referred to.
 */
export class MessageDeflater implements TopicDeflater, FrameHolder {
  readonly settings: CompressionSetup['settings']
  readonly windowBits: number
  readonly codec: CompressionSetup['codec']
  /** Bytes that wait for a message to be deflated, its own included. */
  heldBytes = 0
  readonly #socket: DeflatedSocket
  readonly #turn: Turn
  readonly #hasTakeover: boolean
  #window: SlidingWindow | undefined = undefined
  /** What is to be written, in order; begins with a frame that is not ready. */
  #held: (DeflatedFrame | Uint8Array)[] = []
  #isStopped = false

  constructor(socket: DeflatedSocket, turn: Turn, { agreement, settings, codec }: CompressionSetup) {
    this.#socket = socket
    this.#turn = turn
    this.#hasTakeover = agreement.hasServerTakeover
    this.settings = settings
    this.windowBits = agreement.serverWindowBits
    this.codec = codec
  }

  /** Whether something is held. */
  get isHolding(): boolean {
    return this.#held.length > 0
  }

  isLike({ settings, windowBits, codec }: DeflateProfile): boolean {
    return settings === this.settings && windowBits === this.windowBits && codec === this.codec
  }

  get isWaiting(): boolean {
    return !this.#isStopped
  }

  /** Sends a message deflated; false when it is to be sent as it is. */
  send(message: SocketMessage): boolean {
    const { thresholdBytes } = this.settings
    // A UTF-16 unit takes at most three bytes: a short text need not be counted.
    if (message.length * (typeof message === 'string' ? 3 : 1) < thresholdBytes) return false
    const payload = typeof message === 'string' ? Buffer.from(message) : message
    if (payload.length === 0 || payload.length < thresholdBytes) return false
    const isText = typeof message === 'string'
    if (this.#mayGetShared()) this.#window = undefined
    if (payload.length > this.codec.maxBytesAtOnce) this.#sendLater(isText, payload)
    else return this.#sendAtOnce(isText, payload)
    return true
  }

  share(frame: DeflatedFrame): void {
    this.#window = undefined
    this.#hold(frame)
  }

  sentShared(): void {
    this.#window = undefined
  }

  /** Keeps bytes behind what is held; false when nothing is. */
  hold(bytes: Uint8Array): boolean {
    if (this.#held.length === 0) return false
    this.#held.push(bytes)
    this.heldBytes += bytes.length
    return true
  }

  /** The same for several pieces. */
  holdAll(slices: SliceList): boolean {
    if (this.#held.length === 0) return false
    for (const piece of slices.views()) this.hold(piece)
    return true
  }

  release(): void {
    if (this.#isStopped) return
    const pieces: Uint8Array[] = []
    let count = 0
    for (const held of this.#held) {
      if (held instanceof Uint8Array) {
        pieces.push(held)
        this.heldBytes -= held.length
      } else if (held.pieces === undefined) break
      else {
        pieces.push(...held.pieces)
        this.heldBytes -= held.payload.length
      }
      count++
    }
    if (count === 0) return
    this.#held.splice(0, count)
    this.#socket.writeNow(
      pieces,
      pieces.reduce((sum, piece) => sum + piece.length, 0),
    )
    if (this.#held.length === 0) this.#socket.afterHeld()
  }

  handleFailure(): void {
    if (this.#hasTakeover && !this.#isStopped) this.#socket.deflateFailed()
  }

  /** Forgets what is held: there is nobody to send it to. */
  stop(): void {
    this.#isStopped = true
    this.#held = []
    this.heldBytes = 0
    this.#window = undefined
  }

  /** What the next message may refer to. */
  #history(): Uint8Array {
    return this.#window?.bytes ?? EMPTY
  }

  #sendAtOnce(isText: boolean, payload: Uint8Array): boolean {
    const { level, memLevel } = this.settings
    const { windowBits } = this
    const request = { payload, history: this.#history(), windowBits, level, memLevel, isWanted: true }
    const deflated = this.codec.deflateAtOnce(request)
    if (deflated === undefined || deflated.length >= payload.length) return false
    this.#remember(payload)
    this.#turn.deflated(this.#socket, isText, deflated)
    return true
  }

  #sendLater(isText: boolean, payload: Uint8Array): void {
    // What was sent before in this turn goes first.
    this.#turn.settle()
    const frame = new DeflatedFrame({ isText, payload, history: this.#history().slice(), profile: this })
    this.#remember(payload)
    this.#hold(frame)
    frame.start()
  }

  #remember(payload: Uint8Array): void {
    if (this.#hasTakeover) (this.#window ??= new SlidingWindow(this.windowBits)).append(payload)
  }

  #hold(frame: DeflatedFrame): void {
    frame.holders.push(this)
    this.#held.push(frame)
    this.heldBytes += frame.payload.length
  }

  /** Whether messages of topics may come before or between those sent in this turn. */
  #mayGetShared(): boolean {
    const { outbox, topicCount } = this.#socket
    return (
      this.#turn.hasTopicMessages && (topicCount > 0 || (outbox !== undefined && outbox.parts.length > 0))
    )
  }
}

import { Buffer } from 'node:buffer'
import { handedText } from './handed-text.ts'
import type { HeldTexts } from './held-texts.ts'
import { OPCODE } from './opcode.ts'
import type { SliceList } from './slice-list.ts'
import type { SocketMessage } from './socket.ts'

const SLAB_BYTES = 65_536
// Binary payloads from this size on are sent as they are; copying would cost more than a further slice.
const COPY_BYTES = 16_384
const MAX_HEADER_BYTES = 10
const SHORT_HEADER_BYTES = 2
// Of UTF-8 for a UTF-16 unit.
const MAX_BYTES_A_UNIT = 3
const MAX_KEPT_VIEW_BYTES = 1_024
// Texts in a row. Encoding a row together and then again one by one takes twice as long.
const LIKELY_AFTER = 64
const FIN = 0x80
// Says that a message is deflated (RFC 7692 section 6).
const RSV1 = 0x40

/**
 * Encodes unmasked frames (RFC 6455 section 5.2) one after another into slabs of memory.
 *
 * Frames written in a row lie side by side, so that they leave as one slice. Memory is used again only when it was lent and taken
 * back: slices of it may still wait for the operating system.
 */
export class FrameWriter {
  #slab: Buffer | undefined = undefined
  /** The memory of the slab. */
  #words: DataView = new DataView(new ArrayBuffer(0))
  #used = SLAB_BYTES
  /** Where in the slab begins what is lent. */
  #lentFrom = 0
  /** Views of what was lent of this slab, by length; undefined while nothing was taken back. */
  #views: (Uint8Array | undefined)[] | undefined = undefined
  /** Of the texts that came last, up to so many as make others likely. */
  #asciiTexts = LIKELY_AFTER

  /** Whether the next texts are likely to be ASCII: it pays to hold them back for {@link texts} only if all of them are. */
  get expectsAscii(): boolean {
    return this.#asciiTexts === LIKELY_AFTER
  }

  /** Appends a message frame. Binary payloads of 16 KiB and more are not copied. */
  message(target: SliceList, message: SocketMessage, mark: number): void {
    if (typeof message === 'string') {
      if (handedText.is(message)) this.#handedText(target, message.length, mark)
      else this.#text(target, message, mark)
    } else this.#binary(target, FIN | OPCODE.BINARY, message, mark)
  }

  /**
   * Appends short texts: a frame each, but one call out of JavaScript for all of them, which is most of what a short one costs.
   *
   * Two characters between them keep the room of a header; where a byte is not a character, they are encoded one by one.
   */
  texts(target: SliceList, texts: HeldTexts, mark: number): void {
    const { joined, lengths, count } = texts
    const slab = this.#room(SHORT_HEADER_BYTES + joined.length * MAX_BYTES_A_UNIT)
    const start = this.#used
    if (slab.write(joined, start + SHORT_HEADER_BYTES) !== joined.length) {
      this.#textsOneByOne(target, texts, mark)
      return
    }
    let end = start
    for (let i = 0; i < count; i++) {
      const length = lengths[i]!
      slab[end] = FIN | OPCODE.TEXT
      slab[end + 1] = length
      end += SHORT_HEADER_BYTES + length
    }
    this.#used = end
    target.add(slab, start, end, mark)
  }

  /** Appends a frame with a message that is deflated already. */
  deflated(target: SliceList, message: { isText: boolean; payload: Uint8Array }, mark: number): void {
    this.#binary(target, firstByte(message.isText, true), message.payload, mark)
  }

  /** Appends a control frame; its payload has at most 125 bytes. */
  control(target: SliceList, opcode: number, payload: Uint8Array, mark: number): void {
    this.#binary(target, FIN | opcode, payload, mark)
  }

  /** Lends what is written from here on. What was lent before and not taken back is never used again. */
  lend(): void {
    this.#lentFrom = this.#used
  }

  /** Takes back what was written since {@link lend}: nobody reads it any more, so it is written over. */
  takeBack(): void {
    this.#used = this.#lentFrom
    this.#views ??= []
  }

  /** A view of the only slice of a list. Those of memory that is taken back each time are kept: one costs 60 ns. */
  viewOf(slices: SliceList): Uint8Array {
    const start = slices.starts[0]!
    const { size } = slices
    const isLent = start === this.#lentFrom && slices.buffers[0] === this.#slab
    if (!isLent || this.#views === undefined || size > MAX_KEPT_VIEW_BYTES) return slices.view(0)
    const kept = this.#views[size]
    if (kept?.byteOffset === start) return kept
    return (this.#views[size] = slices.view(0))
  }

  /** Memory for `size` bytes that belongs to the caller, or until {@link takeBack} when it is lent. */
  take(size: number): Buffer {
    if (size > SLAB_BYTES / 2) return Buffer.allocUnsafeSlow(size)
    const slab = this.#room(size)
    const start = this.#used
    this.#used += size
    return slab.subarray(start, this.#used)
  }

  #textsOneByOne(target: SliceList, { joined, lengths, count }: HeldTexts, mark: number): void {
    let at = 0
    for (let i = 0; i < count; i++) {
      this.#text(target, joined.slice(at, at + lengths[i]!), mark)
      at += lengths[i]! + SHORT_HEADER_BYTES
    }
    this.#asciiTexts = 0
  }

  /** The text that is being handed over, which is a short one. */
  #handedText(target: SliceList, length: number, mark: number): void {
    const slab = this.#room(SHORT_HEADER_BYTES + length)
    const start = this.#used
    const payload = start + SHORT_HEADER_BYTES
    slab[start] = FIN | OPCODE.TEXT
    slab[start + 1] = length
    handedText.copyTo(this.#words, payload, length)
    this.#used = payload + length
    target.add(slab, start, this.#used, mark)
  }

  #text(target: SliceList, text: string, mark: number): void {
    // Where even that fits, the bytes need not be counted first.
    const most = text.length * MAX_BYTES_A_UNIT
    if (most > SLAB_BYTES / 2) {
      const length = Buffer.byteLength(text)
      const frame = Buffer.allocUnsafeSlow(headerSize(length) + length)
      frame.write(text, writeHeader(frame, 0, FIN | OPCODE.TEXT, length))
      target.add(frame, 0, frame.length, mark)
      return
    }
    const slab = this.#room(MAX_HEADER_BYTES + most)
    const start = this.#used
    const guess = headerSize(text.length)
    const length = slab.write(text, start + guess)
    if (length !== text.length) this.#asciiTexts = 0
    else if (this.#asciiTexts < LIKELY_AFTER) this.#asciiTexts++
    const header = headerSize(length)
    if (header !== guess) slab.copyWithin(start + header, start + guess, start + guess + length)
    writeHeader(slab, start, FIN | OPCODE.TEXT, length)
    this.#used = start + header + length
    target.add(slab, start, this.#used, mark)
  }

  #binary(target: SliceList, first: number, payload: Uint8Array, mark: number): void {
    const { length } = payload
    const isCopied = length < COPY_BYTES
    const slab = this.#room(MAX_HEADER_BYTES + (isCopied ? length : 0))
    const start = this.#used
    let end = writeHeader(slab, start, first, length)
    if (isCopied) {
      slab.set(payload, end)
      end += length
    }
    this.#used = end
    target.add(slab, start, end, mark)
    if (!isCopied) target.add(payload, 0, length, mark)
  }

  /** The slab, a new one when the current one has less room; at most a whole slab. */
  #room(size: number): Buffer {
    if (this.#slab !== undefined && SLAB_BYTES - this.#used >= size) return this.#slab
    this.#used = this.#lentFrom = 0
    this.#views = undefined
    const slab = (this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES))
    this.#words = new DataView(slab.buffer)
    return slab
  }
}

/** More than the frame of a message can have whose text or bytes have this length. */
export function mostFrameBytes(length: number): number {
  return MAX_HEADER_BYTES + length * MAX_BYTES_A_UNIT
}

/** The header of an unmasked frame that is a whole message. */
export function messageHeader(isText: boolean, isDeflated: boolean, length: number): Uint8Array {
  const header = Buffer.allocUnsafe(headerSize(length))
  writeHeader(header, 0, firstByte(isText, isDeflated), length)
  return header
}

function firstByte(isText: boolean, isDeflated: boolean): number {
  return FIN | (isDeflated ? RSV1 : 0) | (isText ? OPCODE.TEXT : OPCODE.BINARY)
}

function headerSize(length: number): number {
  return length < 126 ? 2 : length < 65_536 ? 4 : 10
}

/** Writes a header without mask; returns the position behind it. */
function writeHeader(target: Buffer, at: number, first: number, length: number): number {
  target[at] = first
  if (length < 126) {
    target[at + 1] = length
    return at + 2
  }
  if (length < 65_536) {
    target[at + 1] = 126
    target[at + 2] = length >>> 8
    target[at + 3] = length & 0xff
    return at + 4
  }
  target[at + 1] = 127
  target.writeUInt32BE(Math.floor(length / 0x100000000), at + 2)
  target.writeUInt32BE(length >>> 0, at + 6)
  return at + 10
}

import { headerSize } from './frame-header.ts'
import type { FrameWriter } from './frame-writer.ts'
import { OPCODE } from './opcode.ts'
import { SliceList } from './slice-list.ts'
import type { TopicDeflater } from './topic-deflater.ts'
import type { TopicFrames } from './topic-frames.ts'

const EMPTY = new Uint8Array(0)
const OPCODE_BITS = 0x0f

/** The messages of a batch for sockets that compress alike: each deflated once, without reference to others. */
export class DeflatedBatch implements TopicFrames {
  readonly bytes: Uint8Array
  readonly #ends: number[] = []

  /** @param plain the sealed batch; `count` messages. */
  constructor(plain: TopicFrames, count: number, target: { deflater: TopicDeflater; writer: FrameWriter }) {
    const slices = new SliceList()
    for (let i = 0; i < count; i++) {
      const start = plain.offset(i)
      const frame = plain.bytes.subarray(start, plain.offset(i + 1))
      if (!writeDeflated(slices, frame, target.deflater, target.writer)) {
        slices.add(plain.bytes, start, start + frame.length, 0)
      }
      this.#ends.push(slices.size)
    }
    if (slices.count === 1) this.bytes = slices.view(0)
    else {
      const bytes = target.writer.take(slices.size)
      slices.copyTo(bytes, 0)
      this.bytes = bytes
    }
  }

  offset(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1]!
  }
}

/** False when the message is better sent as it is. */
function writeDeflated(
  slices: SliceList,
  frame: Uint8Array,
  { codec, settings, windowBits }: TopicDeflater,
  writer: FrameWriter,
): boolean {
  const payload = frame.subarray(headerSize(frame[1]!))
  const { length } = payload
  if (length === 0 || length < settings.thresholdBytes || length > codec.maxBytesAtOnce) return false
  const { level, memLevel } = settings
  const request = { payload, history: EMPTY, windowBits, level, memLevel, isWanted: true }
  const deflated = codec.deflateAtOnce(request)
  if (deflated === undefined || deflated.length >= length) return false
  writer.deflated(slices, { isText: (frame[0]! & OPCODE_BITS) === OPCODE.TEXT, payload: deflated }, 0)
  return true
}

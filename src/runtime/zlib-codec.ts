import {
  constants,
  deflateRaw,
  deflateRawSync,
  inflateRaw,
  inflateRawSync,
  type ZlibOptions,
} from 'node:zlib'
import type {
  DeflateCodec,
  DeflateRequest,
  InflateRequest,
  InflateResult,
} from '../websocket/deflate-codec.ts'

/** A trip to the thread pool takes about 100 microseconds; so much is inflated or deflated in less, most of the time. */
const MAX_BYTES_AT_ONCE = 16_384
/** What a small message that is inflated at once may come to before it is done beside the event loop after all. */
const MAX_INFLATED_AT_ONCE = 65_536
/** Requests being worked on beside the event loop: each holds up to 300 KB, and the thread pool has four threads. */
const MAX_RUNNING = 8
/** Parts of a message, each ended by a last block. Hardly anybody sends two; each costs a new start. */
const MAX_SEGMENTS = 64
const MIN_CHUNK_BYTES = 4_096
/** Output that is kept must not keep much more memory than it has. */
const MAX_WASTE = 4
// The tail that the sender took off (RFC 7692 section 7.2.2), and a last, empty block: only if the message ends where a block
// ends does the stream end with it.
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff)
// A match reaches at most the window less this far back (MIN_LOOKAHEAD in zlib's deflate.h).
const MIN_LOOKAHEAD = 262
const FLUSHED_BYTES = 4

/** What `info: true` makes of zlib's results; its types do not know. */
interface InflateInfo {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/** DEFLATE by `node:zlib`, with its one-shot functions: a history goes in as the dictionary. */
export class ZlibCodec implements DeflateCodec {
  readonly maxBytesAtOnce: number = MAX_BYTES_AT_ONCE
  #running = 0
  readonly #waiting: (() => void)[] = []

  inflate(request: InflateRequest, onResult: (result: InflateResult) => void): InflateResult | undefined {
    if (request.isAtOnce && request.payload.length <= MAX_BYTES_AT_ONCE) {
      const maxBytes = Math.min(request.maxBytes, MAX_INFLATED_AT_ONCE)
      const result = inflateAtOnce(new Inflation(request, maxBytes))
      if (result !== 'too large' || maxBytes === request.maxBytes) return result
    }
    const inflation = new Inflation(request, request.maxBytes)
    this.#enqueue(() => {
      if (request.isWanted) inflateBeside(inflation, (result) => this.#finish(() => onResult(result)))
      else this.#finish(() => onResult('failed'))
    })
    return undefined
  }

  deflateAtOnce(request: DeflateRequest): Uint8Array | undefined {
    try {
      return withoutTail(deflateRawSync(request.payload, deflateOptions(request)))
    } catch {
      return undefined
    }
  }

  deflate(request: DeflateRequest, onResult: (payload: Uint8Array | undefined) => void): void {
    const options = deflateOptions(request)
    this.#enqueue(() => {
      if (!request.isWanted) return this.#finish(() => onResult(undefined))
      deflateRaw(request.payload, options, (error, bytes) => {
        this.#finish(() => onResult(error === null ? withoutTail(bytes) : undefined))
      })
    })
  }

  #enqueue(work: () => void): void {
    if (this.#running >= MAX_RUNNING) this.#waiting.push(work)
    else {
      this.#running++
      work()
    }
  }

  #finish(tell: () => void): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#running--
    else queueMicrotask(next)
    tell()
  }
}

/** A message that is being inflated, segment by segment; there is more than one only where a last block is not the end. */
class Inflation {
  readonly maxBytes: number
  readonly #request: InflateRequest
  #input: Uint8Array
  #segments: Uint8Array[] = []
  #length = 0

  constructor(request: InflateRequest, maxBytes: number) {
    const { payload } = request
    this.maxBytes = maxBytes
    this.#request = request
    this.#input = new Uint8Array(payload.length + TAIL.length)
    this.#input.set(payload)
    this.#input.set(TAIL, payload.length)
  }

  get input(): Uint8Array {
    return this.#input
  }

  get options(): ZlibOptions & { info: boolean } {
    const { history, windowBits } = this.#request
    const before = this.#segments.length === 0 ? history : Buffer.concat([history, ...this.#segments])
    const dictionary = before.subarray(-(2 ** windowBits))
    return {
      info: true,
      windowBits,
      chunkSize: this.#input.length * MAX_WASTE < MIN_CHUNK_BYTES ? MIN_CHUNK_BYTES : MAX_BYTES_AT_ONCE,
      // There is no way to ask for nothing; `add` checks again.
      maxOutputLength: Math.max(1, this.maxBytes - this.#length),
      ...(dictionary.length > 0 && { dictionary }),
    }
  }

  /** Takes a segment; undefined when there is another one. */
  add({ buffer, engine }: InflateInfo): InflateResult | undefined {
    this.#length += buffer.length
    if (this.#length > this.maxBytes) return 'too large'
    this.#segments.push(buffer)
    if (engine.bytesWritten < this.#input.length) {
      if (this.#segments.length >= MAX_SEGMENTS) return 'invalid'
      this.#input = this.#input.subarray(engine.bytesWritten)
      return undefined
    }
    if (this.#segments.length > 1) return Buffer.concat(this.#segments)
    return buffer.length * MAX_WASTE < buffer.buffer.byteLength ? new Uint8Array(buffer) : buffer
  }
}

function inflateAtOnce(inflation: Inflation): InflateResult {
  try {
    for (;;) {
      // With `info` it returns the engine too.
      const info = inflateRawSync(inflation.input, inflation.options) as unknown as InflateInfo
      const result = inflation.add(info)
      if (result !== undefined) return result
    }
  } catch (error) {
    return failureOf(error)
  }
}

function inflateBeside(inflation: Inflation, onResult: (result: InflateResult) => void): void {
  inflateRaw(inflation.input, inflation.options, (error, info) => {
    if (error !== null) return onResult(failureOf(error))
    const result = inflation.add(info as unknown as InflateInfo)
    if (result === undefined) inflateBeside(inflation, onResult)
    else onResult(result)
  })
}

function failureOf(error: unknown): InflateResult {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ERR_BUFFER_TOO_LARGE') return 'too large'
  // Z_BUF_ERROR: the stream does not end with the input.
  return code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR' || code === 'Z_NEED_DICT' ? 'invalid' : 'failed'
}

/**
 * No more window and memory than the message needs: setting them up is most of the work for a small one.
 *
 * zlib makes 9 of a window of 8 bits, which is as good: with 9 its matches reach 2^9 - 262 = 250 bytes back.
 */
function deflateOptions({ payload, history, windowBits, level, memLevel }: DeflateRequest): ZlibOptions {
  const reach = bitsFor(payload.length + history.length + MIN_LOOKAHEAD)
  return {
    level,
    windowBits: Math.max(9, Math.min(windowBits, reach)),
    memLevel: Math.max(1, Math.min(memLevel, bitsFor(payload.length) - 6)),
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(history.length > 0 && { dictionary: history }),
  }
}

/** The least power of two that is no less. */
function bitsFor(size: number): number {
  return 32 - Math.clz32(size - 1)
}

function withoutTail(flushed: Buffer): Uint8Array {
  return flushed.subarray(0, flushed.length - FLUSHED_BYTES)
}

import { toBytes } from '../../http/body-stream.ts'
import { cancelBody } from '../body/cancel-body.ts'
import type { Encoder, EncoderStream } from './encoders.ts'

/** A body that comes piece by piece. */
export type StreamedBody = ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>

interface Source {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>
  cancel(): void
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined }

/**
 * Encodes a streamed body as it is read.
 *
 * One piece of the source is asked for at a time, and only when the reader asks, so backpressure holds. When the source pauses, even
 * for a turn of the event loop, what was encoded so far is flushed, so that nothing waits for the next piece. The encoder is
 * made on the first read and freed at the end, on an error and, at once, when the reader leaves.
 */
export class EncodedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #body: StreamedBody
  readonly #encoder: Encoder
  #source: Source | undefined
  #stream: EncoderStream | undefined
  #output: Uint8Array[] = []
  #arrived: { readonly done?: boolean | undefined; readonly value?: unknown } | undefined
  #failure: { readonly error: unknown } | undefined
  #isPulling = false
  #isBusy = false
  #hasUnflushed = false
  #isFlushScheduled = false
  #isClosed = false
  #wake: (() => void) | undefined

  constructor(body: StreamedBody, encoder: Encoder) {
    this.#body = body
    this.#encoder = encoder
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const value = this.#output.shift()
      if (value !== undefined) return { done: false, value }
      if (this.#failure !== undefined) {
        this.#close()
        throw this.#failure.error
      }
      if (this.#isClosed) return DONE
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      if (!this.#isBusy) this.#proceed()
      await woken
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    this.#output = []
    this.#close()
    return DONE
  }

  #proceed(): void {
    const stream = (this.#stream ??= this.#open())
    const arrived = this.#arrived
    if (arrived !== undefined) {
      this.#arrived = undefined
      this.#isBusy = true
      if (arrived.done === true) stream.end()
      else this.#write(stream, arrived.value)
      return
    }
    if (!this.#isPulling) this.#pull()
    if (this.#hasUnflushed && !this.#isFlushScheduled) {
      this.#isFlushScheduled = true
      setImmediate(() => this.#flushIfIdle(stream))
    }
  }

  #write(stream: EncoderStream, value: unknown): void {
    let bytes: Uint8Array
    try {
      bytes = toBytes(value)
    } catch (error) {
      this.#fail(error)
      return
    }
    stream.write(bytes, () => {
      this.#isBusy = false
      this.#hasUnflushed = true
      this.#wake?.()
    })
  }

  #pull(): void {
    this.#isPulling = true
    const pull = async (): Promise<void> => {
      try {
        this.#arrived = await (this.#source ??= sourceOf(this.#body)).next()
        this.#isPulling = false
        this.#wake?.()
      } catch (error) {
        this.#fail(error)
      }
    }
    void pull()
  }

  #flushIfIdle(stream: EncoderStream): void {
    this.#isFlushScheduled = false
    if (this.#isBusy || this.#isClosed || this.#arrived !== undefined || !this.#hasUnflushed) return
    this.#isBusy = true
    this.#hasUnflushed = false
    stream.flush(this.#encoder.flushKind, () => {
      this.#isBusy = false
      this.#wake?.()
    })
  }

  #open(): EncoderStream {
    const stream = this.#encoder.createStream()
    stream.on('data', (chunk: Uint8Array) => {
      if (this.#isClosed) return
      this.#output.push(chunk)
      this.#wake?.()
    })
    stream.on('end', () => {
      this.#isClosed = true
      this.#wake?.()
    })
    stream.on('error', (error) => this.#fail(error))
    return stream
  }

  #fail(error: unknown): void {
    if (this.#isClosed) return
    this.#failure ??= { error }
    this.#wake?.()
  }

  #close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stream?.destroy()
    if (this.#source === undefined) cancelBody(this.#body)
    else this.#source.cancel()
    this.#wake?.()
  }
}

function sourceOf(body: StreamedBody): Source {
  if (body instanceof ReadableStream) {
    const reader = body.getReader()
    return {
      next: () => reader.read(),
      cancel: () => void reader.cancel().catch(ignore),
    }
  }
  const iterator = body[Symbol.asyncIterator]()
  return {
    next: () => iterator.next(),
    cancel: () => void endIterator(iterator).catch(ignore),
  }
}

async function endIterator(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.()
}

function ignore(): void {}

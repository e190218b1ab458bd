import { toBytes } from '../../http/body-stream.ts'
import { cancelBody } from '../body/cancel-body.ts'
import type { Encoder, EncoderStream } from './encoders.ts'

/** A body that comes piece by piece. */
export type StreamedBody = ReadableStream<Uint8Array> | AsyncIterable<string | Uint8Array>

interface Piece {
  readonly done?: boolean | undefined
  readonly value?: unknown
}

interface Source {
  next(): Promise<Piece>
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
  /** What the source gave, until the encoder can take it; an error waits for what came before it. */
  #arrived: Piece | { readonly error: unknown } | undefined
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
      const failure = this.#failure
      if (failure !== undefined) {
        this.#failure = undefined
        this.#close()
        throw failure.error
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
    if (this.#arrived !== undefined) {
      this.#takeArrived(stream, this.#arrived)
      return
    }
    if (!this.#isPulling) this.#pull()
    if (this.#hasUnflushed && !this.#isFlushScheduled) {
      this.#isFlushScheduled = true
      setImmediate(() => {
        this.#isFlushScheduled = false
        const isIdle = !this.#isBusy && !this.#isClosed && this.#arrived === undefined
        if (isIdle && this.#hasUnflushed) this.#flush(stream)
      })
    }
  }

  #takeArrived(stream: EncoderStream, arrived: Piece | { readonly error: unknown }): void {
    if ('error' in arrived && this.#hasUnflushed) {
      this.#flush(stream)
      return
    }
    this.#arrived = undefined
    if ('error' in arrived) this.#fail(arrived.error)
    else if (arrived.done === true) {
      this.#isBusy = true
      stream.end()
    } else this.#write(stream, arrived.value)
  }

  #write(stream: EncoderStream, value: unknown): void {
    let bytes: Uint8Array
    try {
      bytes = toBytes(value)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#isBusy = true
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
      } catch (error) {
        this.#arrived = { error }
      }
      this.#isPulling = false
      this.#wake?.()
    }
    void pull()
  }

  #flush(stream: EncoderStream): void {
    this.#isBusy = true
    this.#hasUnflushed = false
    stream.flush(this.#encoder.flushKind, () => {
      // What was flushed is told in ticks that follow; an error that waits must not come before it.
      setImmediate(() => {
        this.#isBusy = false
        this.#wake?.()
      })
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

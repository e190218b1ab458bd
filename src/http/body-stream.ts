import { GoWebError, isGoWebError } from '../errors/goweb-error.ts'
import type { ReplyBody } from './reply.ts'

const encoder = new TextEncoder()

/**
 * Makes a stream of an iterable that is read only as fast as the stream is.
 *
 * Strings are encoded in UTF-8, empty chunks skipped. When the reader leaves, the iterator's `return()` is called once,
 * so that a `finally` in a generator runs; it is not waited for, since a generator answers only at its next `yield`.
 * What the iterable throws errors the stream.
 */
export function iterableToStream(iterable: AsyncIterable<string | Uint8Array>): ReadableStream<Uint8Array> {
  let iterator: AsyncIterator<string | Uint8Array> | undefined
  let isOver = false
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        iterator ??= iterable[Symbol.asyncIterator]()
        for (;;) {
          let step: IteratorResult<string | Uint8Array>
          try {
            step = await iterator.next()
          } catch (error) {
            isOver = true
            throw error
          }
          if (isOver) return
          if (step.done === true) {
            isOver = true
            controller.close()
            return
          }
          let chunk: Uint8Array
          try {
            chunk = toBytes(step.value)
          } catch (error) {
            isOver = true
            closeIterator(iterator)
            throw error
          }
          if (chunk.byteLength > 0) {
            controller.enqueue(chunk)
            return
          }
        }
      },
      cancel() {
        if (isOver) return
        isOver = true
        if (iterator === undefined) closeUnread(iterable)
        else closeIterator(iterator)
      },
    },
    { highWaterMark: 0 },
  )
}

/**
 * One chunk of a streamed body as bytes.
 *
 * @throws `REPLY_UNSUPPORTED` for anything but a string or `Uint8Array`.
 */
export function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return encoder.encode(chunk)
  if (chunk instanceof Uint8Array) return chunk
  throw new GoWebError(
    'REPLY_UNSUPPORTED',
    `A chunk of a streamed body must be a string or Uint8Array, not ${chunk === null ? 'null' : typeof chunk}`,
  )
}

/**
 * Gives up a body that will not be sent (HEAD, 204, 304, a reply that was replaced), so that its source closes.
 *
 * Never throws or rejects.
 */
export function discardBody(body: ReplyBody): void {
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return
  try {
    if (body instanceof ReadableStream) {
      if (!body.locked) body.cancel().catch(ignore)
    } else {
      closeUnread(body)
    }
  } catch {
    // An iterable that cannot even be asked for its iterator has nothing to close.
  }
}

/**
 * Passes a request body through and fails it beyond a limit.
 *
 * Errors of the source become `BODY_ABORTED`; leaving early cancels the source.
 */
export function limitStream(
  source: ReadableStream<Uint8Array>,
  limitBytes: number,
): ReadableStream<Uint8Array> {
  let received = 0
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        reader ??= source.getReader()
        for (;;) {
          const step = await readChunk(reader)
          if (step === undefined) {
            controller.close()
            return
          }
          received += step.byteLength
          if (received > limitBytes) {
            const error = bodyTooLarge(limitBytes)
            reader.cancel(error).catch(ignore)
            throw error
          }
          if (step.byteLength > 0) {
            controller.enqueue(step)
            return
          }
        }
      },
      cancel(reason) {
        return reader === undefined ? source.cancel(reason) : reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}

/**
 * Reads a whole request body.
 *
 * @throws `BODY_TOO_LARGE` beyond the limit, the source cancelled, and `BODY_ABORTED` when the source fails.
 */
export async function collectStream(
  source: ReadableStream<Uint8Array>,
  limitBytes: number,
): Promise<Uint8Array> {
  const reader = source.getReader()
  const chunks: Uint8Array[] = []
  let total = 0
  for (let chunk = await readChunk(reader); chunk !== undefined; chunk = await readChunk(reader)) {
    total += chunk.byteLength
    if (total > limitBytes) {
      const error = bodyTooLarge(limitBytes)
      reader.cancel(error).catch(ignore)
      throw error
    }
    chunks.push(chunk)
  }
  const only = chunks[0]
  return chunks.length === 1 && only !== undefined ? only : concatenate(chunks, total)
}

/** The body of a request that has none. */
export function emptyStream(): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.close()
    },
  })
}

function concatenate(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const whole = new Uint8Array(total)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.byteLength
  }
  return whole
}

/** The next chunk, undefined at the end; `BODY_ABORTED` when the source fails. */
export async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<Uint8Array | undefined> {
  let step: { done: boolean; value?: Uint8Array | undefined }
  try {
    step = await reader.read()
  } catch (cause) {
    // Bodies that are passed from one app to another have failed with their own code already.
    throw isGoWebError(cause) ? cause : new GoWebError('BODY_ABORTED', undefined, { cause })
  }
  if (step.done) return undefined
  if (step.value instanceof Uint8Array) return step.value
  const error = new GoWebError('BODY_ABORTED', 'The request body must be a stream of bytes')
  reader.cancel(error).catch(ignore)
  throw error
}

export function bodyTooLarge(limitBytes: number): GoWebError {
  return new GoWebError('BODY_TOO_LARGE', `The body is over the limit of ${limitBytes} bytes`)
}

/** Closes an iterable that nobody has begun to read. */
function closeUnread(iterable: AsyncIterable<unknown>): void {
  // The iterator of a Node stream is a generator, whose return() does nothing before its first next().
  if ('destroy' in iterable && typeof iterable.destroy === 'function') iterable.destroy()
  else closeIterator(iterable[Symbol.asyncIterator]())
}

/** Tells an iterator that nobody reads on; not waited for, never throws. */
export function closeIterator(iterator: AsyncIterator<unknown>): void {
  try {
    Promise.resolve(iterator.return?.()).catch(ignore)
  } catch {
    // A synchronous throw of return() has nobody to go to: the reader has left.
  }
}

function ignore(): void {}
